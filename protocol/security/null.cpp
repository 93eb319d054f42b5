#include "protocol/security/null.hpp"

#include <utility>

#include <ferry/error.hpp>

#include "protocol/command.hpp"

namespace ferry::protocol::security
{

namespace
{

class null_mechanism final : public mechanism
{
public:
    explicit null_mechanism(mechanism_setup setup) : own_metadata_(std::move(setup.metadata)) {}

    std::optional<std::vector<std::byte>> produce() override
    {
        if (ready_sent_)
            return std::nullopt;
        ready_sent_ = true;
        return make_ready(own_metadata_);
    }

    std::error_code consume(std::span<const std::byte> command) override
    {
        const auto parsed = parse_command(command);
        if (parsed && parsed->kind == command_kind::error)
            return take_error(parsed->data);
        if (!parsed || parsed->kind != command_kind::ready || peer_metadata_)
            return why_not_in_handshake(parsed);
        peer_metadata_.emplace(parsed->data.begin(), parsed->data.end());
        return {};
    }

    mechanism_status status() const noexcept override
    {
        return ready_sent_ && peer_metadata_ ? mechanism_status::ready
                                             : mechanism_status::handshaking;
    }

    std::optional<std::span<const std::byte>> peer_metadata() const override
    {
        return peer_metadata_;
    }

    std::optional<std::vector<std::byte>> refuse(std::string_view reason) override
    {
        return make_error(reason);
    }

    std::string_view reason() const noexcept override { return reason_; }
    const authentication_request* request() const noexcept override { return nullptr; }
    std::error_code authenticated(const authentication_reply&) override { return {}; }
    traffic_protection* protection() noexcept override { return nullptr; }

private:
    std::error_code take_error(std::span<const std::byte> data)
    {
        const auto reason = parse_error(data);
        if (!reason)
            return protocol_errc::malformed_command;
        reason_ = *reason;
        return protocol_errc::error_received;
    }

    std::vector<std::byte> own_metadata_;
    bool ready_sent_ = false;
    std::optional<std::vector<std::byte>> peer_metadata_;
    std::string reason_;
};

}  // namespace

std::unique_ptr<mechanism> null_factory::make(mechanism_setup setup) const
{
    return std::make_unique<null_mechanism>(std::move(setup));
}

}  // namespace ferry::protocol::security
