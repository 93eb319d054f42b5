// Until when a wait lasts.
#pragma once

#include <chrono>

namespace ferry::detail
{

/// The end of a wait that starts now and lasts `timeout`; time_point::max() for no end: a negative
/// timeout, or one that the clock cannot count to.
[[nodiscard]] inline std::chrono::steady_clock::time_point limit_of(
    std::chrono::milliseconds timeout) noexcept
{
    using clock = std::chrono::steady_clock;
    if (timeout.count() < 0)
        return clock::time_point::max();
    const auto now = clock::now();
    const auto longest =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock::time_point::max() - now);
    return timeout < longest ? now + timeout : clock::time_point::max();
}

}  // namespace ferry::detail
