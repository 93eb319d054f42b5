// One frame header: every RFC 37 framing rule is here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <ferry/error.hpp>

#include "protocol/octets.hpp"

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
    std::optional<protocol_errc> error;
};

inline constexpr std::uint8_t flag_more = 0x01;
inline constexpr std::uint8_t flag_long = 0x02;
inline constexpr std::uint8_t flag_command =
    0x04;  // the others are reserved, and ignored as libzmq does
inline constexpr std::uint8_t flags_known = flag_more | flag_long | flag_command;

/// Reads one frame header from the start of `in`. Never allocates, never looks past `in`, and
/// rejects an illegal header as soon as its first octet is known.
[[nodiscard]] inline frame_header_result parse_frame_header(
    std::span<const std::byte> in, std::uint64_t max_body_size) noexcept
{
    if (in.empty())
        return {};

    const auto flags = std::to_integer<std::uint8_t>(in[0]);
    const bool more = flags & flag_more;
    const bool command = flags & flag_command;
    if (more && command)
        return {{}, 0, protocol_errc::more_on_command};

    const bool is_long = flags & flag_long;
    const std::size_t header_size = is_long ? long_header_size : short_header_size;
    if (in.size() < header_size)
        return {};

    const std::uint64_t body_size =
        is_long ? load_big_endian(in.subspan(1, 8)) : std::to_integer<std::uint64_t>(in[1]);
    if (body_size > max_wire_size)
        return {{}, 0, protocol_errc::frame_size_overflow};
    if (body_size > max_body_size)
        return {{}, 0, protocol_errc::frame_too_large};

    return {{more, command, body_size}, header_size, {}};
}

/// Writes a header to the start of `out`, in the short form whenever it fits. Returns the octets
/// it took: 2 or 9.
inline std::size_t write_frame_header(
    std::span<std::byte, long_header_size> out, const frame_header& header) noexcept
{
    const bool is_long = header.body_size > max_short_body_size;
    out[0] = static_cast<std::byte>((header.more ? flag_more : 0) | (is_long ? flag_long : 0) |
        (header.command ? flag_command : 0));
    if (!is_long)
    {
        out[1] = static_cast<std::byte>(header.body_size);
        return short_header_size;
    }
    store_big_endian(out.subspan(1), header.body_size);
    return long_header_size;
}

}  // namespace ferry::protocol
