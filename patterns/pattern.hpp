// What every socket type implements: attach, detach, send, receive, ready.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ferry/error.hpp>
#include <ferry/message.hpp>
#include <ferry/socket_type.hpp>

#include "patterns/pipe.hpp"

namespace ferry::patterns
{

/// Why a message was given up although nobody got an error for it.
enum class drop_reason : std::uint8_t
{
    no_subscriber,     ///< PUB, XPUB: nobody wants the topic
    subscriber_full,   ///< PUB, XPUB, XSUB: that peer's queue was full
    unroutable,        ///< ROUTER: no peer of that id
    peer_full,         ///< ROUTER, REP: that peer's queue was full
    peer_gone,         ///< REP: the requester left
    not_subscribed,    ///< SUB: the publisher sent what was not asked for
    malformed,         ///< REP, REQ, ROUTER: no envelope
    stale_reply,       ///< REQ: a reply to a request given up, or from the wrong peer
    unexpected_input,  ///< a type that never receives got a message
    conflated,         ///< replaced by a newer one
    disconnected,      ///< queued for, or unread from, a peer that went away
};
inline constexpr std::size_t drop_reason_count = 11;

/// What a call into a pattern leaves to be done once the socket's lock is gone. The caller (the
/// socket's core) drains it after every call.
struct effects
{
    wake_list wakes;                 ///< run without the lock
    std::vector<message> discarded;  ///< destroyed without the lock: deleters are user code
    std::vector<std::shared_ptr<pipe_end>>
        refused;  ///< peers to be disconnected (PAIR's second, a duplicate
                  ///< id, the loser of a handover, whom a STREAM
                  ///< let go); already detached
    std::vector<std::shared_ptr<pipe_end>>
        finished;  ///< closed by the peer and drained; already detached
    std::array<std::uint64_t, drop_reason_count>
        drops{};  ///< counts only grow; the core never resets them

    void drop(drop_reason why, message&& m)
    {
        ++drops[static_cast<std::size_t>(why)];
        discarded.push_back(std::move(m));
    }
    /// Of a message for or from that peer.
    void drop(drop_reason why, message&& m, pipe_end& peer)
    {
        peer.add_drops(1);
        drop(why, std::move(m));
    }
};

/// The options that patterns obey. Names and meaning: ferry/options.hpp.
struct pattern_options
{
    std::string routing_id = {};
    bool router_mandatory = false;
    bool router_handover = false;
    bool req_correlate = false;
    bool req_relaxed = false;
    bool probe_router = false;
    bool xpub_verbose = false;   ///< pass every subscribe on
    bool xpub_verboser = false;  ///< pass every subscribe and every unsubscribe on
    bool xpub_manual = false;
    bool xpub_manual_last_value = false;  ///< the next message goes to whom subscribe was for
    bool xpub_no_drop = false;
    bool invert_matching = false;
    bool only_first_subscribe = false;
    message xpub_welcome_message = {};  ///< no frame: none
    std::uint32_t random_seed = 0;      ///< start of request ids and generated routing ids
};

/// How a pipe came to be.
struct attachment
{
    bool initiated_here = false;  ///< by connect (true) or bind
    std::string connect_routing_id =
        {};  ///< ROUTER, STREAM: the id to know this peer by, whatever it says; empty: none
    bool is_raw = false;  ///< ROUTER: the peer speaks no ZMTP, as those of a STREAM
};

/// What the handshake told, each time a connection for the pipe completes it.
struct peer_info
{
    std::string routing_id = {};  ///< the peer's Identity; empty: it has none
    socket_type type = socket_type::pair;
};

/// An ordinary result; `code` is set only with failed. Small enough for a register.
struct outcome
{
    enum class status : std::uint8_t
    {
        done,
        would_block,
        failed,
    };
    /// An errc or none: as a std::error_code, but no larger than it must be.
    class reason
    {
    public:
        reason() noexcept = default;
        reason(errc why) noexcept : why_(why) {}
        operator std::error_code() const noexcept
        {
            return why_ == errc{} ? std::error_code() : std::error_code(why_);
        }
        explicit operator bool() const noexcept { return why_ != errc{}; }
        friend bool operator==(reason a, reason b) noexcept { return a.why_ == b.why_; }

