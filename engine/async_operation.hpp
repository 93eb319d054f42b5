// An asynchronous operation: a waiter that completes a handler on an executor.
#pragma once

#include <cstddef>
#include <memory>

#include <asio/any_completion_executor.hpp>
#include <asio/any_io_executor.hpp>

#include <ferry/message.hpp>

#include "engine/waiter.hpp"

namespace ferry::detail
{

class socket_core;
class user_loop;

/// Takes effect on the executor of its handler, in the step that calls the handler: until then
/// it can be cancelled, and then it has consumed or queued nothing. So a cancellation that races
/// with a message loses neither.
///
/// It belongs to the socket's queue while it waits, and to a step while that is on its way to the
/// executor. A step that is destroyed without being run ends the operation without a call, as Asio
/// does when a loop is destroyed.
///
/// Thread safety: complete() from any thread; everything else on the handler's executor.
class async_operation : public waiter
{
public:
    async_operation(const async_operation&) = delete;
    async_operation& operator=(const async_operation&) = delete;

    /// Once, by the initiating function. True when its step is due: begin_step() is to follow. Else the
    /// operation may be gone already.
    [[nodiscard]] bool begin();
    void begin_step(const asio::any_completion_executor& immediate);
    /// The same where the handler has no immediate executor. False where that makes no difference.
    [[nodiscard]] bool begin_plain_step();
    void complete() noexcept override;
    /// Steps that one loop runs one after the other.
    class list;
    /// From the handler's cancellation slot.
    void cancel() noexcept;

protected:
    async_operation(want what, std::shared_ptr<socket_core> core);
    ~async_operation() = default;

    /// Before begin(): that of the handler, the same if it can be posted to, and the socket's.
    void set_executors(asio::any_completion_executor own, asio::any_io_executor own_for_posts,
        asio::any_io_executor sockets);
    /// Instead: everything happens on the executor of the program's loop.
    void set_loop(user_loop& loop);
    [[nodiscard]] const asio::any_io_executor& executor_for_posts() const noexcept
    {
        return posts_ ? posts_ : socket_executor_;
    }

    /// Frees the operation, then calls the handler.
    virtual void deliver() = 0;
    /// Frees the operation, then the handler, without a call.
    virtual void discard() noexcept = 0;
    /// Nothing cancels it any more.
    virtual void disconnect_slot() noexcept = 0;

    [[nodiscard]] socket_core& core() const noexcept { return *core_; }

    message message_;

private:
    friend class user_loop;
    class step;
    void post_step() noexcept;
    void end_counting() noexcept;
    void go_on();
    void abandon() noexcept override;
    void drop() noexcept override { is_dropped_ = true; }

    const std::shared_ptr<socket_core> core_;
    // They know of work that is not done. With a loop, there is but the second.
    asio::any_completion_executor executor_;
    asio::any_io_executor posts_;  // may be none
    asio::any_io_executor socket_executor_;
    user_loop* loop_ = nullptr;             // whose own executor it completes on
    async_operation* following_ = nullptr;  // in a list of steps
    bool is_dropped_ = false;               // its step is to end it without a call
};

class async_operation::list
{
public:
    explicit list(async_operation* newest) noexcept;
    list(const list&) = delete;
    list& operator=(const list&) = delete;
    /// Posts the rest.
    ~list();

    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    void run_first();

private:
    async_operation* first_ = nullptr;
};

}  // namespace ferry::detail
