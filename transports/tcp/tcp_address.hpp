// The address part of a tcp endpoint as a checked value. Nothing is looked up here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "transports/failure.hpp"

namespace ferry::transports
{

/// What stands before the port.
struct tcp_host
{
    enum class kind
    {
        any,   ///< `*`
        ipv4,  ///< a literal; its four octets come first in `octets`
        ipv6,  ///< a literal, with or without brackets; perhaps with a zone
        name,  ///< a host name, or (bind and source) a network interface
    };

    kind what = kind::any;
    std::array<std::uint8_t, 16> octets{};  ///< in network order
    std::string zone;                       ///< after `%`: an interface's name or number
    std::string name;

    [[nodiscard]] bool is_literal() const noexcept
    {
        return what == kind::ipv4 || what == kind::ipv6;
    }
    [[nodiscard]] bool is_ipv6_literal() const noexcept { return what == kind::ipv6; }
    friend bool operator==(const tcp_host&, const tcp_host&) = default;
};

/// `interface:port`. Port 0 (or `*`): the system chooses one.
struct tcp_bind_address
{
    tcp_host host;
    std::uint16_t port = 0;
    friend bool operator==(const tcp_bind_address&, const tcp_bind_address&) = default;
};

/// `[source;]host:port`.
struct tcp_connect_address
{
    std::optional<tcp_bind_address> source;
    tcp_host host;
    std::uint16_t port = 0;
    friend bool operator==(const tcp_connect_address&, const tcp_connect_address&) = default;
};

/// Errors: errc::invalid_endpoint, with a detail that names the part at fault.
/// libzmq: takes ports modulo 65536; we refuse those above 65535.
[[nodiscard]] std::optional<tcp_bind_address> parse_tcp_bind_address(
    std::string_view text, failure& why);

/// As above. The source's port may be left out; `*` is neither a host nor a port to connect to.
[[nodiscard]] std::optional<tcp_connect_address> parse_tcp_connect_address(
    std::string_view text, failure& why);

}  // namespace ferry::transports
