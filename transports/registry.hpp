// Scheme -> transport: the only list of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "transports/connector.hpp"
#include "transports/endpoint.hpp"
#include "transports/failure.hpp"
#include "transports/listener.hpp"

namespace ferry::transports
{

/// What the transports obey. Names and meaning: ferry/options.hpp. -1 leaves the system's default.
struct transport_options
{
    bool ipv6 = false;
    int backlog = 100;
    int send_buffer = -1;     ///< octets
    int receive_buffer = -1;  ///< octets
    int tcp_keepalive = -1;   ///< -1, 0, 1
    int tcp_keepalive_count = -1;
    int tcp_keepalive_idle = -1;                      ///< seconds
    int tcp_keepalive_interval = -1;                  ///< seconds
    std::chrono::milliseconds tcp_max_retransmit{0};  ///< TCP_USER_TIMEOUT; 0: the system's
    int type_of_service = 0;
    std::string bind_to_device;
    std::string socks_proxy;  ///< "host:port"; empty: none
    std::string socks_username;
    std::string socks_password;
    std::chrono::milliseconds socks_timeout{0};  ///< of the dialogue with the proxy; 0: no limit
    std::vector<std::string> tcp_accept_filter;  ///< address ranges; empty: everybody
    std::vector<std::uint32_t> ipc_accept_users;
    std::vector<std::uint32_t> ipc_accept_groups;
    std::vector<std::uint32_t> ipc_accept_processes;
    int descriptor = -1;  ///< a listening socket to take over; -1: make one
};

/// One scheme. Stateless; shared by all sockets.
class transport
{
public:
    virtual ~transport() = default;
    [[nodiscard]] virtual std::string_view scheme() const noexcept = 0;

    /// Binds and listens, at once. Null with `why` set on failure. May be called from any thread.
    [[nodiscard]] virtual std::unique_ptr<listener> listen(asio::any_io_executor executor,
        const endpoint& where, const transport_options& options, failure& why) const = 0;
    /// Checks the endpoint's syntax only; nothing is resolved or opened yet. May be called from any
    /// thread.
    [[nodiscard]] virtual std::unique_ptr<connector> make_connector(asio::any_io_executor executor,
        const endpoint& where, const transport_options& options, failure& why) const = 0;
};

/// The transports of this build: tcp and ipc. inproc is none: it carries messages, not octets.
class registry
{
public:
    registry();  // fills itself; copies share the transports
    /// Null for an unknown scheme.
    [[nodiscard]] const transport* find(std::string_view scheme) const noexcept;

private:
    std::vector<std::shared_ptr<const transport>> transports_;
};

}  // namespace ferry::transports
