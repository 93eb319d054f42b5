#include "engine/monitor_queue.hpp"

#include <utility>

namespace ferry::detail
{

void monitor_queue::push(const monitor_event& event)
{
    const std::lock_guard lock(mutex_);
    if (closed_)
        return;
    if (events_.size() >= capacity_)
    {
        missed_.fetch_add(1, std::memory_order_relaxed);
        ++skipped_;
        return;
    }
    events_.push_back(event);
    events_.back().skipped_before = std::exchange(skipped_, 0);
    wake_readers();
}

void monitor_queue::close() noexcept
{
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wake_readers();
}

// Under the lock: the signal lives on the reader's stack until the reader takes it back.
void monitor_queue::wake_readers() noexcept
{
    for (thread_signal* reader : std::exchange(readers_, {}))
        reader->set();
    for (const auto& [place, reader] : std::exchange(async_readers_, {}))
        reader->wake();
}

bool monitor_queue::add_reader(std::uint64_t place, std::shared_ptr<event_reader> reader)
{
    const std::lock_guard lock(mutex_);
    if (!events_.empty() || closed_ || aborted_)
        return false;
    async_readers_.emplace(place, std::move(reader));
    return true;
}

bool monitor_queue::remove_reader(std::uint64_t place) noexcept
{
    const std::lock_guard lock(mutex_);
    return async_readers_.erase(place) != 0;
}

void monitor_queue::abort_readers() noexcept
{
    const std::lock_guard lock(mutex_);
    aborted_.store(true);
    wake_readers();
}

bool monitor_queue::is_at_its_end()
{
    const std::lock_guard lock(mutex_);
    return events_.empty() && closed_;
}

std::optional<monitor_event> monitor_queue::try_pop()
{
    const std::lock_guard lock(mutex_);
    if (events_.empty())
        return {};
    std::optional<monitor_event> first(std::move(events_.front()));
    events_.pop_front();
    return first;
}

std::optional<monitor_event> monitor_queue::pop_until(
    thread_signal::time_point limit, bool& interrupted)
{
    for (;;)
    {
        thread_signal signal;
        {
            const std::lock_guard lock(mutex_);
            if (!events_.empty())
            {
                std::optional<monitor_event> first(std::move(events_.front()));
                events_.pop_front();
                return first;
            }
            if (closed_)
                return {};
            readers_.push_back(&signal);
        }
        const auto result = signal.wait_until(limit);
        {
            const std::lock_guard lock(mutex_);
            std::erase(readers_, &signal);
        }
        interrupted = result == thread_signal::result::interrupted;
        if (result != thread_signal::result::set)
            return interrupted ? std::nullopt : try_pop();
    }
}

}  // namespace ferry::detail
