#include "engine/settings.hpp"

#include <algorithm>

#include "transports/tcp/address_range.hpp"
#include "transports/tcp/tcp_proxy.hpp"

namespace ferry::detail
{

namespace
{

using std::chrono::milliseconds;

constexpr milliseconds default_linger = std::chrono::seconds{30};
constexpr milliseconds longest_ttl{65'500};
constexpr milliseconds longest_wait = std::chrono::hours{24 * 365 * 100};  // what clocks can add
constexpr std::size_t longest_name = 255;

bool is_routing_id(const std::string& id) noexcept
{
    return id.size() <= longest_name;
}

bool is_property_name(const std::string& name) noexcept
{
    return name.size() >= 3 && name.size() <= longest_name && name.compare(0, 2, "X-") == 0;
}

std::optional<std::string> find_identity_mistake(const socket_options& o)
{
    if (!is_routing_id(o.routing_id))
        return "routing_id must have at most 255 octets";
    for (const auto& [name, value] : o.properties)
    {
        if (!is_property_name(name))
            return "properties: the name \"" + name +
                "\" must start with X- and have at most 255 octets";
    }
    return {};
}

std::optional<std::string> find_time_mistake(const socket_options& o)
{
    constexpr milliseconds zero{0};
    if (o.send_timeout < forever)
        return "send_timeout must be 0 or more, or ferry::forever";
    if (o.receive_timeout < forever)
        return "receive_timeout must be 0 or more, or ferry::forever";
    if (o.linger && *o.linger < forever)
        return "linger must be 0 or more, or ferry::forever";
    if (o.reconnect_interval < zero || o.reconnect_interval_max < zero)
        return "reconnect_interval and reconnect_interval_max must not be negative";
    if (o.connect_timeout < zero || o.handshake_timeout < zero || o.tcp_max_retransmit < zero)
        return "connect_timeout, handshake_timeout and tcp_max_retransmit must not be negative";
    if (o.heartbeat_interval < zero || o.heartbeat_timeout < forever)
        return "heartbeat_interval must not be negative, heartbeat_timeout must be -1 or more";
    if (o.heartbeat_ttl < zero || o.heartbeat_ttl > longest_ttl)
        return "heartbeat_ttl must be 0 to 65500 ms";
    return {};
}

std::optional<std::string> find_transport_mistake(const socket_options& o)
{
    if (o.backlog < 0)
        return "backlog must not be negative";
    if (o.send_buffer < -1 || o.receive_buffer < -1)
        return "send_buffer and receive_buffer must be -1 or more";
    if (o.tcp_keepalive < -1 || o.tcp_keepalive > 1)
        return "tcp_keepalive must be -1, 0 or 1";
    if (std::min({o.tcp_keepalive_count, o.tcp_keepalive_idle, o.tcp_keepalive_interval}) < -1)
        return "tcp_keepalive_count, _idle and _interval must be -1 or more";
    if (o.type_of_service < 0 || o.type_of_service > 255)
        return "type_of_service must be 0 to 255";
    if (o.max_message_frames == 0)
        return "max_message_frames must be at least 1";
    return {};
}

std::optional<std::string> find_proxy_mistake(const socket_options& o)
{
    transports::failure why;
    if (!o.socks_proxy.empty() && !transports::parse_socks_proxy(o.socks_proxy, why))
        return why.detail;
    if (std::max(o.socks_username.size(), o.socks_password.size()) > longest_name)
        return "socks_username and socks_password must have at most 255 octets";
    return {};
}

std::optional<std::string> find_filter_mistake(const socket_options& o)
{
    transports::failure why;
    for (const std::string& range : o.tcp_accept_filter)
    {
        if (!transports::parse_address_range(range, why))
            return why.detail;
    }
    return {};
}

template <class T>
void take(T& value, const std::optional<T>& override_with)
{
    if (override_with)
        value = *override_with;
}

}  // namespace

std::optional<std::string> find_mistake(socket_type, const socket_options& options)
{
    if (auto mistake = find_identity_mistake(options))
        return mistake;
    if (auto mistake = find_time_mistake(options))
        return mistake;
    if (auto mistake = find_transport_mistake(options))
        return mistake;
    if (auto mistake = find_proxy_mistake(options))
        return mistake;
    return find_filter_mistake(options);
}

std::optional<std::string> find_mistake(
    socket_type type, const socket_options& socket, const endpoint_options& options)
{
    if (!is_routing_id(options.connect_routing_id))
        return "connect_routing_id must have at most 255 octets";
    if (options.descriptor.value_or(0) < 0)
        return "descriptor must not be negative";
    return find_mistake(type, merge(socket, options));
}

socket_options merge(const socket_options& socket, const endpoint_options& overrides)
{
    socket_options all = socket;
    take(all.send_hwm, overrides.send_hwm);
    take(all.receive_hwm, overrides.receive_hwm);
    take(all.immediate, overrides.immediate);
    take(all.conflate, overrides.conflate);
    take(all.routing_id, overrides.routing_id);
    take(all.router_raw, overrides.router_raw);
    take(all.properties, overrides.properties);
    take(all.reconnect_interval, overrides.reconnect_interval);
    take(all.reconnect_interval_max, overrides.reconnect_interval_max);
    take(all.reconnect_early, overrides.reconnect_early);
    take(all.connect_timeout, overrides.connect_timeout);
    take(all.handshake_timeout, overrides.handshake_timeout);
    take(all.heartbeat_interval, overrides.heartbeat_interval);
    take(all.heartbeat_timeout, overrides.heartbeat_timeout);
    take(all.heartbeat_ttl, overrides.heartbeat_ttl);
    take(all.max_message_size, overrides.max_message_size);
    take(all.limit_frames_only, overrides.limit_frames_only);
    take(all.max_message_frames, overrides.max_message_frames);
    take(all.ipv6, overrides.ipv6);
    take(all.backlog, overrides.backlog);
    take(all.send_buffer, overrides.send_buffer);
    take(all.receive_buffer, overrides.receive_buffer);
    take(all.tcp_keepalive, overrides.tcp_keepalive);
    take(all.tcp_keepalive_count, overrides.tcp_keepalive_count);
    take(all.tcp_keepalive_idle, overrides.tcp_keepalive_idle);
    take(all.tcp_keepalive_interval, overrides.tcp_keepalive_interval);
    take(all.tcp_max_retransmit, overrides.tcp_max_retransmit);
    take(all.type_of_service, overrides.type_of_service);
    take(all.bind_to_device, overrides.bind_to_device);
    take(all.socks_proxy, overrides.socks_proxy);
    take(all.socks_username, overrides.socks_username);
    take(all.socks_password, overrides.socks_password);
    take(all.tcp_accept_filter, overrides.tcp_accept_filter);
    take(all.ipc_accept_filter, overrides.ipc_accept_filter);
    for (milliseconds* time : {&all.reconnect_interval, &all.reconnect_interval_max,
             &all.connect_timeout, &all.handshake_timeout, &all.heartbeat_interval,
             &all.heartbeat_timeout, &all.tcp_max_retransmit})
        *time = std::min(*time, longest_wait);
    return all;
}

patterns::pattern_options pattern_settings(const socket_options& options, std::uint32_t seed)
{
    patterns::pattern_options p;
    p.routing_id = options.routing_id;
    p.router_mandatory = options.router_mandatory;
    p.router_handover = options.router_handover;
    p.req_correlate = options.req_correlate;
    p.req_relaxed = options.req_relaxed;
    p.probe_router = options.probe_router;
    p.xpub_verbose = options.xpub_verbose;
    p.xpub_verboser = options.xpub_verboser;
    p.xpub_manual = options.xpub_manual;
    p.xpub_manual_last_value = options.xpub_manual_last_value;
    p.xpub_no_drop = options.xpub_no_drop;
    p.invert_matching = options.invert_matching;
    p.only_first_subscribe = options.only_first_subscribe;
    p.xpub_welcome_message = options.xpub_welcome_message;
    p.random_seed = seed;
    return p;
}

protocol::connection_options connection_settings(socket_type type, const socket_options& options)
{
    protocol::connection_options c;
    c.type = type;
    c.routing_id = options.routing_id;
    c.properties = options.properties;
    c.max_message_size = options.max_message_size;
    c.limit_frames_only = options.limit_frames_only;
    c.max_message_frames = options.max_message_frames;
    c.handshake_timeout = options.handshake_timeout;
    c.heartbeat.interval = options.heartbeat_interval;
    c.heartbeat.timeout = options.heartbeat_timeout;
    c.heartbeat.ttl = options.heartbeat_ttl;
    return c;
}

transports::transport_options transport_settings(const socket_options& options)
{
    transports::transport_options t;
    t.ipv6 = options.ipv6;
    t.backlog = options.backlog;
    t.send_buffer = options.send_buffer;
    t.receive_buffer = options.receive_buffer;
    t.tcp_keepalive = options.tcp_keepalive;
    t.tcp_keepalive_count = options.tcp_keepalive_count;
    t.tcp_keepalive_idle = options.tcp_keepalive_idle;
    t.tcp_keepalive_interval = options.tcp_keepalive_interval;
    t.tcp_max_retransmit = options.tcp_max_retransmit;
    t.type_of_service = options.type_of_service;
    t.bind_to_device = options.bind_to_device;
    t.socks_proxy = options.socks_proxy;
    t.socks_username = options.socks_username;
    t.socks_password = options.socks_password;
    t.socks_timeout = options.handshake_timeout;
    t.tcp_accept_filter = options.tcp_accept_filter;
    t.ipc_accept_users = options.ipc_accept_filter.users;
    t.ipc_accept_groups = options.ipc_accept_filter.groups;
    t.ipc_accept_processes = options.ipc_accept_filter.processes;
    return t;
}

bool conflates(socket_type type, const socket_options& options) noexcept
{
    using enum socket_type;
    const bool suits = type == push || type == pull || type == pub || type == sub || type == dealer;
    return suits && options.conflate;
}

bool is_raw(socket_type type, const socket_options& options) noexcept
{
    return type == socket_type::stream || (type == socket_type::router && options.router_raw);
}

milliseconds effective_linger(socket_type type, const socket_options& options) noexcept
{
    const bool only_subscribes = type == socket_type::sub || type == socket_type::xsub;
    const milliseconds linger =
        options.linger.value_or(only_subscribes ? milliseconds{0} : default_linger);
    return std::min(linger, longest_wait);
}

milliseconds farewell_limit(const socket_options& options) noexcept
{
    const milliseconds linger = effective_linger(socket_type::stream, options);
    return linger == milliseconds{0} ? default_linger : linger;
}

}  // namespace ferry::detail
