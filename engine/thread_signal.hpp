// How a blocked thread sleeps: until it is told, a time passes, or a signal handler ran in it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace ferry::detail
{

/// What a thread waits in while it drives a loop instead of sleeping.
class wait_interrupter
{
public:
    /// Ends the wait that is under way, or the next one. From any thread.
    virtual void interrupt() noexcept = 0;

protected:
    ~wait_interrupter() = default;
};

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

    /// `driven`: where the thread may wait between begin_driving() and end_driving().
    explicit thread_signal(wait_interrupter* driven = nullptr) noexcept : driven_(driven) {}
    thread_signal(const thread_signal&) = delete;
    thread_signal& operator=(const thread_signal&) = delete;

    /// Wakes the waiting thread. The signal may be destroyed as soon as a waiter has seen it.
    void set() noexcept;
    [[nodiscard]] bool is_set() const noexcept
    {
        return state_.load(std::memory_order_acquire) == was_set;
    }
    /// Sleeps until set() or `limit`; time_point::max() is no limit.
    [[nodiscard]] result wait_until(time_point limit) noexcept;
    /// Sleeps until set(), whatever happens. For waits that are known to be short.
    void wait() noexcept;

    /// From now on set() interrupts what the thread waits in. False when it was set already.
    [[nodiscard]] bool begin_driving() noexcept { return leave(idle, driving); }
    void end_driving() noexcept { (void)leave(driving, idle); }

private:
    static constexpr std::uint32_t idle = 0;
    static constexpr std::uint32_t was_set = 1;
    static constexpr std::uint32_t asleep = 2;
    static constexpr std::uint32_t driving = 3;

    bool leave(std::uint32_t from, std::uint32_t to) noexcept
    {
        return state_.compare_exchange_strong(
            from, to, std::memory_order_acq_rel, std::memory_order_acquire);
    }

    std::atomic<std::uint32_t> state_{idle};
    wait_interrupter* const driven_;
};

}  // namespace ferry::detail
