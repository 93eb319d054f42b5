// A loop that the program runs: Ferry's work on an executor it was given.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include <asio/any_io_executor.hpp>

#include "engine/link_loop.hpp"
#include "engine/loop_turn.hpp"
#include "engine/step_counter.hpp"

namespace ferry::detail
{

class async_operation;

/// Sessions are touched in its turn, which is its strand: the executor may be that of a pool of
/// threads. Nothing runs inside the program's own calls: what a call leaves to be done is posted,
/// once, so that what was sent in one turn of the program's loop leaves in one write. What is left
/// in the step of an asynchronous operation is not posted: the last of the steps that are on their
/// way does it when its handler has returned.
///
/// Handlers on the executor hold it, however long they lie there.
///
/// Thread safety: any thread.
class user_loop final : public link_loop,
                        private turn_relief,
                        public std::enable_shared_from_this<user_loop>
{
public:
    explicit user_loop(asio::any_io_executor executor) noexcept
        : turn_(*this), user_executor_(std::move(executor))
    {
    }
    user_loop(const user_loop&) = delete;
    user_loop& operator=(const user_loop&) = delete;
    ~user_loop() = default;

    [[nodiscard]] asio::any_io_executor executor() const noexcept override;
    [[nodiscard]] const asio::any_io_executor& user_executor() const noexcept override
    {
        return user_executor_;
    }
    [[nodiscard]] loop_turn& turn() noexcept override { return turn_; }
    [[nodiscard]] bool is_driven_by_this_thread() const noexcept override
    {
        return turn_.is_mine();
    }
    [[nodiscard]] bool is_stopped() const noexcept override
    {
        return is_abandoned_.load(std::memory_order_acquire);
    }
    /// The executor will run nothing any more, or shall not: the program's loop is being destroyed,
    /// or this is the child of a fork.
    void abandon() noexcept;

    [[nodiscard]] read_buffers& buffers() noexcept override { return buffers_; }
    void run_soon(turn_task& task) noexcept override;
    void go_on(turn_task& task) noexcept override { turn_.go_on(task); }
    void serve_others() noexcept override {}
    void count_blocked(int) noexcept override {}
    [[nodiscard]] flood_watch* floods() noexcept override { return nullptr; }

    // --- the steps of operations that complete here; those of others do not count ----------------
    [[nodiscard]] step_counter& steps() noexcept { return steps_; }
    /// Runs the step when this thread has given the turn back, without a trip through the
    /// program's queue. False where it cannot: then it is to be posted.
    [[nodiscard]] bool run_after_turn(async_operation& operation) noexcept;
    /// The same when the step that this thread is in is over, of an operation begun in its handler.
    [[nodiscard]] bool run_after_step(async_operation& operation) noexcept;
    /// Runs the step, and those that follow. In a handler on the executor, outside the turn; what handlers throw
    /// comes out.
    void run_step(async_operation& operation);
    /// One that is on its way will not be run.
    void drop_step() noexcept;
    /// Around a step, in whose course handlers are called.
    class step_scope
    {
    public:
        explicit step_scope(user_loop* loop) noexcept;
        ~step_scope();
        step_scope(const step_scope&) = delete;
        step_scope& operator=(const step_scope&) = delete;

    private:
        user_loop* const loop_;
        user_loop* const outer_;
    };

    /// What turn_executor wants: the turn, and what is to follow it.
    class turn_handle
    {
    public:
        explicit turn_handle(std::shared_ptr<user_loop> loop) noexcept : loop_(std::move(loop)) {}
        [[nodiscard]] loop_turn& operator*() const noexcept { return loop_->turn_; }
        void after() const { loop_->run_what_follows(); }
        friend bool operator==(const turn_handle&, const turn_handle&) noexcept = default;

    private:
        std::shared_ptr<user_loop> loop_;
    };

private:
    void relieve() noexcept override { schedule(); }
    void schedule() noexcept;
    void take_turn() noexcept;
    void follow(async_operation& operation) noexcept;
    void run_what_follows();
    void run_row();
    class poster
    {
    public:
        explicit poster(user_loop& loop) noexcept : loop_(loop) {}
        ~poster();
        poster(const poster&) = delete;
        poster& operator=(const poster&) = delete;

    private:
        user_loop& loop_;
    };

    loop_turn turn_;
    const asio::any_io_executor user_executor_;
    read_buffers buffers_;
    step_counter steps_;
    std::atomic<async_operation*> following_{nullptr};  // the newest first
    std::atomic<bool> is_scheduled_{false};
    std::atomic<bool> is_abandoned_{false};
};

}  // namespace ferry::detail
