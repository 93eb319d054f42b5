// What a socket and its peers have carried, queued, dropped and gone through: snapshots in numbers.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <ferry/detail/export.hpp>
#include <ferry/socket_type.hpp>

namespace ferry
{

/// Why a message was given up although no call failed.
///
/// Values are part of the ABI: append, never renumber.
enum class drop_reason : std::uint8_t
{
    no_subscriber,     ///< PUB, XPUB: nobody wants the topic. XSUB: there is no peer
    subscriber_full,   ///< PUB, XPUB, XSUB: that peer's queue was full
    unroutable,        ///< ROUTER: no peer of that id
    peer_full,         ///< ROUTER, REP: that peer's queue was full
    peer_gone,         ///< REP: the requester left
    not_subscribed,    ///< SUB: the publisher sent what was not asked for
    malformed,         ///< REP, REQ: no envelope
    stale_reply,       ///< REQ: a reply to a request given up, or from the wrong peer
    unexpected_input,  ///< a type that never receives got a message
    conflated,         ///< replaced by a newer one
    disconnected,      ///< queued for, or unread from, a peer that went away
};
inline constexpr std::size_t drop_reason_count = 11;

/// The name, "subscriber_full"; never empty.
[[nodiscard]] FERRY_API const char* to_string(drop_reason why) noexcept;

/// Why a stream that stood never became a peer.
///
/// Values are part of the ABI: append, never renumber.
enum class handshake_failure : std::uint8_t
{
    timed_out,           ///< it took longer than handshake_timeout
    connection_lost,     ///< the peer closed the stream, or the stream failed
    incompatible_type,   ///< its socket type cannot talk to ours
    mechanism_mismatch,  ///< its security mechanism is not ours
    not_authenticated,   ///< the mechanism refused it
    refused_by_peer,     ///< it sent ERROR
    refused_here,        ///< we do not want it: PAIR's second peer, a routing id in use
    broke_protocol,      ///< anything else that ZMTP does not allow
    other,               ///< of our own making: out of memory
};
inline constexpr std::size_t handshake_failure_count = 9;

/// The name, "timed_out"; never empty.
[[nodiscard]] FERRY_API const char* to_string(handshake_failure why) noexcept;

/// One connection of a socket: never used again in the socket's life, and never 0. A connection
/// that is lost and made anew is another one.
enum class peer_id : std::uint64_t
{
};

/// What was sent and received.
///
/// Unit and range: messages are whole messages, of any number of frames. Bytes are those of their frames:
///                 the bodies, and the header of each frame, 2 octets, or 9 where the body has more than 255
///                 (inproc, which has no headers, counts the same). Subscriptions, heartbeats and handshakes are
///                 not counted; subscriptions from peers older than ZMTP 3.1, which come as messages, are. Of raw
///                 peers, the octets and nothing else; their notices are not counted.
struct traffic_stats
{
    std::uint64_t messages_sent = 0;  ///< given to the stream; inproc: put into the peer's queue
    std::uint64_t bytes_sent = 0;
    std::uint64_t messages_received = 0;  ///< arrived, taken by receive or not
    std::uint64_t bytes_received = 0;
};

/// What waits, in messages. The most that ever did is looked at when the connection takes or brings a batch, and when
/// there is no room: what came and went between two looks may have been a little more.
struct queue_stats
{
    std::size_t to_send = 0;          ///< accepted by send, and not yet taken by the connection
    std::size_t most_to_send = 0;     ///< the most that ever waited for one peer; see send_hwm
    std::size_t to_receive = 0;       ///< arrived, and not yet received
    std::size_t most_to_receive = 0;  ///< the most that ever waited of one peer; see receive_hwm
};

/// A socket since it was made. See socket_base::stats.
struct socket_stats
{
    traffic_stats traffic;  ///< of all connections there ever were
    queue_stats queued;     ///< of all peers, with or without a connection now
    std::array<std::uint64_t, drop_reason_count> drops{};  ///< messages, by drop_reason
    std::size_t peers = 0;                                 ///< connected now
    std::uint64_t connections = 0;                         ///< handshakes that succeeded, of these:
    std::uint64_t reconnects = 0;  ///< connections made again by an endpoint that had lost one
    std::array<std::uint64_t, handshake_failure_count> handshake_failures{};
    std::size_t given_up = 0;  ///< what close() returns; 0 before

    [[nodiscard]] std::uint64_t dropped(drop_reason why) const noexcept
    {
        return drops[static_cast<std::size_t>(why)];
    }
    /// socket_base::dropped_messages() at that moment.
    [[nodiscard]] std::uint64_t dropped() const noexcept
    {
        std::uint64_t sum = 0;
        for (const std::uint64_t each : drops)
            sum += each;
        return sum;
    }
    [[nodiscard]] std::uint64_t failed(handshake_failure why) const noexcept
    {
        return handshake_failures[static_cast<std::size_t>(why)];
    }
};

/// A peer since its connection was made. See socket_base::peers.
struct peer_stats
{
    peer_id id{};
    std::string endpoint;  ///< as given to bind or connect, wildcards resolved
    std::string
        peer_address;        ///< the stream's other end, "tcp://127.0.0.1:40312"; empty for inproc
    int native_handle = -1;  ///< see peer_properties::native_handle
    std::optional<socket_type>
        type;                ///< empty where a peer older than ZMTP 2.0 did not say, or a raw one
    std::string routing_id;  ///< as announced; empty: none
    std::uint8_t zmtp_major = 0;  ///< 0 for inproc and raw peers, which do not speak it
    std::uint8_t zmtp_minor = 0;
    std::chrono::system_clock::time_point connected_since;  ///< the end of the handshake
    traffic_stats traffic;
    queue_stats queued;
    std::uint64_t drops = 0;  ///< messages for or from this peer that were given up
    /// From our last PING that was answered to its PONG. Empty while there is none: see
    /// socket_options::heartbeat_interval.
    std::optional<std::chrono::nanoseconds> heartbeat_round_trip;
};

}  // namespace ferry
