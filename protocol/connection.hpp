// The facade of the protocol: receive / next_event / send / next_output / deadline. One connection
// to one peer, in one dialect of ZMTP, without I/O, threads or a clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include <ferry/message.hpp>
#include <ferry/socket_type.hpp>

#include "protocol/events.hpp"
#include "protocol/frame_decoder.hpp"
#include "protocol/heartbeat.hpp"
#include "protocol/security/mechanism.hpp"

namespace ferry::protocol
{

struct connection_options
{
    socket_type type = socket_type::pair;  ///< our own
    std::string routing_id{};              ///< announced by REQ, DEALER and ROUTER; may be empty
    peer_properties::list properties{};    ///< further metadata to announce (X-...)
    /// Announce ourselves as this minor version of ZMTP 3: 1 or 0.
    std::uint8_t minor_version = 1;
    std::uint64_t max_message_size = unlimited;  ///< octets; of a frame and of the whole message
    bool limit_frames_only = false;              ///< that of a message is not bounded then
    std::size_t max_message_frames = 1'000'000;
    std::size_t max_handshake_size = 64 * 1024;             ///< octets of one handshake frame
    duration handshake_timeout = std::chrono::seconds{30};  ///< zero: none
    heartbeat_options heartbeat{};
    /// Makes the security mechanism of this connection; null: NULL.
    std::shared_ptr<const security::mechanism_factory> mechanism{};
    /// Bodies up to this size are copied into the output arena, larger ones referenced.
    std::size_t copy_limit = 2048;

    static constexpr std::uint64_t unlimited = UINT64_MAX;
};

class connection_state;

/// One connection. Octets from the stream go in by receive(), events come out by next_event();
/// messages go in by send(), octets for the stream come out by next_output(). Every call may make
/// both events and output available. After a closed event nothing is sent or received any more
/// (output made before it, such as an ERROR command, should still be written).
///
/// Errors: running out of memory closes the connection (errc::out_of_memory). Only the constructor
///         and send() throw std::bad_alloc instead; send() has then sent nothing, or of a run that had
///         to be taken apart the first messages.
class connection
{
public:
    connection(connection_options options, time_point now);
    ~connection();
    connection(connection&&) noexcept;
    connection& operator=(connection&&) noexcept;

    // --- octets in -------------------------------------------------------------------------
    /// Hands over octets that arrived. They must stay in place until next_event() has answered
    /// `none`; only then may receive() be called again.
    void receive(std::span<const std::byte> octets, time_point now);
    /// The next event. What out.body held is lost, also when the event carries no message.
    /// Answers out.kind.
    event_kind next_event(event& out);
    /// The next event, if it is a message of data that lies there whole: the usual case in traffic,
    /// in few steps. Replaces `out`. False when next_event() has to look, and then it has to be
    /// asked before anything else is received; `out` may have changed.
    [[nodiscard]] bool next_message(message& out) noexcept;
    /// Messages of data that lie there whole, one behind the other, as they came: at most `most` of
    /// them, and only such as next_message() takes. Their octets are where receive() found them.
    [[nodiscard]] whole_messages next_messages(std::uint32_t most) noexcept;
    /// Octets handed over by receive() and not taken apart yet.
    [[nodiscard]] std::size_t unconsumed() const noexcept;
    /// Where the stream may read straight into: the rest of a large body on its way. Empty when
    /// the next octets should go through receive(). Valid until the next call of receive(),
    /// next_event(), direct_buffer() or received_directly(): what happens while the read is under
    /// way (send, a deadline, a finished write) does not move it.
    [[nodiscard]] std::span<std::byte> direct_buffer();
    /// Tells that `size` octets were read into direct_buffer(); then call next_event().
    void received_directly(std::size_t size, time_point now);

    // --- messages out ----------------------------------------------------------------------
    /// Whether send() may be called: the handshake is done and the connection is open.
    [[nodiscard]] bool is_ready() const noexcept;
    /// Whether send() passes runs of encoded messages on as they are; otherwise it takes them apart.
    [[nodiscard]] bool takes_encoded() const noexcept;
    /// Encodes a message, or a subscription record in the peer's dialect; or sends a run of encoded
    /// messages (detail::encoded_run). Leaves `m` empty, except for a record.
    void send(message&& m);
    /// Octets encoded and not yet written.
    [[nodiscard]] std::size_t output_size() const noexcept;
    /// All output so far as a gather list, valid until the next non-const call other than
    /// receive() and next_event(): while a write runs, reading goes on; what these make the
    /// connection say (PONG, READY) is appended behind.
    /// At most `max_buffers` elements; empty when there is nothing to write.
    [[nodiscard]] std::span<const std::span<const std::byte>> next_output(
        std::size_t max_buffers = 64);
    /// Tells that the first `size` octets of the output were written: they are forgotten. send()
    /// may not be called between next_output() and written().
    void written(std::size_t size);
    /// Frees all memory that holds nothing: for a connection that fell silent. What next_output()
    /// showed is valid no longer.
    void shrink() noexcept;

    // --- time ------------------------------------------------------------------------------
    /// When on_deadline() wants to be called; empty: not at all. Changes with every other call.
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;
    /// May make output (a PING) or a closed event (handshake_timed_out, heartbeat_timed_out).
    void on_deadline(time_point now);
    /// While the driver does not read, by its own choice (back-pressure), silence of the peer
    /// proves nothing: its timeouts are suspended. Peers that sent PINGs get unasked PONGs
    /// meanwhile, so that they do not give us up.
    void set_reading_paused(bool paused, time_point now);

    // --- security --------------------------------------------------------------------------
    /// What the mechanism wants to know about the peer (ZAP, RFC 27) and waits for: not null after
    /// next_event() has answered `none` in the handshake of such a mechanism. NULL never asks.
    [[nodiscard]] const security::authentication_request* pending_authentication() const noexcept;
    /// The answer, whenever it comes; then call next_event().
    void authenticated(const security::authentication_reply& reply, time_point now);

private:
    std::unique_ptr<connection_state> state_;
};

}  // namespace ferry::protocol
