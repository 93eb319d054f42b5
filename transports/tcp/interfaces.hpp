// From what an address names to what the system understands: interfaces, zones, host names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transports/failure.hpp"
#include "transports/socket_address.hpp"
#include "transports/tcp/tcp_address.hpp"

namespace ferry::transports
{

/// The first address of each family of the interface, IPv4 before IPv6; empty when there is no
/// such interface or it has none.
[[nodiscard]] std::vector<socket_address> addresses_of_interface(const std::string& name);

/// Whether an interface of that name exists, with or without addresses.
[[nodiscard]] bool interface_exists(const std::string& name);

/// A literal with its port; the zone is looked up. Errors: errc::no_such_interface.
[[nodiscard]] std::optional<socket_address> literal_address(
    const tcp_host& host, std::uint16_t port, failure& why);

/// Where to bind: a literal, an interface's address, or a host name's (resolved here and now).
/// With `ipv6`, `*` is [::] for both families and names prefer IPv6.
/// Errors: errc::no_such_interface.
[[nodiscard]] std::optional<socket_address> bind_address(
    const tcp_bind_address& where, bool ipv6, failure& why);

/// Where to connect from, for a target of `family`. A host name is none.
[[nodiscard]] std::optional<socket_address> source_address(
    const tcp_bind_address& source, int family, failure& why);

}  // namespace ferry::transports
