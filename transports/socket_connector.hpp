// The connecting that tcp and ipc share: resolve if need be, try address after address, talk to a proxy if that is who is there.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>

#include "transports/connector.hpp"
#include "transports/socket_handle.hpp"
#include "transports/socks/socks_dialogue.hpp"

namespace ferry::transports
{

/// Where an attempt may go: the addresses, or a name that has to be resolved first.
struct dial_targets
{
    std::vector<socket_address> addresses;
    std::string host_name;   ///< empty: nothing to resolve
    std::uint16_t port = 0;  ///< for the resolved addresses
    bool ipv6 = false;       ///< resolve to both families, else to IPv4 only

    std::optional<socks_request> by_proxy;       ///< these are a proxy's: what to ask of it
    std::chrono::milliseconds proxy_timeout{0};  ///< of the dialogue with it; 0: no limit
};

/// What a transport adds to connecting. Asked anew at each attempt.
class dialing
{
public:
    virtual ~dialing() = default;

    [[nodiscard]] virtual dial_targets targets(std::error_code& error) const = 0;
    /// A socket for one target: options set, source bound. Null with `error` set.
    [[nodiscard]] virtual socket_handle open(
        const socket_address& target, std::error_code& error) const = 0;
    /// Of a connected socket.
    [[nodiscard]] virtual stream_description describe(
        int descriptor, std::error_code& error) const = 0;
};

[[nodiscard]] std::unique_ptr<connector> make_socket_connector(
    asio::any_io_executor executor, std::unique_ptr<const dialing> kind);

}  // namespace ferry::transports
