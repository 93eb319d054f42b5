#include "engine/thread_signal.hpp"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#else
#include <thread>
#endif

namespace ferry::detail
{

#if defined(__linux__)

namespace
{

// A futex wait without a timeout is restarted behind our back after a handler with SA_RESTART; one
// with a timeout never is. So there always is one, and an hour is as good as for ever.
constexpr std::chrono::nanoseconds longest_nap = std::chrono::hours{1};

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

long futex(std::atomic<std::uint32_t>* word, int operation, std::uint32_t value,
    const timespec* timeout) noexcept
{
    return ::syscall(
        SYS_futex, reinterpret_cast<std::uint32_t*>(word), operation, value, timeout, nullptr, 0);
}

}  // namespace

void thread_signal::set() noexcept
{
    // After the exchange the waiter may return and its stack may be reused: what is needed then is
    // fetched before, and the wake-up finds nobody, or wakes a stranger spuriously, which every
    // futex user must expect.
    std::atomic<std::uint32_t>* word = &state_;
    wait_interrupter* driven = driven_;
    const std::uint32_t before = word->exchange(was_set, std::memory_order_acq_rel);
    if (before == asleep)
        futex(word, FUTEX_WAKE_PRIVATE, 1, nullptr);
    else if (before == driving)
        driven->interrupt();
}

thread_signal::result thread_signal::wait_until(time_point limit) noexcept
{
    while (leave(idle, asleep))
    {
        std::chrono::nanoseconds nap = longest_nap;
        if (limit != time_point::max())
        {
            const time_point now = std::chrono::steady_clock::now();
            if (limit <= now)
                return leave(asleep, idle) ? result::timed_out : result::set;
            nap = std::min<std::chrono::nanoseconds>(nap, limit - now);
        }
        const timespec timeout{static_cast<std::time_t>(nap.count() / 1'000'000'000),
            static_cast<long>(nap.count() % 1'000'000'000)};
        const long woken = futex(&state_, FUTEX_WAIT_PRIVATE, asleep, &timeout);
        const bool interrupted = woken != 0 && errno == EINTR;
        if (!leave(asleep, idle))
            return result::set;
        if (interrupted)
            return result::interrupted;
    }
    return result::set;
}

void thread_signal::wait() noexcept
{
    while (wait_until(time_point::max()) != result::set)
    {
    }
}

#else

void thread_signal::set() noexcept
{
    wait_interrupter* driven = driven_;
    const std::uint32_t before = state_.exchange(was_set, std::memory_order_acq_rel);
    if (before == asleep)
        state_.notify_one();
    else if (before == driving)
        driven->interrupt();
}

thread_signal::result thread_signal::wait_until(time_point limit) noexcept
{
    // TODO(port): a wait that sees signal handlers on systems without futexes.
    while (!is_set())
    {
        if (limit == time_point::max() && leave(idle, asleep))
            state_.wait(asleep);
        else if (std::chrono::steady_clock::now() >= limit)
            return result::timed_out;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return result::set;
}

void thread_signal::wait() noexcept
{
    (void)wait_until(time_point::max());
}

#endif

}  // namespace ferry::detail
