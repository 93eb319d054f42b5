// PING/PONG/TTL deadlines from a time passed in. RFC 37 "Connection Heartbeating".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "protocol/events.hpp"

namespace ferry::protocol
{

/// How one connection watches its peer, and asks to be watched.
///
/// libzmq: ZMQ_HEARTBEAT_IVL, ZMQ_HEARTBEAT_TIMEOUT, ZMQ_HEARTBEAT_TTL.
struct heartbeat_options
{
    duration interval{0};  ///< between our PINGs; zero, the default: none are sent
    duration timeout{-1};  ///< patience after a PING; negative: the interval; zero: for ever
    /// How long the peer shall wait for us. Travels in tenths of a second, rounded down, at most
    /// 65.5 s (libzmq miscounts above); zero asks for nothing.
    duration ttl{0};
};

enum class heartbeat_action : std::uint8_t
{
    none,
    send_ping,  ///< a PING with wire_ttl()
    send_pong,  ///< a PONG nobody asked for: we do not read, and the peer must not give us up
    close,      ///< the peer fell silent past our timeout, or past its own TTL
};

/// When to send a PING, and when to give the peer up. Starts with the end of the handshake. Knows
/// neither octets nor a clock: every call says what happened, and when.
class heartbeat
{
public:
    /// Never acts: old peers, and connections whose handshake goes on.
    heartbeat() = default;
    heartbeat(const heartbeat_options& options, time_point now);

    /// Anything at all arrived: the peer is alive.
    void on_received() noexcept;
    /// A PING arrived; the answer is the caller's business. A TTL above zero starts a countdown
    /// which whatever arrives next stops (as libzmq does it).
    void on_ping(std::uint16_t ttl_deciseconds, time_point now) noexcept;
    /// A PONG arrived: the time since the PING that it answers, or empty if none awaits an answer. Where
    /// more PINGs than one are on their way, only the first of them is measured.
    std::optional<duration> on_pong(time_point now) noexcept;

    /// While reading is paused the peer's silence proves nothing: no deadline of its own passes.
    /// Our PINGs go on. A peer that sent PINGs gets PONGs unasked, two in the time it lets pass
    /// between its PINGs. When reading goes on, a countdown that was running starts anew.
    void set_reading_paused(bool paused, time_point now) noexcept;

    /// When on_deadline() has something to do; empty: never.
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;
    /// What is due now, one action per call: call until it answers none.
    heartbeat_action on_deadline(time_point now) noexcept;

    /// The TTL that our PINGs carry.
    [[nodiscard]] std::uint16_t wire_ttl() const noexcept;

private:
    void note_ping_spacing(time_point now) noexcept;
    void note_ping_sent(time_point now) noexcept;

    heartbeat_options options_;
    duration peer_ttl_{0};  // of the last PING
    std::optional<time_point> next_ping_;
    std::optional<time_point> give_up_;     // our timeout
    std::optional<time_point> ttl_ends_;    // the peer's TTL
    std::optional<time_point> next_pong_;   // unasked ones, while reading is paused
    std::optional<time_point> unanswered_;  // when the PING that is measured left, until its PONG
    unsigned sent_since_ = 0;               // PINGs after it,
    unsigned to_skip_ = 0;                  // and those whose PONGs come first
    std::optional<time_point> last_ping_;   // of the peer, or the start of a fair measurement
    std::optional<duration> ping_spacing_;  // of the peer
    bool paused_ = false;
};

}  // namespace ferry::protocol
