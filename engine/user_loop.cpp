#include "engine/user_loop.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <asio/post.hpp>

#include "engine/async_operation.hpp"
#include "engine/turn_executor.hpp"

namespace ferry::detail
{

namespace
{

// The loop whose step this thread is in.
thread_local user_loop* stepping = nullptr;

// The others on the executor shall not wait long for those.
constexpr int most_steps_in_a_row = 32;
constexpr std::chrono::microseconds longest_row{50};

}  // namespace

asio::any_io_executor user_loop::executor() const noexcept
{
    const auto self = std::const_pointer_cast<user_loop>(shared_from_this());
    return turn_executor(user_executor_, turn_handle(self));
}

void user_loop::abandon() noexcept
{
    is_abandoned_.store(true, std::memory_order_release);
    turn_.drop_tasks();
}

void user_loop::run_soon(turn_task& task) noexcept
{
    if (is_stopped())
        return;
    turn_.push(task);
    if (turn_.is_mine())
        return;  // it is run before the turn is given back
    if (stepping == this)
        steps_.note_work();
    else
        schedule();
}

user_loop::step_scope::step_scope(user_loop* loop) noexcept
    : loop_(loop), outer_(std::exchange(stepping, loop))
{
}

user_loop::step_scope::~step_scope()
{
    if (loop_ != nullptr && loop_->steps_.end())
        loop_->take_turn();
    stepping = outer_;
}

// Who has the turn is a handler on the executor: the program's own calls do not take it. In a step the turn is
// only taken to do what is left; steps that follow from that would pile up on each other.
bool user_loop::run_after_turn(async_operation& operation) noexcept
{
    if (stepping != nullptr || !turn_.is_mine())
        return false;
    follow(operation);
    return true;
}

bool user_loop::run_after_step(async_operation& operation) noexcept
{
    if (stepping != this)
        return false;
    follow(operation);
    return true;
}

void user_loop::follow(async_operation& operation) noexcept
{
    operation.following_ = following_.load(std::memory_order_relaxed);
    while (!following_.compare_exchange_weak(operation.following_, &operation))
        continue;
}

void user_loop::drop_step() noexcept
{
    if (steps_.end())
        schedule();
}

void user_loop::run_step(async_operation& operation)
{
    const poster posts_what_is_left(*this);
    operation.go_on();
    run_row();
}

void user_loop::run_what_follows()
{
    const poster posts_what_is_left(*this);
    run_row();
}

void user_loop::run_row()
{
    if (stepping != nullptr || following_.load(std::memory_order_relaxed) == nullptr)
        return;
    const auto end = std::chrono::steady_clock::now() + longest_row;
    int left = most_steps_in_a_row;
    while (following_.load(std::memory_order_relaxed) != nullptr)
    {
        async_operation::list steps(following_.exchange(nullptr));
        while (!steps.empty())
        {
            if (left-- <= 0 || std::chrono::steady_clock::now() >= end)
                return;
            steps.run_first();
        }
    }
}

// After a row that was too long, and when a handler has thrown.
user_loop::poster::~poster()
{
    if (loop_.following_.load(std::memory_order_relaxed) != nullptr)
        const async_operation::list posted(loop_.following_.exchange(nullptr));
}

void user_loop::take_turn() noexcept
{
    if (turn_.try_take())
        turn_.give_back();
}

void user_loop::schedule() noexcept
{
    if (is_stopped() || is_scheduled_.exchange(true))
        return;
    try
    {
        asio::post(user_executor_, [self = shared_from_this()] {
            self->is_scheduled_.store(false);
            self->take_turn();
            self->run_what_follows();
        });
    }
    catch (const std::exception&)
    {
        is_scheduled_.store(false);  // the next one in the turn does it
    }
}

}  // namespace ferry::detail
