// What a connection tells its driver: ready, a message, a subscription, a round trip, the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

#include <ferry/message.hpp>
#include <ferry/socket_type.hpp>
#include <ferry/zmtp_version.hpp>

namespace ferry::protocol
{

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

using ferry::zmtp_version;

/// What the handshake told about the peer.
struct handshake_result
{
    zmtp_version version;
    std::string mechanism;             ///< "NULL"; empty for 1.0 and 2.0 peers
    std::optional<socket_type> type;   ///< absent where the peer did not say
    std::string routing_id;            ///< Identity, or the identity frame of old peers
    peer_properties::list properties;  ///< all metadata, in the order received; empty for old peers
    bool subscribes_to_all = false;    ///< a 1.0 subscriber, which never says what it wants
};

enum class event_kind : std::uint8_t
{
    none,     ///< nothing more until receive() is called again
    ready,    ///< the handshake is done: `handshake`
    message,  ///< `body`: a whole message, or a subscription record (detail::message_role)
    pong,     ///< a PONG answered our last PING: `round_trip`
    closed,   ///< the connection is over: `error`, and `reason` where the peer's ERROR gave one
};

struct event
{
    event_kind kind = event_kind::none;
    message body;
    handshake_result handshake;  // only with ready; told once
    duration round_trip{};
    std::error_code error;
    std::string reason;
};

}  // namespace ferry::protocol
