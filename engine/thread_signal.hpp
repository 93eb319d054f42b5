// How a blocked thread sleeps: until it is told, a time passes, or a signal handler ran in it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace ferry::detail
{

/// One sleep and one wake-up. On Linux a wait that a signal handler interrupts says so, whether or
/// not the handler was installed with SA_RESTART; see docs/decisions/0002-interruptible-wait.md.
class thread_signal
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    enum class result : std::uint8_t
    {
        set,
        timed_out,
        interrupted,
    };

    /// Wakes the waiting thread. The signal may be destroyed as soon as a waiter has seen it.
    void set() noexcept;
    /// Sleeps until set() or `limit`; time_point::max() is no limit.
    [[nodiscard]] result wait_until(time_point limit) noexcept;
    /// Sleeps until set(), whatever happens. For waits that are known to be short.
    void wait() noexcept;

private:
    std::atomic<std::uint32_t> state_{0};
};

}  // namespace ferry::detail
