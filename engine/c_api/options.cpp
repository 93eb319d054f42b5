#include "engine/c_api/options.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <zmq.h>

namespace ferry::c_api
{

namespace
{

using std::chrono::milliseconds;

constexpr int longest_ttl = 655;  // tenths of a second, of Ferry and of libzmq's arithmetic

bool begins_with(std::string_view text, std::string_view start) noexcept
{
    return text.substr(0, start.size()) == start;
}

bool is_stream(std::string_view endpoint) noexcept
{
    return begins_with(endpoint, "tcp://") || begins_with(endpoint, "ipc://");
}

endpoint_options endpoint_options_of(const option_values& v)
{
    endpoint_options e;
    e.immediate = v.immediate != 0;
    e.conflate = v.conflate != 0;
    e.routing_id = v.routing_id;
    e.connect_routing_id = v.connect_routing_id;
    e.router_raw = v.router_raw;
    e.properties = v.metadata;
    e.reconnect_interval = milliseconds(std::max(v.reconnect_interval, 0));
    e.reconnect_interval_max = milliseconds(v.reconnect_interval_max);
    e.connect_timeout = milliseconds(v.connect_timeout);
    e.handshake_timeout = milliseconds(v.handshake_interval);
    e.heartbeat_interval = milliseconds(v.heartbeat_interval);
    e.heartbeat_timeout = milliseconds(v.heartbeat_timeout);
    e.heartbeat_ttl = milliseconds(std::clamp(v.heartbeat_ttl, 0, longest_ttl) * 100);
    if (v.max_message_size >= 0)
        e.max_message_size = static_cast<std::uint64_t>(v.max_message_size);
    e.ipv6 = v.ipv6 != 0;
    e.backlog = v.backlog;
    e.send_buffer = v.send_buffer;
    e.receive_buffer = v.receive_buffer;
    e.tcp_keepalive = v.tcp_keepalive;
    e.tcp_keepalive_count = v.tcp_keepalive_count;
    e.tcp_keepalive_idle = v.tcp_keepalive_idle;
    e.tcp_keepalive_interval = v.tcp_keepalive_interval;
    e.tcp_max_retransmit = milliseconds(v.tcp_max_retransmit);
    e.type_of_service = v.type_of_service & 0xff;  // all that a packet has room for
    e.bind_to_device = v.bind_to_device;
    e.io_thread_mask = v.affinity;
    return e;
}

}  // namespace

endpoint_options bind_options_of(const option_values& v, std::string_view endpoint)
{
    endpoint_options e = endpoint_options_of(v);
    e.tcp_accept_filter = v.tcp_accept_filter;
    e.ipc_accept_filter = v.ipc_accept_filter;
    if (v.use_fd >= 0 && is_stream(endpoint))
        e.descriptor = v.use_fd;
    return e;
}

endpoint_options connect_options_of(const option_values& v, std::string_view endpoint)
{
    endpoint_options e = endpoint_options_of(v);
    if (!begins_with(endpoint, "tcp://"))
        return e;
    e.socks_proxy = v.socks_proxy.c_str();  // up to a null character, if the program gave one
    e.socks_username = v.socks_username;
    e.socks_password = v.socks_password;
    return e;
}

// What asks for protection that is not there must not go without it.
int refusal_of(const option_values& v, std::string_view endpoint) noexcept
{
    if (begins_with(endpoint, "inproc://"))
        return 0;  // within the process, libzmq has no security either
    if (begins_with(endpoint, "udp://"))
        return ENOCOMPATPROTO;  // it is for draft types
    const bool wants_security = v.mechanism != ZMQ_NULL || !v.zap_domain.empty();
    return wants_security ? EPROTONOSUPPORT : 0;
}

}  // namespace ferry::c_api
