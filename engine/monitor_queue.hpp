// The bounded queue between a socket's events and one monitor.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include <ferry/monitor.hpp>

#include "engine/thread_signal.hpp"

namespace ferry::detail
{

/// Thread-safe. Full, it skips what is new, counts it, and says so in the next event it takes.
class monitor_queue
{
public:
    explicit monitor_queue(std::size_t capacity) : capacity_(capacity) {}

    void push(const monitor_event& event);
    /// No more events will come.
    void close() noexcept;

    [[nodiscard]] std::optional<monitor_event> try_pop();
    /// Empty after `limit`, when closed and drained, or with `interrupted` set.
    [[nodiscard]] std::optional<monitor_event> pop_until(
        thread_signal::time_point limit, bool& interrupted);
    [[nodiscard]] std::uint64_t missed() const noexcept
    {
        return missed_.load(std::memory_order_relaxed);
    }

private:
    void wake_readers() noexcept;

    const std::size_t capacity_;
    std::mutex mutex_;
    std::deque<monitor_event> events_;
    std::uint64_t skipped_ = 0;  // since the last one taken
    std::vector<thread_signal*> readers_;
    bool closed_ = false;
    std::atomic<std::uint64_t> missed_{0};
};

}  // namespace ferry::detail
