// A lock for sections of some tens of nanoseconds: one atomic exchange to take, a plain store to let go.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace ferry::detail
{

/// Lockable. Who finds it taken spins, then yields, then naps: the holder never has anybody to
/// wake, and so letting go costs no atomic read-modify-write. Naps also let a holder of lower
/// priority finish. Not fair, and not for sections that call the system.
class short_lock
{
public:
    short_lock() noexcept = default;
    short_lock(const short_lock&) = delete;
    short_lock& operator=(const short_lock&) = delete;

    void lock() noexcept
    {
        if (taken_.exchange(true, std::memory_order_acquire))
            wait_and_lock();
    }
    [[nodiscard]] bool try_lock() noexcept
    {
        return !taken_.load(std::memory_order_relaxed) &&
            !taken_.exchange(true, std::memory_order_acquire);
    }
    void unlock() noexcept { taken_.store(false, std::memory_order_release); }

private:
    static constexpr int spins = 64;
    static constexpr int yields = 64;
    static constexpr std::chrono::microseconds nap{50};

    void wait_and_lock() noexcept
    {
        for (int tries = 0; !try_lock(); ++tries)
        {
            if (tries < spins)
                pause();
            else if (tries < spins + yields)
                std::this_thread::yield();
            else
                std::this_thread::sleep_for(nap);
        }
    }
    static void pause() noexcept
    {
#if defined(__x86_64__) || defined(__i386__)
        _mm_pause();
#endif
    }

    std::atomic<bool> taken_{false};
};

}  // namespace ferry::detail
