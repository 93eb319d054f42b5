// When what the steps of asynchronous operations left to be done is done.
#pragma once

#include <atomic>
#include <chrono>

namespace ferry::detail
{

/// Counts the steps that are on their way to one loop. A step in which something was sent need not
/// write it if another step follows: so a coroutine that sends in a loop fills batches, and one that
/// sends and then waits has written when it waits. But nothing lies for long: for as many steps as sends had
/// begun by then, so that what was sent in one turn stays together, then for so many steps more, and for
/// so long.
///
/// Thread safety: any thread; end() on the thread that called note_work(), if it did.
template <class Clock>
class basic_step_counter
{
public:
    static constexpr long most_steps = 256;
    static constexpr std::chrono::microseconds longest{100};

    void begin() noexcept { on_their_way_.fetch_add(1); }
    /// A send was begun, whether its step is on its way yet or not; and is over.
    void begin_send() noexcept { sends_.fetch_add(1, std::memory_order_relaxed); }
    void end_send() noexcept { sends_.fetch_sub(1, std::memory_order_relaxed); }

    /// In a step: something was left to be done.
    void note_work() noexcept
    {
        if (!has_work_.exchange(true))
            steps_.store(0, std::memory_order_relaxed);
    }

    /// A step is over. True when the work is to be done now, by the caller.
    [[nodiscard]] bool end() noexcept
    {
        const bool others_follow = on_their_way_.fetch_sub(1) != 1;
        if (!has_work_.load())
            return false;
        if (others_follow && may_wait())
            return false;
        return has_work_.exchange(false);
    }

private:
    using duration = typename Clock::duration;
    [[nodiscard]] bool may_wait() noexcept
    {
        const long step = steps_.fetch_add(1, std::memory_order_relaxed);
        if (step == 0)
        {
            known_.store(sends_.load(std::memory_order_relaxed), std::memory_order_relaxed);
            since_.store(now(), std::memory_order_relaxed);
        }
        const long more = step - known_.load(std::memory_order_relaxed);
        return more < 0 ||
            (more < most_steps && now() - since_.load(std::memory_order_relaxed) < longest);
    }
    [[nodiscard]] static duration now() noexcept { return Clock::now().time_since_epoch(); }

    std::atomic<long> on_their_way_{0};
    std::atomic<bool> has_work_{false};
    std::atomic<long> steps_{0};  // that left it to others
    std::atomic<long> known_{0};  // sends that had begun when the first one did
    std::atomic<long> sends_{0};
    std::atomic<duration> since_{};
};
using step_counter = basic_step_counter<std::chrono::steady_clock>;

}  // namespace ferry::detail
