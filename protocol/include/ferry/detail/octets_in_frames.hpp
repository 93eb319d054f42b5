// How many octets a message takes as frames of ZMTP 2 and newer.
#pragma once

#include <cstddef>

#include <ferry/message.hpp>

namespace ferry::detail
{

/// The body, and its header.
[[nodiscard]] inline std::size_t octets_in_frame(std::size_t body_size) noexcept
{
    constexpr std::size_t short_header = 2;
    constexpr std::size_t long_header = 9;
    constexpr std::size_t longest_short = 255;
    return body_size + (body_size > longest_short ? long_header : short_header);
}

/// The same of all frames.
[[nodiscard]] inline std::size_t octets_in_frames(const message& m) noexcept
{
    if (m.size() == 1) [[likely]]
        return octets_in_frame(m.front().size());
    std::size_t octets = 0;
    for (const frame_view frame : m)
        octets += octets_in_frame(frame.size());
    return octets;
}

}  // namespace ferry::detail
