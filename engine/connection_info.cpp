#include "engine/connection_info.hpp"

#include <optional>
#include <utility>

namespace ferry::detail
{

namespace
{

// Raw peers have none.
std::optional<zmtp_version> version_of(const protocol::handshake_result& handshake) noexcept
{
    return handshake.version.major != 0 ? std::optional(handshake.version) : std::nullopt;
}

}  // namespace

patterns::peer_info describe_peer(const protocol::handshake_result& handshake)
{
    patterns::peer_info info;
    info.routing_id = handshake.routing_id;
    info.type = handshake.type.value_or(socket_type::pair);
    return info;
}

peer_handle collect_properties(
    const protocol::handshake_result& handshake, const transports::stream_description& stream)
{
    peer_properties::list all;
    all.reserve(handshake.properties.size() + 1);
    all.emplace_back("Peer-Address", stream.peer_address);
    all.insert(all.end(), handshake.properties.begin(), handshake.properties.end());
    return peer_handle(std::move(all), stream.native_handle);
}

monitor_event describe_start(const protocol::handshake_result& handshake, peer_handle properties,
    const std::string& endpoint, const std::string& remote)
{
    monitor_event e;
    e.type = monitor_event_type::handshake_succeeded;
    e.endpoint = endpoint;
    e.peer_address = remote;
    e.version = version_of(handshake);
    e.mechanism = handshake.mechanism;
    e.peer_type = handshake.type;
    e.routing_id = handshake.routing_id;
    e.peer = std::move(properties);
    return e;
}

std::shared_ptr<connection_record> describe_connection(const protocol::handshake_result& handshake,
    std::shared_ptr<const std::string> endpoint, const std::shared_ptr<connection_driver>& driver)
{
    auto record = std::make_shared<connection_record>();
    record->endpoint = std::move(endpoint);
    record->type = handshake.type;
    record->set_routing_id(handshake.routing_id);
    record->version = version_of(handshake);
    record->driver = driver;
    return record;
}

monitor_event describe_end(
    const session_end& how, const std::string& endpoint, const std::string& remote)
{
    monitor_event e;
    e.type =
        how.was_ready ? monitor_event_type::disconnected : monitor_event_type::handshake_failed;
    e.endpoint = endpoint;
    e.peer_address = remote;
    e.error = how.error;
    e.reason = how.reason;
    return e;
}

}  // namespace ferry::detail
