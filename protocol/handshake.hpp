// Greeting, mechanism, READY: one table-driven state machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ferry/message.hpp>
#include <ferry/socket_type.hpp>

#include "protocol/events.hpp"
#include "protocol/frame_encoder.hpp"
#include "protocol/greeting.hpp"
#include "protocol/security/mechanism.hpp"

namespace ferry::protocol
{

struct handshake_options
{
    socket_type type = socket_type::pair;
    std::string routing_id{};
    peer_properties::list properties{};
    std::uint8_t minor_version = 1;
    std::shared_ptr<const security::mechanism_factory> mechanism{};  ///< null: NULL
};

/// From the first octet to the moment when both sides may send messages. What it has to say goes
/// straight into the encoder of the connection.
class handshake
{
public:
    enum class state : std::uint8_t
    {
        greeting,   ///< receive() wants octets
        identity,   ///< an old peer: on_frame() wants its routing id
        mechanism,  ///< on_frame() wants commands
        ready,
        failed,  ///< error()
    };

    /// Sends the signature.
    handshake(handshake_options options, frame_encoder& out);

    /// Takes octets of the greeting and returns how many were its own. When it leaves the state
    /// `greeting`, frames follow: first_frame() and then the octets not taken.
    std::size_t receive(std::span<const std::byte> octets, frame_encoder& out);
    /// Takes the body of a frame, whatever its flags were.
    void on_frame(std::span<const std::byte> body, frame_encoder& out);
    /// Takes the answer to request().
    void on_authenticated(const security::authentication_reply& reply, frame_encoder& out);

    [[nodiscard]] state current() const noexcept { return state_; }
    [[nodiscard]] std::error_code error() const noexcept { return error_; }
    /// What the peer's ERROR said, if that is what ended it.
    [[nodiscard]] std::string_view reason() const noexcept;

    /// Once the greeting is over.
    [[nodiscard]] dialect speaks() const noexcept { return greeting_.peer().speaks; }
    /// Octets already taken which are the start of a 1.0 peer's first frame.
    [[nodiscard]] std::span<const std::byte> first_frame() const noexcept;
    /// What the mechanism wants to know about the peer, and waits for; null: nothing.
    [[nodiscard]] const security::authentication_request* request() const noexcept;

    /// Once ready.
    [[nodiscard]] const handshake_result& result() const noexcept { return result_; }
    [[nodiscard]] handshake_result take_result() noexcept { return std::move(result_); }
    /// Once ready: what protects the traffic; null: nothing does.
    [[nodiscard]] security::traffic_protection* protection() const noexcept;
    /// The owner of protection(), for whoever goes on using it.
    [[nodiscard]] std::unique_ptr<security::mechanism> take_mechanism() noexcept
    {
        return std::move(mechanism_);
    }

private:
    enum class input : std::uint8_t
    {
        greeted_without_version,  // 1.0
        greeted_old,              // revision 0, 2.0
        greeted,                  // 3.x
        frame,
        answer,   // about the peer's credentials
        secured,  // the mechanism is through
    };
    struct transition;
    static const transition transitions[];

    // What a transition works with; which of it there is depends on the input.
    struct occasion
    {
        frame_encoder& out;
        std::span<const std::byte> frame = {};
        const security::authentication_reply* reply = nullptr;
    };

    void on(input what, const occasion& with);
    std::error_code send_identity_octets(const occasion& with);
    std::error_code send_identity_frame(const occasion& with);
    std::error_code take_identity(const occasion& with);
    std::error_code start_mechanism(const occasion& with);
    std::error_code take_command(const occasion& with);
    std::error_code take_answer(const occasion& with);
    std::error_code take_result(const occasion& with);

    std::error_code go_on(std::error_code outcome, const occasion& with);
    std::error_code check_peer(const occasion& with);
    void send_commands(const occasion& with);
    [[nodiscard]] bool is_secured() const noexcept;

    handshake_options options_;
    greeting_exchange greeting_;
    std::unique_ptr<security::mechanism> mechanism_;
    peer_properties::list granted_;  // what the answer about the peer's credentials added
    state state_ = state::greeting;
    bool peer_checked_ = false;
    std::error_code error_;
    handshake_result result_;
};

}  // namespace ferry::protocol
