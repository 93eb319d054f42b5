// Behind the facade: one connection's octets through greeting, handshake and traffic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "protocol/command.hpp"
#include "protocol/connection.hpp"
#include "protocol/frame_decoder.hpp"
#include "protocol/handshake.hpp"
#include "protocol/protected_frames.hpp"
#include "protocol/traffic_sender.hpp"

namespace ferry::protocol
{

class connection_state
{
public:
    connection_state(connection_options options, time_point now);

    void receive(std::span<const std::byte> octets, time_point now);
    event_kind next_event(event& out);
    bool next_message(message& out) noexcept { return flows_ && decoder_.next_message(out); }
    whole_messages next_messages(std::uint32_t most) noexcept
    {
        return flows_ ? decoder_.next_messages(most) : whole_messages();
    }
    std::size_t unconsumed() const noexcept { return input_.size() + decoder_.unconsumed().size(); }
    std::span<std::byte> direct_buffer();
    void received_directly(std::size_t size, time_point now);
    bool is_ready() const noexcept { return phase_ == phase::traffic; }
    bool takes_encoded() const noexcept { return is_ready() && sender_.takes_encoded(); }
    void send(message&& m)
    {
        if (phase_ != phase::traffic || !sender_.send_small(m))
            send_any(std::move(m));
    }
    std::size_t output_size() const noexcept { return sender_.size(); }
    std::span<const std::span<const std::byte>> next_output(std::size_t max_buffers);
    void written(std::size_t size);
    void shrink() noexcept { sender_.encoder().shrink(); }
    std::optional<time_point> deadline() const noexcept;
    void on_deadline(time_point now);
    void set_reading_paused(bool paused, time_point now);
    const security::authentication_request* pending_authentication() const noexcept;
    void authenticated(const security::authentication_reply& reply, time_point now);

private:
    enum class phase : std::uint8_t
    {
        handshake,
        traffic,
        closed,
    };

    /// What is needed until the ready event was told, and not afterwards.
    struct introduction
    {
        introduction(connection_options&& from, frame_encoder& out);

        connection_options options;
        handshake machine;
        std::optional<time_point> ends;
    };
    /// What there is only where a mechanism protects the traffic.
    struct protection
    {
        std::unique_ptr<security::mechanism> mechanism;
        protected_frames frames;
    };

    event_kind advance(event& out);
    void continue_handshake();
    bool take_greeting();
    void take_handshake_frame(decoded_kind kind, const message& frame);
    void become_ready();
    void check_handshake();

    event_kind next_introduction(event& out);
    event_kind next_traffic(event& out);
    decoded_kind next_frame(message& body);
    decoded_kind open(message& body);
    event_kind take_end(event& out) noexcept;
    event_kind on_command(std::span<const std::byte> body, event& out);
    event_kind on_subscription(const command_view& command, event& out);
    void on_ping(const command_view& command);
    void on_heartbeat(heartbeat_action due);

    void send_any(message&& m);
    void fail(std::error_code error, std::string_view reason = {}) noexcept;
    bool peer_is_old() const noexcept;

    phase phase_ = phase::handshake;
    bool flows_ = false;  // in traffic, and a message is nothing special: see next_message()
    bool publishes_;
    bool paused_ = false;
    bool ready_due_ = false;  // events not yet fetched
    bool catch_all_due_ = false;
    bool end_due_ = false;
    dialect speaks_ = dialect::zmtp_3_1;
    frame_decoder decoder_;
    traffic_sender sender_;
    std::unique_ptr<introduction> introduction_;
    std::unique_ptr<protection> protection_;
    heartbeat heartbeat_;

    time_point now_{};                  // of the octets that are being taken apart
    std::span<const std::byte> input_;  // not yet handed to the decoder
    std::error_code error_;             // why it is, or will be, closed
    std::string reason_;
};

}  // namespace ferry::protocol
