// A mechanism that only a test would trust: it asks about the peer, and hides traffic by adding one
// to every octet. It shows that the seam of protocol/security carries what PLAIN and CURVE need.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ferry/error.hpp>

#include "protocol/command.hpp"
#include "protocol/security/mechanism.hpp"
#include "tests/support/octets.hpp"

namespace ferry::test
{

/// A frame's body under it: a flags octet (01 MORE, 02 COMMAND), then every octet plus one.
inline octet_vector hidden(unsigned flags, const octet_vector& body)
{
    octet_vector result = integer(flags, 1);
    for (const std::byte octet : body)
        result.push_back(static_cast<std::byte>(std::to_integer<unsigned>(octet) + 1));
    return result;
}

class pretend_protection final : public protocol::security::traffic_protection
{
public:
    [[nodiscard]] std::size_t overhead() const noexcept override { return 1; }
    [[nodiscard]] message protect(std::span<const std::byte> body, bool more, bool command) override
    {
        const octet_vector copy(body.begin(), body.end());
        return message(
            std::span<const std::byte>(hidden((more ? 1u : 0u) | (command ? 2u : 0u), copy)));
    }
    [[nodiscard]] protocol::security::unprotected_frame unprotect(
        std::span<const std::byte> body) override
    {
        protocol::security::unprotected_frame result;
        if (body.empty() || std::to_integer<unsigned>(body[0]) > 3)
        {
            result.error = protocol_errc::malformed_command;
            return result;
        }
        octet_vector clear;
        for (const std::byte octet : body.subspan(1))
            clear.push_back(static_cast<std::byte>(std::to_integer<unsigned>(octet) - 1));
        result.more = (body[0] & std::byte{1}) != std::byte{0};
        result.command = (body[0] & std::byte{2}) != std::byte{0};
        result.body = message(std::span<const std::byte>(clear));
        return result;
    }
};

/// A server: HELLO name -> asks -> WELCOME; INITIATE metadata -> READY metadata. Answers other than
/// 200: 300 ends without a word, the others with ERROR.
class pretend_server final : public protocol::security::mechanism
{
public:
    using status_type = protocol::security::mechanism_status;

    explicit pretend_server(std::vector<std::byte> metadata) : metadata_(std::move(metadata)) {}

    std::optional<std::vector<std::byte>> produce() override
    {
        return std::exchange(next_, std::nullopt);
    }
    std::error_code consume(std::span<const std::byte> command) override
    {
        const auto parsed = protocol::parse_command(command);
        if (parsed && parsed->name == "HELLO" && !request_ && !welcome_)
        {
            request_.emplace();
            request_->mechanism = "PRETEND";
            request_->credentials.emplace_back(
                reinterpret_cast<const char*>(parsed->data.data()), parsed->data.size());
            return {};
        }
        if (parsed && parsed->name == "INITIATE" && welcome_ && !peer_metadata_)
        {
            peer_metadata_.emplace(parsed->data.begin(), parsed->data.end());
            next_ = protocol::make_ready(metadata_);
            return {};
        }
        return protocol::why_not_in_handshake(parsed);
    }
    status_type status() const noexcept override
    {
        if (request_)
            return status_type::authenticating;
        return peer_metadata_ ? status_type::ready : status_type::handshaking;
    }
    std::optional<std::span<const std::byte>> peer_metadata() const override
    {
        return peer_metadata_;
    }
    std::optional<std::vector<std::byte>> refuse(std::string_view) override { return std::nullopt; }
    std::string_view reason() const noexcept override { return {}; }
    const protocol::security::authentication_request* request() const noexcept override
    {
        return request_ ? &*request_ : nullptr;
    }
    std::error_code authenticated(const protocol::security::authentication_reply& reply) override
    {
        request_.reset();
        if (reply.status == 200)
        {
            welcome_ = true;
            next_ = protocol::make_command("WELCOME", {});
            return {};
        }
        if (reply.status != 300)
            next_ = protocol::make_error(std::to_string(reply.status));
        return protocol_errc::authentication_failed;
    }
    protocol::security::traffic_protection* protection() noexcept override { return &protection_; }

private:
    std::vector<std::byte> metadata_;
    std::optional<std::vector<std::byte>> next_;
    std::optional<protocol::security::authentication_request> request_;
    bool welcome_ = false;
    std::optional<std::vector<std::byte>> peer_metadata_;
    pretend_protection protection_;
};

class pretend_factory final : public protocol::security::mechanism_factory
{
public:
    [[nodiscard]] std::string_view name() const noexcept override { return "PRETEND"; }
    [[nodiscard]] bool admits_old_peers() const noexcept override { return false; }
    [[nodiscard]] std::unique_ptr<protocol::security::mechanism> make(
        protocol::security::mechanism_setup setup) const override
    {
        return std::make_unique<pretend_server>(std::move(setup.metadata));
    }
};

}  // namespace ferry::test
