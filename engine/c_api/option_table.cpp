// The table of socket options: every number that libzmq 4.3.4 understands.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <string_view>

#include <zmq.h>

#include <ferry/error.hpp>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/filter_options.hpp"
#include "engine/c_api/option_access.hpp"
#include "engine/c_api/security_options.hpp"

namespace ferry::c_api
{

namespace
{

using values = option_values;

// Drafts that libzmq's stable builds understand.
constexpr int loopback_fastpath = 94;
constexpr int metadata = 95;
constexpr int multicast_loop = 96;
constexpr int zap_enforce_domain = 93;
constexpr int xpub_manual_last_value = 98;
constexpr int socks_username = 99;
constexpr int socks_password = 100;
constexpr int only_first_subscribe = 108;
constexpr int reconnect_stop = 109;

// Types that are another one underneath have its options, too.
constexpr unsigned router_types = only(ZMQ_ROUTER, ZMQ_REP);
constexpr unsigned dealer_types = only(ZMQ_DEALER, ZMQ_REQ);
constexpr unsigned publisher_types = only(ZMQ_XPUB, ZMQ_PUB);

// --- what is no plain number or text ----------------------------------------------------------------

template <class Integer, Integer values::*Field>
int set_long(c_socket& socket, const option_row&, given_value given)
{
    if (given.data == nullptr || given.size != sizeof(Integer))
        return EINVAL;
    std::memcpy(&(socket.options().*Field), given.data, sizeof(Integer));
    return 0;
}

template <class Integer, Integer values::*Field>
int get_long(c_socket& socket, const option_row&, given_room room)
{
    return room.size == sizeof(Integer) ? put(room, &(socket.options().*Field), sizeof(Integer))
                                        : EINVAL;
}

// For some numbers there may be more room than they need.
enum class size_rule
{
    exact,
    at_least,
};

// A number that the socket knows by itself.
template <int (*Look)(c_socket&, std::error_code&), size_rule Rule = size_rule::exact>
int get_state(c_socket& socket, const option_row&, given_room room)
{
    if (room.size < sizeof(int) || (Rule == size_rule::exact && room.size != sizeof(int)))
        return EINVAL;
    std::error_code error;
    const int value = Look(socket, error);
    return error ? to_errno(error) : put(room, &value, sizeof value);
}

int more(c_socket& socket, std::error_code&)
{
    return socket.has_more() ? 1 : 0;
}

int descriptor(c_socket& socket, std::error_code& error)
{
    return socket.notification_descriptor(error);
}

int events(c_socket& socket, std::error_code& error)
{
    return socket.ready_events(error);
}

int type(c_socket& socket, std::error_code&)
{
    return socket.type();
}

int thread_safe(c_socket&, std::error_code&)
{
    return 0;
}

int ipv4_only(c_socket& socket, std::error_code&)
{
    return 1 - socket.options().ipv6;
}

int set_ipv4_only(c_socket& socket, const option_row&, given_value given)
{
    int value = 0;
    if (!read_int(given, value) || (value != 0 && value != 1))
        return EINVAL;
    socket.options().ipv6 = 1 - value;
    return 0;
}

int set_heartbeat_ttl(c_socket& socket, const option_row& row, given_value given)
{
    int value = 0;
    if (!read_int(given, value) || value < row.lowest || value > row.highest)
        return EINVAL;
    socket.options().heartbeat_ttl = value / 100;
    return 0;
}

int heartbeat_ttl(c_socket& socket, std::error_code&)
{
    return socket.options().heartbeat_ttl * 100;
}

// Of a STREAM it is that of the peer it connected to last.
int get_routing_id(c_socket& socket, const option_row& row, given_room room)
{
    const std::string made_up =
        socket.type() == ZMQ_STREAM ? socket.face().last_connect_routing_id() : std::string();
    return made_up.empty() ? get_octets(socket, row, room)
                           : put(room, made_up.data(), made_up.size());
}

// XPUB without ZMQ_XPUB_MANUAL does not have these two; with it, but no peer to decide about, they do nothing.
template <bool Subscribe>
int set_subscription(c_socket& socket, const option_row&, given_value given)
{
    if (given.data == nullptr && given.size != 0)
        return EINVAL;
    const std::string_view topic(static_cast<const char*>(given.data), given.size);
    std::error_code error;
    if (Subscribe)
        socket.face().subscribe(topic, error);
    else
        socket.face().unsubscribe(topic, error);
    if (error == errc::not_supported)
        return EINVAL;
    if (error == errc::wrong_state)  // by hand, and nobody asked: there is nobody to subscribe
        return 0;
    return error ? to_errno(error) : 0;
}

int set_welcome_message(c_socket& socket, const option_row&, given_value given)
{
    message welcome;
    if (given.data != nullptr && given.size != 0)
        welcome.append(std::span(static_cast<const std::byte*>(given.data), given.size));
    socket.face().set_xpub_welcome_message(std::move(welcome));
    return 0;
}

// "X-name:value"; the first value of a name stays.
int set_metadata(c_socket& socket, const option_row&, given_value given)
{
    const std::string_view text(static_cast<const char*>(given.data), given.size);
    const std::size_t colon = given.data != nullptr ? text.find(':') : std::string_view::npos;
    if (text.size() == sizeof(int) || colon == std::string_view::npos || colon + 1 == text.size())
        return EINVAL;
    const std::string_view name = text.substr(0, colon);
    if (name.size() < 3 || name.size() > 255 || name.substr(0, 2) != "X-")
        return EINVAL;
    auto& all = socket.options().metadata;
    if (std::none_of(all.begin(), all.end(), [&](const auto& p) { return p.first == name; }))
        all.emplace_back(name, text.substr(colon + 1));
    return 0;
}

// --- what some do at once ---------------------------------------------------------------------------

using std::chrono::milliseconds;

void set_send_hwm(c_socket& s, int value)
{
    s.face().set_send_hwm(static_cast<std::size_t>(value));
}
void set_receive_hwm(c_socket& s, int value)
{
    s.face().set_receive_hwm(static_cast<std::size_t>(value));
}
void set_linger(c_socket& s, int value)
{
    s.face().set_linger(milliseconds(value));
}
void set_send_timeout(c_socket& s, int value)
{
    s.set_send_timeout(value);
}
void set_receive_timeout(c_socket& s, int value)
{
    s.set_receive_timeout(value);
}
void set_descriptor(c_socket& s, int)
{
    s.options().is_fd_used = false;
}
void set_relaxed(c_socket& s, int value)
{
    s.set_relaxed(value != 0);
}
template <auto Set>
void set_face(c_socket& s, int value)
{
    socket_base& base = s.face();
    (base.*Set)(value != 0);
}
// There is no way back.
void set_router_raw(c_socket& s, int value)
{
    if (value != 0 && s.type() == ZMQ_ROUTER)
        s.set_raw();
}
void set_manual_last_value(c_socket& s, int value)
{
    s.face().set_xpub_manual(value != 0);
    s.face().set_xpub_manual_last_value(value != 0);
}
void set_verbose(c_socket& s, int value)
{
    s.face().set_xpub_verboser(false);
    s.face().set_xpub_verbose(value != 0);
}
void set_verboser(c_socket& s, int value)
{
    s.face().set_xpub_verbose(value != 0);
    s.face().set_xpub_verboser(value != 0);
}

// --- the table ----------------------------------------------------------------------------------------

constexpr option_row number(int option, int values::*value, int lowest, int highest = INT_MAX,
    void (*apply)(c_socket&, int) = nullptr)
{
    return {.number = option,
        .set = set_number,
        .get = get_number,
        .value = value,
        .lowest = lowest,
        .highest = highest,
        .apply = apply};
}

constexpr option_row strict_flag(int option, int values::*value, unsigned types = ~0U)
{
    option_row row{.number = option, .set = set_strict_flag, .get = get_number, .value = value};
    row.types = types;
    return row;
}

constexpr option_row loose_flag(
    int option, int values::*value, void (*apply)(c_socket&, int) = nullptr)
{
    return {
        .number = option, .set = set_loose_flag, .get = get_number, .value = value, .apply = apply};
}

constexpr option_row pattern_flag(int option, unsigned types, void (*apply)(c_socket&, int))
{
    return {.number = option, .set = set_pattern_flag, .types = types, .apply = apply};
}

constexpr option_row text(int option, std::string values::*value, int lowest, int highest,
    option_setter set = set_octets, int mechanism = -1)
{
    return {.number = option,
        .set = set,
        .get = get_text,
        .text = value,
        .lowest = lowest,
        .highest = highest,
        .mechanism = mechanism};
}

constexpr option_row read_only(int option, option_getter get)
{
    return {.number = option, .get = get};
}

constexpr option_row server(int option, int mechanism, option_getter get)
{
    return {.number = option, .set = set_server, .get = get, .mechanism = mechanism};
}

constexpr option_row key(int option, std::string values::*value, option_setter set = set_key)
{
    return {.number = option, .set = set, .get = get_key, .text = value, .mechanism = ZMQ_CURVE};
}

using face = ferry::socket;

constexpr std::array table{
    // what programs ask for after each message
    read_only(ZMQ_EVENTS, get_state<events, size_rule::at_least>),
    read_only(ZMQ_RCVMORE, get_state<more, size_rule::at_least>),
    read_only(ZMQ_FD, get_state<descriptor, size_rule::at_least>),
    read_only(ZMQ_TYPE, get_state<type>),
    read_only(ZMQ_THREAD_SAFE, get_state<thread_safe, size_rule::at_least>),
    text(ZMQ_LAST_ENDPOINT, &values::last_endpoint, 0, 0, nullptr),

    // the flow of messages
    number(ZMQ_SNDHWM, &values::send_hwm, 0, INT_MAX, set_send_hwm),
    number(ZMQ_RCVHWM, &values::receive_hwm, 0, INT_MAX, set_receive_hwm),
    number(ZMQ_SNDTIMEO, &values::send_timeout, -1, INT_MAX, set_send_timeout),
    number(ZMQ_RCVTIMEO, &values::receive_timeout, -1, INT_MAX, set_receive_timeout),
    number(ZMQ_LINGER, &values::linger, -1, INT_MAX, set_linger),
    strict_flag(ZMQ_IMMEDIATE, &values::immediate),
    strict_flag(ZMQ_CONFLATE, &values::conflate),
    option_row{.number = ZMQ_MAXMSGSIZE,
        .set = set_long<std::int64_t, &values::max_message_size>,
        .get = get_long<std::int64_t, &values::max_message_size>},
    option_row{.number = ZMQ_AFFINITY,
        .set = set_long<std::uint64_t, &values::affinity>,
        .get = get_long<std::uint64_t, &values::affinity>},

    // patterns
    option_row{.number = ZMQ_ROUTING_ID,
        .set = set_octets,
        .get = get_routing_id,
        .text = &values::routing_id,
        .lowest = 1,
        .highest = 255},
    option_row{.number = ZMQ_CONNECT_ROUTING_ID,
        .set = set_octets,
        .text = &values::connect_routing_id,
        .lowest = 1,
        .types = router_types | only(ZMQ_STREAM)},
    option_row{
        .number = ZMQ_SUBSCRIBE, .set = set_subscription<true>, .types = only(ZMQ_SUB, ZMQ_XPUB)},
    option_row{.number = ZMQ_UNSUBSCRIBE,
        .set = set_subscription<false>,
        .types = only(ZMQ_SUB, ZMQ_XPUB)},
    pattern_flag(ZMQ_ROUTER_MANDATORY, router_types, set_face<&face::set_router_mandatory>),
    pattern_flag(ZMQ_ROUTER_HANDOVER, router_types, set_face<&face::set_router_handover>),
    pattern_flag(ZMQ_ROUTER_RAW, router_types, set_router_raw),
    pattern_flag(ZMQ_PROBE_ROUTER, router_types | dealer_types, set_face<&face::set_probe_router>),
    pattern_flag(ZMQ_REQ_CORRELATE, only(ZMQ_REQ), set_face<&face::set_req_correlate>),
    pattern_flag(ZMQ_REQ_RELAXED, only(ZMQ_REQ), set_relaxed),
    pattern_flag(ZMQ_XPUB_VERBOSE, publisher_types, set_verbose),
    pattern_flag(ZMQ_XPUB_VERBOSER, publisher_types, set_verboser),
    pattern_flag(ZMQ_XPUB_MANUAL, publisher_types, set_face<&face::set_xpub_manual>),
    pattern_flag(xpub_manual_last_value, publisher_types, set_manual_last_value),
    pattern_flag(ZMQ_XPUB_NODROP, publisher_types, set_face<&face::set_xpub_no_drop>),
    option_row{
        .number = ZMQ_XPUB_WELCOME_MSG, .set = set_welcome_message, .types = publisher_types},
    pattern_flag(only_first_subscribe, publisher_types | only(ZMQ_XSUB),
        set_face<&face::set_only_first_subscribe>),
    loose_flag(ZMQ_INVERT_MATCHING, &values::invert_matching, set_face<&face::set_invert_matching>),
    option_row{.number = ZMQ_STREAM_NOTIFY,
        .set = set_strict_flag,
        .value = &values::stream_notify,
        .types = only(ZMQ_STREAM),
        .apply = set_face<&face::set_stream_notify>},
    option_row{.number = metadata, .set = set_metadata},

    // connections
    number(ZMQ_RECONNECT_IVL, &values::reconnect_interval, -1),
    number(ZMQ_RECONNECT_IVL_MAX, &values::reconnect_interval_max, 0),
    number(reconnect_stop, &values::reconnect_stop, INT_MIN),
    number(ZMQ_CONNECT_TIMEOUT, &values::connect_timeout, 0),
    number(ZMQ_HANDSHAKE_IVL, &values::handshake_interval, 0),
    number(ZMQ_HEARTBEAT_IVL, &values::heartbeat_interval, 0),
    option_row{.number = ZMQ_HEARTBEAT_TTL,
        .set = set_heartbeat_ttl,
        .get = get_state<heartbeat_ttl>,
        .lowest = -99,
        .highest = 6'553'599},
    number(ZMQ_HEARTBEAT_TIMEOUT, &values::heartbeat_timeout, 0),
    number(ZMQ_BACKLOG, &values::backlog, 0),
    number(ZMQ_SNDBUF, &values::send_buffer, -1),
    number(ZMQ_RCVBUF, &values::receive_buffer, -1),
    strict_flag(ZMQ_IPV6, &values::ipv6),
    option_row{.number = ZMQ_IPV4ONLY, .set = set_ipv4_only, .get = get_state<ipv4_only>},
    number(ZMQ_TOS, &values::type_of_service, 0),
    number(ZMQ_TCP_KEEPALIVE, &values::tcp_keepalive, -1, 1),
    number(ZMQ_TCP_KEEPALIVE_CNT, &values::tcp_keepalive_count, -1),
    number(ZMQ_TCP_KEEPALIVE_IDLE, &values::tcp_keepalive_idle, -1),
    number(ZMQ_TCP_KEEPALIVE_INTVL, &values::tcp_keepalive_interval, -1),
    number(ZMQ_TCP_MAXRT, &values::tcp_max_retransmit, 0),
    text(ZMQ_BINDTODEVICE, &values::bind_to_device, 1, 16, set_optional_text),
    number(ZMQ_USE_FD, &values::use_fd, -1, INT_MAX, set_descriptor),
    loose_flag(loopback_fastpath, &values::loopback_fastpath),
    number(ZMQ_RATE, &values::rate, 1),
    number(ZMQ_RECOVERY_IVL, &values::recovery_interval, 0),
    number(ZMQ_MULTICAST_HOPS, &values::multicast_hops, 1),
    number(ZMQ_MULTICAST_MAXTPDU, &values::multicast_max_unit, 1),
    loose_flag(multicast_loop, &values::multicast_loop),
    text(ZMQ_SOCKS_PROXY, &values::socks_proxy, 1, INT_MAX, set_optional_text),
    text(socks_username, &values::socks_username, 0, 255, set_optional_text),
    text(socks_password, &values::socks_password, 0, 255, set_optional_text),

    // security
    option_row{.number = ZMQ_MECHANISM, .get = get_number, .value = &values::mechanism},
    text(ZMQ_ZAP_DOMAIN, &values::zap_domain, 1, 255),
    loose_flag(zap_enforce_domain, &values::zap_enforce_domain),
    server(ZMQ_PLAIN_SERVER, ZMQ_PLAIN, get_server<ZMQ_PLAIN>),
    text(ZMQ_PLAIN_USERNAME, &values::plain_username, 1, 255, set_credential, ZMQ_PLAIN),
    text(ZMQ_PLAIN_PASSWORD, &values::plain_password, 1, 255, set_credential, ZMQ_PLAIN),
    server(ZMQ_CURVE_SERVER, ZMQ_CURVE, get_server<ZMQ_CURVE>),
    key(ZMQ_CURVE_PUBLICKEY, &values::curve_public_key),
    key(ZMQ_CURVE_SECRETKEY, &values::curve_secret_key),
    key(ZMQ_CURVE_SERVERKEY, &values::curve_server_key, set_server_key),
    server(ZMQ_GSSAPI_SERVER, ZMQ_GSSAPI, get_server<ZMQ_GSSAPI>),
    text(ZMQ_GSSAPI_PRINCIPAL, &values::gssapi_principal, 1, 255, set_octets, ZMQ_GSSAPI),
    text(ZMQ_GSSAPI_SERVICE_PRINCIPAL, &values::gssapi_service_principal, 1, 255, set_octets,
        ZMQ_GSSAPI),
    strict_flag(ZMQ_GSSAPI_PLAINTEXT, &values::gssapi_plaintext),
    number(ZMQ_GSSAPI_PRINCIPAL_NAMETYPE, &values::gssapi_principal_type, 0, 2),
    number(ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE, &values::gssapi_service_principal_type, 0, 2),
    option_row{.number = ZMQ_TCP_ACCEPT_FILTER, .set = set_address_filter},
    option_row{.number = ZMQ_IPC_FILTER_PID, .set = set_id_filter<&ipc_filter::processes>},
    option_row{.number = ZMQ_IPC_FILTER_UID, .set = set_id_filter<&ipc_filter::users>},
    option_row{.number = ZMQ_IPC_FILTER_GID, .set = set_id_filter<&ipc_filter::groups>},
};

const option_row* find(const c_socket& socket, int number) noexcept
{
    for (const option_row& row : table)
    {
        if (row.number == number)
            return (row.types >> static_cast<unsigned>(socket.type()) & 1U) != 0 ? &row : nullptr;
    }
    return nullptr;
}

}  // namespace

int set_option(c_socket& socket, int number, const void* value, std::size_t size)
{
    const option_row* row = find(socket, number);
    if (row == nullptr || row->set == nullptr)
        return EINVAL;
    const auto lock = socket.lock_options();
    return row->set(socket, *row, {value, size});
}

int get_option(c_socket& socket, int number, void* value, std::size_t& size)
{
    const option_row* row = find(socket, number);
    if (row == nullptr || row->get == nullptr)
        return EINVAL;
    const auto lock = socket.lock_options();
    return row->get(socket, *row, {value, size});
}

}  // namespace ferry::c_api
