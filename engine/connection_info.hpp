// What a handshake and a stream tell, in the words of the pattern and of the messages.
#pragma once

#include <ferry/message.hpp>
#include <ferry/monitor.hpp>

#include "engine/connection_driver.hpp"
#include "engine/connection_record.hpp"
#include "patterns/pattern.hpp"
#include "protocol/events.hpp"
#include "transports/byte_stream.hpp"

namespace ferry::detail
{

[[nodiscard]] patterns::peer_info describe_peer(const protocol::handshake_result& handshake);
/// Peer-Address, then what the peer announced.
[[nodiscard]] peer_handle collect_properties(
    const protocol::handshake_result& handshake, const transports::stream_description& stream);
/// The event that a handshake is; `properties` as collected above.
[[nodiscard]] monitor_event describe_start(const protocol::handshake_result& handshake,
    peer_handle properties, const std::string& endpoint, const std::string& remote);
/// What the socket shall know of a connection that has just become ready.
[[nodiscard]] std::shared_ptr<connection_record> describe_connection(
    const protocol::handshake_result& handshake, std::shared_ptr<const std::string> endpoint,
    const std::shared_ptr<connection_driver>& driver);
/// The event that the end of a session is: handshake_failed or disconnected.
[[nodiscard]] monitor_event describe_end(
    const session_end& how, const std::string& endpoint, const std::string& remote);

}  // namespace ferry::detail
