// How many octets a message takes as frames of ZMTP 2 and newer.
#pragma once

#include <cstddef>

#include <ferry/message.hpp>

namespace ferry::detail
{

/// The bodies, and a header each.
[[nodiscard]] inline std::size_t octets_in_frames(const message& m) noexcept
{
    constexpr std::size_t short_header = 2;
    constexpr std::size_t long_header = 9;
    constexpr std::size_t longest_short = 255;
    std::size_t octets = 0;
    for (const frame_view frame : m)
        octets += frame.size() + (frame.size() > longest_short ? long_header : short_header);
    return octets;
}

}  // namespace ferry::detail
