#include "engine/user_loop.hpp"

#include <exception>
#include <utility>

#include <asio/post.hpp>

#include "engine/turn_executor.hpp"

namespace ferry::detail
{

asio::any_io_executor user_loop::executor() const noexcept
{
    const auto self = std::const_pointer_cast<user_loop>(shared_from_this());
    return turn_executor(user_executor_, std::shared_ptr<loop_turn>(self, &self->turn_));
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
    if (!turn_.is_mine())  // else it is run before the turn is given back
        schedule();
}

void user_loop::schedule() noexcept
{
    if (is_stopped() || is_scheduled_.exchange(true))
        return;
    try
    {
        asio::post(user_executor_, [self = shared_from_this()] {
            self->is_scheduled_.store(false);
            if (self->turn_.try_take())
                self->turn_.give_back();
        });
    }
    catch (const std::exception&)
    {
        is_scheduled_.store(false);  // the next one in the turn does it
    }
}

}  // namespace ferry::detail
