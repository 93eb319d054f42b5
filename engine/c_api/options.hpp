// What zmq_setsockopt stores: every socket option, with libzmq's numbers, types and defaults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ferry/options.hpp>

namespace ferry::c_api
{

class c_socket;

/// The values as programs see them: libzmq's units and defaults.
struct option_values
{
    std::uint64_t affinity = 0;
    std::string routing_id;
    std::string connect_routing_id;  ///< for the next connect only
    int rate = 100;
    int recovery_interval = 10'000;
    int multicast_hops = 1;
    int multicast_max_unit = 1500;
    int multicast_loop = 1;
    int send_buffer = -1;
    int receive_buffer = -1;
    int linger = -1;
    int reconnect_interval = 100;
    int reconnect_interval_max = 0;
    int reconnect_stop = 0;
    int backlog = 100;
    std::int64_t max_message_size = -1;
    int send_hwm = 1000;
    int receive_hwm = 1000;
    int receive_timeout = -1;
    int send_timeout = -1;
    int tcp_keepalive = -1;
    int tcp_keepalive_count = -1;
    int tcp_keepalive_idle = -1;
    int tcp_keepalive_interval = -1;
    int tcp_max_retransmit = 0;
    int immediate = 0;
    int ipv6 = 0;
    int conflate = 0;
    int type_of_service = 0;
    int handshake_interval = 30'000;
    int heartbeat_interval = 0;
    int heartbeat_ttl = 0;  ///< in tenths of a second
    int heartbeat_timeout = -1;
    int connect_timeout = 0;
    int invert_matching = 0;
    int stream_notify = 1;
    bool router_raw = false;
    int use_fd = -1;
    bool is_fd_used = false;  ///< a bind has taken it, and may have closed it by now
    int loopback_fastpath = 0;
    std::string bind_to_device;
    std::string socks_proxy;
    std::string socks_username;
    std::string socks_password;
    std::vector<std::string> tcp_accept_filter;
    ipc_filter ipc_accept_filter;
    std::vector<std::pair<std::string, std::string>> metadata;
    std::string last_endpoint;

    // Accepted and kept; a bind or connect that they concern fails.
    int mechanism = 0;  ///< ZMQ_NULL, ...: the last security option decides
    int as_server = 0;
    std::string zap_domain;
    int zap_enforce_domain = 0;
    std::string plain_username;
    std::string plain_password;
    std::string curve_public_key = std::string(32, '\0');
    std::string curve_secret_key = std::string(32, '\0');
    std::string curve_server_key = std::string(32, '\0');
    std::string gssapi_principal;
    std::string gssapi_service_principal;
    int gssapi_plaintext = 0;
    int gssapi_principal_type = 0;
    int gssapi_service_principal_type = 0;
};

/// How a bind or connect to this endpoint is made with these values.
[[nodiscard]] endpoint_options bind_options_of(
    const option_values& values, std::string_view endpoint);
[[nodiscard]] endpoint_options connect_options_of(
    const option_values& values, std::string_view endpoint);
/// 0, or the errno with which a bind or connect must fail rather than do less than the options ask for.
[[nodiscard]] int refusal_of(const option_values& values, std::string_view endpoint) noexcept;

/// 0, or an errno. Errors by exception: what Ferry's setters throw.
[[nodiscard]] int set_option(c_socket& socket, int number, const void* value, std::size_t size);
[[nodiscard]] int get_option(c_socket& socket, int number, void* value, std::size_t& size);

}  // namespace ferry::c_api
