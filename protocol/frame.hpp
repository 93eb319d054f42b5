// One frame header: every RFC 37 framing rule is here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

namespace ferry::protocol
{

inline constexpr std::size_t short_header_size = 2;
inline constexpr std::size_t long_header_size = 9;
inline constexpr std::uint64_t max_short_body_size = 255;
inline constexpr std::uint64_t max_wire_size = INT64_MAX;  ///< RFC 37: "up to 2^63-1 octets"
inline constexpr std::uint64_t no_limit = UINT64_MAX;

/// What the first octets of a frame announce. RFC 37 "Framing".
struct frame_header
{
    bool more = false;            ///< another frame of the same message follows
    bool command = false;         ///< body is a command, not message data
    std::uint64_t body_size = 0;  ///< octets after the header; 0 to 2^63-1
};

/// Either a header (`consumed` > 0), an error, or neither: give more octets.
struct frame_header_result
{
    frame_header header;
    std::size_t consumed = 0;  ///< octets the header took: 2 (short) or 9 (long)
    std::error_code error;
};

/// Reads one frame header from the start of `in`. Never allocates, never looks past `in`, and
/// rejects an illegal header as soon as its first octet is known.
[[nodiscard]] frame_header_result parse_frame_header(
    std::span<const std::byte> in, std::uint64_t max_body_size) noexcept;

/// Writes a header to the start of `out`, in the short form whenever it fits. Returns the octets
/// it took: 2 or 9.
std::size_t write_frame_header(
    std::span<std::byte, long_header_size> out, const frame_header& header) noexcept;

}  // namespace ferry::protocol
