// One io_context and the background thread that drives it.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

namespace ferry::detail
{

/// Read buffers lent to the sessions of one loop, so that an idle session holds none. Used by the
/// thread that drives the loop only.
class read_buffers
{
public:
    static constexpr std::size_t size_octets = std::size_t{128} * 1024;
    using buffer = std::unique_ptr<std::byte[]>;

    [[nodiscard]] buffer take();
    void give_back(buffer b) noexcept;

private:
    buffer spare_;
};

/// Runs the I/O of the sessions that were given its executor. Who drives it is decided here and
/// nowhere else: today the background thread alone. Signals are blocked in that thread, so that
/// handlers run in the program's own threads, where blocking calls see them.
class io_loop
{
public:
    io_loop();
    /// stop().
    ~io_loop();
    io_loop(const io_loop&) = delete;
    io_loop& operator=(const io_loop&) = delete;

    [[nodiscard]] asio::any_io_executor executor() noexcept { return io_.get_executor(); }
    [[nodiscard]] read_buffers& buffers() noexcept { return buffers_; }
    [[nodiscard]] bool is_driven_by_this_thread() const noexcept;
    [[nodiscard]] bool is_stopped() const noexcept
    {
        return is_stopped_.load(std::memory_order_acquire);
    }
    /// Ends the thread, after which completions that are already due run here. Idempotent.
    void stop() noexcept;

private:
    void run() noexcept;

    asio::io_context io_;
    read_buffers buffers_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
    std::thread::id thread_id_;
    std::atomic<bool> is_stopped_{false};
};

}  // namespace ferry::detail
