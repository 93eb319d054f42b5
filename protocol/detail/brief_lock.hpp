// A lock around a few instructions, for which nobody waits long.
#pragma once

#include <atomic>

namespace ferry::detail
{

/// Who finds it locked (in a forked child perhaps for ever) does without.
class brief_lock
{
public:
    explicit brief_lock(std::atomic_flag& flag) noexcept : flag_(flag)
    {
        for (int i = 0; i < max_attempts && !is_held_; ++i)
            is_held_ = !flag_.test(std::memory_order_relaxed) &&
                !flag_.test_and_set(std::memory_order_acquire);
    }
    brief_lock(const brief_lock&) = delete;
    brief_lock& operator=(const brief_lock&) = delete;
    ~brief_lock()
    {
        if (is_held_)
            flag_.clear(std::memory_order_release);
    }
    explicit operator bool() const noexcept { return is_held_; }

private:
    static constexpr int max_attempts = 100;

    std::atomic_flag& flag_;
    bool is_held_ = false;
};

}  // namespace ferry::detail
