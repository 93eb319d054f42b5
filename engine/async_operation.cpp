#include "engine/async_operation.hpp"

#include <exception>
#include <utility>

#include <asio/error.hpp>
#include <asio/execution.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>

#include <ferry/error.hpp>

#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"
#include "engine/user_loop.hpp"

namespace ferry::detail
{

/// Runs the operation on its executor. Destroyed instead, it ends it.
class async_operation::step
{
public:
    explicit step(async_operation& operation) noexcept : operation_(&operation) {}
    step(step&& other) noexcept : operation_(std::exchange(other.operation_, nullptr)) {}
    step& operator=(step&&) = delete;
    ~step()
    {
        if (operation_ == nullptr)
            return;
        const std::shared_ptr<socket_core> core = operation_->core_;  // longer than its loop
        user_loop* const loop = operation_->loop_;
        operation_->abandon();
        if (loop != nullptr)
            loop->drop_step();
    }

    void operator()()
    {
        async_operation& operation = *std::exchange(operation_, nullptr);
        if (operation.loop_ == nullptr)
            return operation.go_on();
        const std::shared_ptr<socket_core> core = operation.core_;
        operation.loop_->run_step(operation);
    }

private:
    async_operation* operation_;
};

async_operation::async_operation(want what, std::shared_ptr<socket_core> core)
    : waiter(what, &message_, takes_effect::in_its_step), core_(std::move(core))
{
}

void async_operation::set_executors(asio::any_completion_executor own,
    asio::any_io_executor own_for_posts, asio::any_io_executor sockets)
{
    constexpr auto tracked = asio::execution::outstanding_work.tracked;
    executor_ = asio::prefer(std::move(own), tracked);
    posts_ = std::move(own_for_posts);
    socket_executor_ = asio::prefer(std::move(sockets), tracked);
}

void async_operation::set_loop(user_loop& loop)
{
    loop_ = &loop;
    posts_ = asio::prefer(loop.user_executor(), asio::execution::outstanding_work.tracked);
}

bool async_operation::begin()
{
    const auto context = core_->context();
    context->count_async_waiter(1);
    if (loop_ != nullptr && what() == want::send)
        loop_->steps().begin_send();
    if (core_->start(*this))
        return true;
    context->serve_async_waiters();
    return false;
}

bool async_operation::begin_plain_step()
{
    if (loop_ == nullptr)
        return false;
    loop_->steps().begin();
    if (loop_->run_after_step(*this))
        return true;
    const asio::any_io_executor own = posts_;
    asio::post(own, step(*this));
    return true;
}

void async_operation::begin_step(const asio::any_completion_executor& immediate)
{
    const auto context = core_->context();
    if (loop_ != nullptr)
    {
        loop_->steps().begin();
        immediate.execute(
            [next = step(*this), own = posts_]() mutable { own.execute(std::move(next)); });
        return;
    }
    asio::any_completion_executor own = executor_;
    immediate.execute(
        [next = step(*this), own = std::move(own)]() mutable { own.execute(std::move(next)); });
    context->see_to_handlers();
}

void async_operation::complete() noexcept
{
    if (loop_ != nullptr)
    {
        loop_->steps().begin();
        if (loop_->run_after_turn(*this))
            return;
    }
    post_step();
}

void async_operation::post_step() noexcept
{
    const auto context = core_->context();
    const asio::any_completion_executor kept = executor_;  // its loop does not end while we post
    step next(*this);
    try
    {
        if (posts_)
        {
            const asio::any_io_executor posts = posts_;
            asio::post(posts, std::move(next));
            return context->see_to_handlers();
        }
        const asio::any_io_executor sockets = socket_executor_;
        asio::post(sockets,
            [next = std::move(next), own = executor_]() mutable { own.execute(std::move(next)); });
    }
    catch (const std::exception&)
    {
        return;  // no memory to call the handler with: it was destroyed
    }
    context->see_to_handlers();
}

void async_operation::cancel() noexcept
{
    switch (core_->withdraw_deferred(*this))
    {
    case socket_core::withdrawal::too_late: return;
    case socket_core::withdrawal::step_is_coming: error = asio::error::operation_aborted; return;
    case socket_core::withdrawal::done:
        error = asio::error::operation_aborted;
        complete();
        return;
    }
}

void async_operation::end_counting() noexcept
{
    core_->context()->count_async_waiter(-1);
    if (loop_ != nullptr && what() == want::send)
        loop_->steps().end_send();
}

void async_operation::go_on()
{
    const std::shared_ptr<socket_core> core = core_;  // and its context, longer than its executors
    const user_loop::step_scope scope(loop_);
    if (!core->take_step(*this))
        return;
    if (is_dropped_)
        return abandon();
    disconnect_slot();
    end_counting();
    // Until the handler has returned, its loop has something to do.
    const asio::any_io_executor posts = std::move(posts_);
    const asio::any_completion_executor executor = std::move(executor_);
    const asio::any_io_executor socket_executor = std::move(socket_executor_);
    deliver();
}

async_operation::list::list(async_operation* newest) noexcept
{
    while (newest != nullptr)
        newest = std::exchange(newest->following_, std::exchange(first_, newest));
}

async_operation::list::~list()
{
    while (first_ != nullptr)
        std::exchange(first_, first_->following_)->post_step();
}

void async_operation::list::run_first()
{
    std::exchange(first_, first_->following_)->go_on();
}

void async_operation::abandon() noexcept
{
    const std::shared_ptr<socket_core> core = core_;
    const asio::any_completion_executor executor = std::move(executor_);
    const asio::any_io_executor posts = std::move(posts_);
    const asio::any_io_executor socket_executor = std::move(socket_executor_);
    (void)core->withdraw_deferred(*this);
    disconnect_slot();
    end_counting();
    discard();
}

}  // namespace ferry::detail
