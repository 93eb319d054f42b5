#include "engine/biased_lock.hpp"

#include <chrono>
#include <thread>

#include "engine/process_barrier.hpp"

namespace ferry::detail
{

namespace
{

constexpr int yields_before_nap = 64;
constexpr std::chrono::microseconds nap{50};

}  // namespace

void biased_lock::lock_for_all(const void* me) noexcept
{
    all_.lock();
    if (const void* owner = owner_.load(std::memory_order_relaxed); owner != nullptr)
    {
        ousted_ = owner;
        owner_.store(nullptr, std::memory_order_seq_cst);
        process_barrier();
        for (int tries = 0; inside_.load(std::memory_order_acquire); ++tries)
        {
            if (tries < yields_before_nap)
                std::this_thread::yield();
            else
                std::this_thread::sleep_for(nap);
        }
    }
    if (ousted_ == me)
        ousted_ = nullptr;
    in_a_row_ = last_ == me ? in_a_row_ + 1 : 0;
    last_ = me;
    held_by_owner_ = false;
    if (in_a_row_ < habit || ousted_ != nullptr || !has_process_barrier())
        return;
    in_a_row_ = 0;
    held_by_owner_ = true;
    inside_.store(true, std::memory_order_relaxed);
    owner_.store(me, std::memory_order_relaxed);
    all_.unlock();  // who takes it now sees the owner, and that it is inside
}

}  // namespace ferry::detail
