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

}  // namespace

endpoint_options endpoint_options_of(const option_values& v)
{
    endpoint_options e;
    e.immediate = v.immediate != 0;
    e.conflate = v.conflate != 0;
    e.routing_id = v.routing_id;
    e.connect_routing_id = v.connect_routing_id;
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

// What asks for protection that is not there must not go without it.
int refusal_of(const option_values& v, std::string_view endpoint, bool is_bind) noexcept
{
    if (begins_with(endpoint, "inproc://"))
        return 0;  // within the process, libzmq has no security either
    if (begins_with(endpoint, "udp://"))
        return ENOCOMPATPROTO;  // it is for draft types
    const bool wants_security = v.mechanism != ZMQ_NULL || !v.zap_domain.empty();
    const bool wants_filter = is_bind && !v.accept_filters.empty();
    const bool wants_proxy = !is_bind && !v.socks_proxy.empty() && begins_with(endpoint, "tcp://");
    const bool wants_descriptor = is_bind && v.use_fd >= 0;
    if (wants_security || wants_filter || wants_proxy || wants_descriptor || v.router_raw != 0)
        return EPROTONOSUPPORT;
    return 0;
}

}  // namespace ferry::c_api
