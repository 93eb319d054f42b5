// What a socket can be ready for.
#pragma once

#include <cstdint>

namespace ferry
{

/// What to wait for; may be combined.
enum class poll_events : std::uint8_t
{
    none = 0,
    readable = 1,  ///< receive would not block. libzmq: ZMQ_POLLIN.
    writable = 2,  ///< send would not block. libzmq: ZMQ_POLLOUT.
};
[[nodiscard]] constexpr poll_events operator|(poll_events a, poll_events b) noexcept
{
    return static_cast<poll_events>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
[[nodiscard]] constexpr poll_events operator&(poll_events a, poll_events b) noexcept
{
    return static_cast<poll_events>(static_cast<std::uint8_t>(a) & static_cast<std::uint8_t>(b));
}
[[nodiscard]] constexpr bool any(poll_events e) noexcept
{
    return e != poll_events::none;
}

}  // namespace ferry
