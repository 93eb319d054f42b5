#include "engine/loop_turn.hpp"

#include <chrono>
#include <thread>

namespace ferry::detail
{

namespace
{

// An address that no other thread of now has.
const void* this_thread() noexcept
{
    thread_local char here;
    return &here;
}

constexpr int most_rounds = 2;
constexpr int yields_before_nap = 64;
constexpr std::chrono::microseconds nap{50};

}  // namespace

bool loop_turn::is_mine() const noexcept
{
    return owner_.load(std::memory_order_relaxed) == this_thread();
}

// Sequentially consistent, like push() and let_go(): of two threads, one that adds and then tries,
// and one that lets go and then looks, at least one sees what the other did.
bool loop_turn::try_take() noexcept
{
    if (taken_.load(std::memory_order_seq_cst) || taken_.exchange(true, std::memory_order_seq_cst))
        return false;
    owner_.store(this_thread(), std::memory_order_relaxed);
    return true;
}

void loop_turn::let_go() noexcept
{
    runs_rest_ = false;
    owner_.store(nullptr, std::memory_order_relaxed);
    taken_.exchange(false, std::memory_order_seq_cst);
}

void loop_turn::take() noexcept
{
    for (int tries = 0; !try_take(); ++tries)
    {
        if (tries < yields_before_nap)
            std::this_thread::yield();
        else
            std::this_thread::sleep_for(nap);
    }
}

void loop_turn::give_back() noexcept
{
    (void)finish();
}

bool loop_turn::finish() noexcept
{
    for (int round = 1;; ++round)
    {
        if (rest_is_free_.load(std::memory_order_seq_cst) && rest_is_free_.exchange(false))
            run_list(std::exchange(rest_, nullptr));
        run_tasks();
        const bool rests = rest_ != nullptr;
        has_rest_.store(rests, std::memory_order_seq_cst);
        let_go();
        const bool is_released = rests && rest_is_free_.load(std::memory_order_seq_cst);
        if (tasks_.load(std::memory_order_seq_cst) == nullptr && !is_released)
            return rests;
        if (round == most_rounds)
        {
            relief_.relieve();
            return rests;
        }
        if (!try_take())
            return rests;
    }
}

// Of others than a thread that comes again it is an ordinary task; but if such a thread waits for the
// turn already, it shall not have to wait for that, too.
void loop_turn::go_on(turn_task& task) noexcept
{
    if (!runs_rest_ && !is_awaited_.load(std::memory_order_relaxed))
        return push(task);
    task.next_ = rest_;
    rest_ = &task;
}

void loop_turn::run_tasks() noexcept
{
    run_list(tasks_.exchange(nullptr, std::memory_order_acq_rel));
}

void loop_turn::run_list(turn_task* newest) noexcept
{
    turn_task* first = nullptr;  // in the order of their coming
    while (newest != nullptr)
    {
        turn_task* next = newest->next_;
        newest->next_ = first;
        first = newest;
        newest = next;
    }
    while (first != nullptr)
    {
        turn_task* task = first;
        first = first->next_;
        task->run_in_turn();
    }
}

void loop_turn::drop_tasks() noexcept
{
    for (turn_task* task : {tasks_.exchange(nullptr), std::exchange(rest_, nullptr)})
    {
        while (task != nullptr)
            std::exchange(task, task->next_)->drop();
    }
}

void loop_turn::push(turn_task& task) noexcept
{
    turn_task* newest = tasks_.load(std::memory_order_relaxed);
    do
    {
        task.next_ = newest;
    }
    while (!tasks_.compare_exchange_weak(
        newest, &task, std::memory_order_seq_cst, std::memory_order_relaxed));
}

}  // namespace ferry::detail
