#include "engine/inproc_events.hpp"

#include <utility>

#include <ferry/error.hpp>

#include "engine/socket_core.hpp"
#include "protocol/metadata.hpp"

namespace ferry::detail
{

inproc_events::inproc_events(std::string endpoint, bool outgoing)
    : endpoint_(std::move(endpoint)), outgoing_(outgoing)
{
}

void inproc_events::met(socket_core& socket)
{
    socket.emit(about(outgoing_ ? monitor_event_type::connected : monitor_event_type::accepted));
}

void inproc_events::succeeded(socket_core& socket, const inproc_announcement& peer)
{
    const auto announced = protocol::parse_metadata(
        protocol::encode_metadata(peer.type, peer.routing_id, peer.properties));
    peer_properties::list properties{{"Peer-Address", endpoint_}};
    properties.insert(properties.end(), announced.properties.begin(), announced.properties.end());

    monitor_event e = about(monitor_event_type::handshake_succeeded);
    e.peer_type = peer.type;
    e.routing_id =
        protocol::find_first(announced.properties, protocol::identity_property).value_or("");
    e.peer = peer_handle(std::move(properties));
    socket.emit(e);

    stage now = stage::before;
    if (!stage_.compare_exchange_strong(now, stage::connected))
        tell_end(socket, now);
}

void inproc_events::failed(socket_core& socket, std::error_code why)
{
    stage_.store(stage::left);
    monitor_event e = about(monitor_event_type::handshake_failed);
    e.error = why;
    socket.emit(e);
}

void inproc_events::left(socket_core* socket) noexcept
{
    end(socket, stage::left);
}

void inproc_events::lost(socket_core* socket) noexcept
{
    end(socket, stage::lost);
}

// Before succeeded(), the end is noted only, and told there.
void inproc_events::end(socket_core* socket, stage how) noexcept
{
    stage now = stage_.load();
    do
    {
        if (now == stage::left || now == stage::lost)
            return;
    }
    while (!stage_.compare_exchange_weak(now, how));
    if (now == stage::before || socket == nullptr)
        return;
    try
    {
        tell_end(*socket, how);
    }
    catch (const std::exception&)
    {
        // No memory for an event: the connection ended all the same.
    }
}

void inproc_events::tell_end(socket_core& socket, stage how) const
{
    monitor_event e = about(monitor_event_type::disconnected);
    if (how == stage::lost)
        e.error = errc::connection_closed;
    socket.emit(e);
}

monitor_event inproc_events::about(monitor_event_type type) const
{
    monitor_event e;
    e.type = type;
    e.endpoint = endpoint_;
    e.outgoing = outgoing_;
    e.peer_address = endpoint_;
    return e;
}

}  // namespace ferry::detail
