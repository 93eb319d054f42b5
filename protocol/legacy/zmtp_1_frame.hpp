// One frame header of ZMTP 1.0: every RFC 13 framing rule is here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/frame.hpp"

namespace ferry::protocol::legacy
{

inline constexpr std::size_t zmtp_1_short_header_size = 2;
inline constexpr std::size_t zmtp_1_long_header_size = 10;
inline constexpr std::uint64_t zmtp_1_max_short_body_size = 253;

/// Reads one ZMTP 1.0 frame header from the start of `in`; never a command. Never allocates, never
/// looks past `in`, and rejects an illegal length as soon as it is known.
[[nodiscard]] frame_header_result parse_zmtp_1_header(
    std::span<const std::byte> in, std::uint64_t max_body_size) noexcept;

/// Writes a header to the start of `out`, in the short form whenever it fits. Returns the octets
/// it took: 2 or 10. There are no commands: the flag is ignored.
std::size_t write_zmtp_1_header(
    std::span<std::byte, zmtp_1_long_header_size> out, const frame_header& header) noexcept;

}  // namespace ferry::protocol::legacy
