// The bounded queue between a socket's events and one monitor.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <ferry/monitor.hpp>

#include "engine/thread_signal.hpp"

namespace ferry::detail
{

/// Somebody who is called when there may be an event, or no other will come.
class event_reader
{
public:
    event_reader() = default;
    event_reader(const event_reader&) = delete;
    event_reader& operator=(const event_reader&) = delete;
    virtual ~event_reader() = default;

    /// Once for each time it was added; under the queue's lock.
    virtual void wake() noexcept = 0;
};

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

    /// The place among those that wait, for add_reader().
    [[nodiscard]] std::uint64_t next_place() noexcept { return next_place_.fetch_add(1); }
    /// wake() is called when something happens. False, and nothing is kept, where there is an event or
    /// an end already.
    [[nodiscard]] bool add_reader(std::uint64_t place, std::shared_ptr<event_reader> reader);
    /// False when it is not there (any more).
    bool remove_reader(std::uint64_t place) noexcept;
    /// The monitor is gone: nobody reads any more.
    void abort_readers() noexcept;

    [[nodiscard]] bool is_aborted() const noexcept { return aborted_.load(); }
    [[nodiscard]] bool is_at_its_end();
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
    std::map<std::uint64_t, std::shared_ptr<event_reader>> async_readers_;
    std::atomic<std::uint64_t> next_place_{0};
    std::atomic<bool> aborted_{false};
    bool closed_ = false;
    std::atomic<std::uint64_t> missed_{0};
};

}  // namespace ferry::detail
