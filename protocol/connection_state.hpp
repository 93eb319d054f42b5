// Behind the facade: one connection's octets through greeting, handshake and traffic.
#pragma once

#include <cstddef>
#include <cstdint>
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
    std::span<std::byte> direct_buffer();
    void received_directly(std::size_t size, time_point now);
    bool is_ready() const noexcept { return phase_ == phase::traffic; }
    void send(message&& m);
    std::size_t output_size() const noexcept { return sender_.size(); }
    std::span<const std::span<const std::byte>> next_output(std::size_t max_buffers);
    void written(std::size_t size);
    void shrink() noexcept { sender_.encoder().shrink(); }
    std::optional<time_point> deadline() const noexcept;
    void on_deadline(time_point now);
    void set_reading_paused(bool paused, time_point now);
    const security::authentication_request* pending_authentication() const noexcept;
    void authenticated(const security::authentication_reply& reply, time_point now);
    const std::optional<handshake_result>& result() const noexcept { return result_; }

private:
    enum class phase : std::uint8_t
    {
        handshake,
        traffic,
        closed,
    };

    event_kind advance(event& out);
    void continue_handshake();
    bool take_greeting();
    void take_handshake_frame();
    void become_ready();
    void check_handshake();

    event_kind next_introduction(event& out);
    event_kind next_traffic(event& out);
    bool next_frame();
    event_kind take_end(event& out) noexcept;
    event_kind on_command(std::span<const std::byte> body, event& out);
    event_kind on_subscription(const command_view& command, event& out);
    void on_ping(const command_view& command);
    void on_heartbeat(heartbeat_action due);

    void fail(std::error_code error, std::string_view reason = {}) noexcept;
    bool publishes() const noexcept;
    bool peer_is_old() const noexcept;

    connection_options options_;
    traffic_sender sender_;
    frame_decoder decoder_;
    handshake handshake_;
    std::optional<protected_frames> protection_;
    heartbeat heartbeat_;
    std::optional<time_point> handshake_ends_;
    std::optional<handshake_result> result_;

    phase phase_ = phase::handshake;
    bool paused_ = false;
    bool ready_due_ = false;  // events not yet fetched
    bool catch_all_due_ = false;
    bool end_due_ = false;
    time_point now_{};                  // of the octets that are being taken apart
    std::span<const std::byte> input_;  // not yet handed to the decoder
    decoded decoded_;
    std::error_code error_;
    std::string reason_;
};

}  // namespace ferry::protocol
