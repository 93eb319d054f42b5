// A loop that the program runs: Ferry's work on an executor it was given.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include <asio/any_io_executor.hpp>

#include "engine/link_loop.hpp"
#include "engine/loop_turn.hpp"

namespace ferry::detail
{

/// Sessions are touched in its turn, which is its strand: the executor may be that of a pool of
/// threads. Nothing runs inside the program's own calls: what a call leaves to be done is posted,
/// once, so that what was sent in one turn of the program's loop leaves in one write.
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

private:
    void relieve() noexcept override { schedule(); }
    void schedule() noexcept;

    loop_turn turn_;
    const asio::any_io_executor user_executor_;
    read_buffers buffers_;
    std::atomic<bool> is_scheduled_{false};
    std::atomic<bool> is_abandoned_{false};
};

}  // namespace ferry::detail