    private:
        errc why_{};
    };
    status what = status::done;
    reason code;

    [[nodiscard]] static outcome done() noexcept { return {}; }
    [[nodiscard]] static outcome would_block() noexcept { return {status::would_block, {}}; }
    [[nodiscard]] static outcome failed(errc code) noexcept { return {status::failed, code}; }
    [[nodiscard]] bool is_done() const noexcept { return what == status::done; }
};

/// One socket type's rules. Pure: no clock, no thread, no random source. The caller holds the
/// socket's lock during every call; a pattern never blocks and calls nobody but its pipes.
///
/// A pipe's life: attach (once), then connected and disconnected in turn while the connection
/// behind it comes and goes (an accepted or inproc pipe is connected once), then either detach by
/// the socket's own wish, or peer_closed, after which unread input stays readable and the
/// pattern reports the pipe in effects::finished when it is drained (or at once, if it does not
/// read). Calls about a pipe that was never attached, or is refused, finished or detached, are
/// ignored: wake-ups come late.
class pattern
{
public:
    virtual ~pattern() = default;

    virtual void attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how) = 0;
    /// The handshake is done: identity known, traffic may flow; none of this connection's has been
    /// published yet. SUB and XSUB write all their subscriptions (pipe.generation() is already the
    /// new connection's); the welcome message and the probe go out here. PUB and XPUB forget what
    /// the lost connection had subscribed to, if there was one: the new peer tells its own.
    virtual void connected(pipe_end& pipe, const peer_info& peer) = 0;
    /// The connection was lost and will be tried again; the pipe and its queue stay.
    virtual void disconnected(pipe_end& pipe) = 0;
    /// The socket gives the peer up: unread input is dropped and counted. The pattern forgets
    /// the pipe; closing it is the caller's business.
    virtual void detach(pipe_end& pipe) = 0;
    /// The other end closed the pipe.
    virtual void peer_closed(pipe_end& pipe) = 0;
    /// Input is back on a pipe whose reader slept.
    virtual void readable(pipe_end& pipe) = 0;
    /// Room is back on a pipe that refused.
    virtual void writable(pipe_end& pipe) = 0;

    /// Takes the message (empty afterwards) or leaves it untouched: would_block, failed.
    [[nodiscard]] virtual outcome send(message& m) = 0;
    /// send() of a message of one frame, of which only the octets are there. False, and nothing was done, where it has
    /// to be made first: the usual answer.
    [[nodiscard]] virtual bool send_octets(std::span<const std::byte> body);
    /// Replaces `m`, or leaves it untouched: would_block, failed.
    [[nodiscard]] virtual outcome receive(message& m) = 0;
    /// Whether send, or receive, would not answer would_block now. False where the state forbids
    /// the call. May prefetch.
    [[nodiscard]] virtual bool can_send() = 0;
    [[nodiscard]] virtual bool can_receive() = 0;
    /// What send would answer to a message that begins with this frame; nothing is sent.
    [[nodiscard]] virtual outcome check_send(std::string_view first_frame);

    /// SUB, and XPUB in manual mode. Others: errc::not_supported.
    [[nodiscard]] virtual std::error_code subscribe(std::string_view topic);
    [[nodiscard]] virtual std::error_code unsubscribe(std::string_view topic);
    /// PUB, XPUB: how many peers a message of this topic would go to now. Others: 0.
    [[nodiscard]] virtual std::size_t subscribers(std::string_view topic);

    /// STREAM: the id of the peer that was attached last by connect. Others: empty.
    [[nodiscard]] virtual std::string last_connect_routing_id() const;

    virtual void set_options(const pattern_options& options) = 0;
};

/// The pattern of a type. `results` outlives it.
[[nodiscard]] std::unique_ptr<pattern> make_pattern(
    socket_type type, const pattern_options& options, effects& results);

}  // namespace ferry::patterns
