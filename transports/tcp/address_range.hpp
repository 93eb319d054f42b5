// "10.0.0.0/8" as a checked value: a range of IP addresses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "transports/failure.hpp"
#include "transports/socket_address.hpp"

namespace ferry::transports
{

/// The addresses that begin with the same bits. An IPv4 address is the IPv6 address it is mapped to, so that a range means
/// the same whichever family the socket is of: "10.0.0.0/8" is "::ffff:10.0.0.0/104".
struct address_range
{
    std::array<std::uint8_t, 16> octets{};  ///< in network order
    unsigned bits = 128;                    ///< that count, 0 to 128

    /// Of an address of another family: false.
    [[nodiscard]] bool contains(const socket_address& address) const noexcept;
    friend bool operator==(const address_range&, const address_range&) = default;
};

/// An IPv4 or IPv6 literal, perhaps with "/" and how many of its bits count; all without. Bits set behind those do not
/// matter.
///
/// Errors: errc::invalid_argument, with a detail.
[[nodiscard]] std::optional<address_range> parse_address_range(std::string_view text, failure& why);

}  // namespace ferry::transports
