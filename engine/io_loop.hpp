// One io_context, the background thread that runs it, and the threads that drive its streams while they wait.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <asio/any_io_executor.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "engine/descriptor_sleep.hpp"
#include "engine/flood_watch.hpp"
#include "engine/held_signals.hpp"
#include "engine/link_loop.hpp"
#include "engine/loop_gate.hpp"
#include "engine/loop_turn.hpp"
#include "engine/thread_settings.hpp"
#include "engine/thread_signal.hpp"
#include "transports/descriptor_watch.hpp"

namespace ferry::detail
{

/// Runs the I/O of the sessions that were given its executor.
///
/// Everything that touches a session happens in the loop's turn, on whatever thread. The
/// background thread always runs the io_context: timers, connecting, accepting. The streams are
/// watched by a descriptor_watch, which is served by whoever waits for messages, or by the
/// background thread when nobody does: see docs/decisions/0006-who-drives-a-loop.md.
///
/// Signals are blocked in the background thread, so that handlers run in the program's own
/// threads, where blocking calls see them.
class io_loop final : public link_loop, private turn_relief, private wait_interrupter
{
public:
    /// `busy_poll`: how long a waiting thread looks for octets before it sleeps. `background`: the thread's.
    /// Errors: std::system_error.
    explicit io_loop(std::chrono::microseconds busy_poll, thread_settings background = {});
    /// stop().
    ~io_loop();
    io_loop(const io_loop&) = delete;
    io_loop& operator=(const io_loop&) = delete;

    [[nodiscard]] asio::any_io_executor executor() const noexcept override { return executor_; }
    [[nodiscard]] loop_turn& turn() noexcept override { return turn_; }
    /// Where users' handlers run: on the background thread, and not in the loop's turn.
    [[nodiscard]] const asio::any_io_executor& user_executor() const noexcept override
    {
        return user_executor_;
    }
    /// Operations whose handlers wait. While there are some, the background thread serves the streams
    /// as soon as nobody drives.
    void count_async_waiter(int change) noexcept
    {
        async_waiters_.fetch_add(change, std::memory_order_relaxed);
    }
    void serve_async_waiters() noexcept;
    /// Waits until the handlers that are due now have run; not on the background thread.
    void finish_handlers() noexcept;
    /// After stop() nobody runs what is posted: whoever posted something then must see to it himself.
    [[nodiscard]] bool is_finished() const noexcept { return is_finished_.load(); }
    void run_what_is_due() noexcept;
    [[nodiscard]] read_buffers& buffers() noexcept override { return buffers_; }
    void run_soon(turn_task& task) noexcept override { turn_.add(task); }
    void go_on(turn_task& task) noexcept override { turn_.go_on(task); }
    void serve_others() noexcept override;
    void count_blocked(int change) noexcept override
    {
        blocked_.fetch_add(change, std::memory_order_relaxed);
    }
    [[nodiscard]] flood_watch* floods() noexcept override { return &floods_; }

    /// Whether this thread is the background thread, or works for the loop at this moment: then it
    /// must not wait for what the loop does.
    [[nodiscard]] bool is_driven_by_this_thread() const noexcept override;
    [[nodiscard]] bool is_stopped() const noexcept override
    {
        return is_stopped_.load(std::memory_order_acquire);
    }

    /// For thread_signal's constructor: of threads that call wait().
    [[nodiscard]] wait_interrupter& interrupter() noexcept { return *this; }
    /// Waits like signal.wait_until(limit), and does the loop's work meanwhile, where no other
    /// thread does. Before that, what this thread sent is written; but not `for_room`, where one peer
    /// is full and the others' batches are to go on growing. With descriptors `beside` also until one of those is
    /// ready; then the signal was made with that.
    [[nodiscard]] thread_signal::result wait(thread_signal& signal, thread_signal::time_point limit,
        bool for_room = false, descriptor_sleep* beside = nullptr) noexcept;
    /// Does what is ready, where no other thread does; returns at once.
    void look() noexcept;

    /// For a thread that has just sent something large: lets the streams take it, for a fraction of a
    /// millisecond at most, so that what a fast sender makes is still in the caches when it is
    /// written, and its memory comes back; longer for more `octets`. A peer that does not read slows
    /// nobody down.
    void pace(std::size_t octets) noexcept
    {
        if (blocked_.load(std::memory_order_relaxed) != 0)
            drive_for_a_moment(octets);
    }

    /// Ends the thread, after which completions that are already due run here. Idempotent.
    void stop() noexcept;

private:
    [[nodiscard]] bool begin_drive() noexcept;
    void end_drive() noexcept;
    void leave_to_background() noexcept;
    void take_turn() noexcept;
    void end_sleep() noexcept;
    [[nodiscard]] thread_signal::result drive(
        thread_signal& signal, thread_signal::time_point limit, descriptor_sleep* beside) noexcept;
    [[nodiscard]] transports::descriptor_watch::outcome wait_beside(descriptor_sleep& beside,
        transports::descriptor_watch::batch& found, std::optional<std::chrono::nanoseconds> timeout,
        const sigset_t* mask) noexcept;
    [[nodiscard]] bool poll_busily(
        thread_signal& signal, thread_signal::time_point limit, held_signals& signals) noexcept;
    [[nodiscard]] bool deliver_fairly(
        const transports::descriptor_watch::batch& found, bool more) noexcept;
    void drive_for_a_moment(std::size_t octets) noexcept;
    void serve_watch() noexcept;
    void write_floods() noexcept;
    void take_back_later();
    void on_take_back();
    void run() noexcept;

    void relieve() noexcept override;
    void interrupt() noexcept override { watch_.interrupt(); }

    asio::io_context io_;
    loop_turn turn_;
    const asio::any_io_executor executor_;
    const asio::any_io_executor user_executor_;
    transports::descriptor_watch& watch_;
    read_buffers buffers_;
    flood_watch floods_;
    asio::steady_timer take_back_;
    const std::chrono::microseconds busy_poll_;

    // Who serves the watch. Invariant: while nobody drives, the gate is open or will be soon.
    std::mutex drivers_;
    loop_gate gate_;
    std::atomic<int> async_waiters_{0};
    std::atomic<int> blocked_{0};  // sessions whose streams take nothing now
    std::chrono::steady_clock::time_point pace_again_{};
    std::chrono::microseconds pause_{0};
    bool driving_ = false;
    bool serves_others_ = false;  // the last driver did, for more than a turn
    bool taking_back_ = false;
    std::size_t sleepers_ = 0;
    std::uint64_t drives_ = 0;
    std::uint64_t drives_seen_ = 0;

    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
    std::thread::id thread_id_;
    std::atomic<bool> is_stopped_{false};
    std::atomic<bool> is_finished_{false};  // the thread has ended
    std::mutex after_the_thread_;           // who runs what is due
};

}  // namespace ferry::detail
