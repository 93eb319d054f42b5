// Property lists: what the peers of a handshake tell each other about themselves. RFC 37 "Metadata".
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <ferry/message.hpp>
#include <ferry/socket_type.hpp>

namespace ferry::protocol
{

inline constexpr std::string_view socket_type_property = "Socket-Type";
inline constexpr std::string_view identity_property = "Identity";
inline constexpr std::size_t max_identity_size = 255;
inline constexpr std::size_t max_properties = 256;  // local limit: bounds what a peer can cost

struct metadata_result
{
    peer_properties::list properties;  ///< in the order received, duplicates included
    std::error_code error;             ///< protocol_errc::malformed_metadata, handshake_too_large
};

/// Reads a property list. Names may hold any octets, and none: libzmq does not look at them. Names
/// count upper and lower case, as they do in libzmq, whatever the RFC says.
[[nodiscard]] metadata_result parse_metadata(std::span<const std::byte> octets);

/// The first property of that name (what lookups go by), and the last one (what a routing id goes
/// by). Empty: there is none.
[[nodiscard]] std::optional<std::string_view> find_first(
    const peer_properties::list& properties, std::string_view name) noexcept;
[[nodiscard]] std::optional<std::string_view> find_last(
    const peer_properties::list& properties, std::string_view name) noexcept;

/// Whether every Socket-Type in the list can talk to `own`. None in it: yes. RFC 37 "Socket-Type".
[[nodiscard]] bool suits(const peer_properties::list& properties, socket_type own) noexcept;

/// Our own list: Socket-Type; Identity for REQ, DEALER and ROUTER, also when empty; then `further`.
/// A name that is empty or longer than 255 octets cannot travel and is left out.
[[nodiscard]] std::vector<std::byte> encode_metadata(
    socket_type type, std::string_view routing_id, const peer_properties::list& further);

}  // namespace ferry::protocol
