// A short_lock that costs the one thread that uses it no atomic read-modify-write at all.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/short_lock.hpp"

namespace ferry::detail
{

/// Lockable. A thread that took it some thousand times in a row becomes its owner: from then on it
/// only says that it is inside, and looks whether it still is the owner. Another thread that
/// wants the lock takes that away: it clears the owner, lets all threads of the process pass a
/// memory barrier (process_barrier), and waits until the former owner is not inside. So the price
/// of ordering the owner's store before its load is paid by those who come rarely.
///
/// A former owner may stand right before saying that it is inside, for as long as it likes, and then
/// takes that back over the head of a new owner. So nobody becomes the owner until it came by.
///
/// Tested step by step, store buffers included, in tests/unit/engine/biased_lock_test.cpp.
class biased_lock
{
public:
    biased_lock() noexcept = default;
    biased_lock(const biased_lock&) = delete;
    biased_lock& operator=(const biased_lock&) = delete;

    void lock() noexcept
    {
        const void* const me = this_thread();
        if (owner_.load(std::memory_order_relaxed) == me) [[likely]]
        {
            inside_.store(true, std::memory_order_relaxed);
            std::atomic_signal_fence(std::memory_order_seq_cst);
            if (owner_.load(std::memory_order_acquire) == me) [[likely]]
            {
                held_by_owner_ = true;
                return;
            }
            inside_.store(false, std::memory_order_release);
        }
        lock_for_all(me);
    }
    void unlock() noexcept
    {
        if (held_by_owner_)
            inside_.store(false, std::memory_order_release);
        else
            all_.unlock();
    }

    /// How often in a row a thread takes the lock until it owns it.
    static constexpr std::uint32_t habit = 2000;

private:
    [[nodiscard]] static const void* this_thread() noexcept
    {
        static thread_local constinit char here = 0;
        return &here;
    }
    void lock_for_all(const void* me) noexcept;

    std::atomic<const void*> owner_{nullptr};
    std::atomic<bool> inside_{false};
    bool held_by_owner_ = false;  // the holder's
    short_lock all_;
    std::uint32_t in_a_row_ = 0;  // of the holder of all_
    const void* last_ = nullptr;
    const void* ousted_ = nullptr;  // a former owner that did not come by since
};

}  // namespace ferry::detail
