#include <ferry/poller.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>
#include <utility>

#include <ferry/error.hpp>
#include <ferry/socket.hpp>

#include "engine/context_core.hpp"
#include "engine/io_loop.hpp"
#include "engine/socket_core.hpp"
#include "engine/thread_signal.hpp"
#include "engine/wait_limit.hpp"

namespace ferry
{

namespace
{

using detail::io_loop;
using detail::socket_core;
using detail::thread_signal;
using detail::waiter;

struct item
{
    socket_base* socket;
    std::shared_ptr<socket_core> core;
    poll_events events;
    std::uint64_t tag;
};

// One of many waits that share one sleeping thread.
class shared_wait final : public waiter
{
public:
    shared_wait(want what, std::atomic<std::size_t>& open, thread_signal& signal) noexcept
        : waiter(what, nullptr), open_(open), signal_(signal)
    {
    }
    // The thread sleeps on until the first completion, and later, after withdrawing the rest,
    // until those that were already on their way have arrived: see wait_for_any.
    void complete() noexcept override
    {
        signal_.set();
        open_.fetch_sub(1, std::memory_order_release);
    }

private:
    std::atomic<std::size_t>& open_;
    thread_signal& signal_;
};

poll_events ready_events(const item& i, std::error_code& error)
{
    poll_events ready = poll_events::none;
    const auto look = [&](poll_events event, waiter::want what) {
        if (error || !any(i.events & event))
            return;
        const std::error_code result = i.core->look(what);
        if (!result)
            ready = ready | event;
        else if (result != std::errc::operation_would_block)
            error = result;
    };
    if (!any(i.events))
        error = i.core->look(waiter::want::peers);  // closed or terminated, perhaps
    if (error == std::errc::operation_would_block)
        error.clear();
    look(poll_events::readable, waiter::want::readable);
    look(poll_events::writable, waiter::want::writable);
    return ready;
}

}  // namespace

struct poller::state
{
    std::vector<item> items;

    [[nodiscard]] auto find(const socket_base& socket)
    {
        return std::find_if(
            items.begin(), items.end(), [&](const item& i) { return i.socket == &socket; });
    }
    [[nodiscard]] std::vector<poll_result> collect(std::error_code& error) const;
    [[nodiscard]] std::error_code wait_for_any(thread_signal::time_point limit) const;
    [[nodiscard]] io_loop* loop_to_drive() const noexcept;
    // Not on the thread, or the loop, that would have to do what is waited for.
    [[nodiscard]] bool may_wait() const noexcept
    {
        return std::none_of(items.begin(), items.end(),
            [](const item& i) { return i.core->context()->forbids_blocking(); });
    }
};

// The one loop of all sockets; null when there are several, or when a thread must not wait there.
io_loop* poller::state::loop_to_drive() const noexcept
{
    io_loop* only = nullptr;
    for (const item& i : items)
    {
        io_loop* loop = i.core->loop_to_drive();
        if (loop != nullptr && only != nullptr && loop != only)
            return nullptr;
        only = loop != nullptr ? loop : only;
    }
    return only != nullptr && only->is_driven_by_this_thread() ? nullptr : only;
}

std::vector<poll_result> poller::state::collect(std::error_code& error) const
{
    std::vector<poll_result> all;
    for (const item& i : items)
    {
        const poll_events ready = ready_events(i, error);
        if (error)
            return {};
        if (any(ready))
            all.push_back({i.socket, ready, i.tag});
    }
    return all;
}

std::error_code poller::state::wait_for_any(thread_signal::time_point limit) const
{
    struct entry
    {
        entry(
            const item& i, waiter::want what, std::atomic<std::size_t>& open, thread_signal& signal)
            : of(&i), wait(what, open, signal)
        {
        }
        const item* of;
        shared_wait wait;
    };
    io_loop* const loop = loop_to_drive();
    std::atomic<std::size_t> open{0};
    thread_signal signal(loop != nullptr ? &loop->interrupter() : nullptr);
    std::deque<entry> waits;  // never moves its elements
    bool ready = false;
    const auto start = [&](const item& i, waiter::want what) {
        if (ready)
            return;
        entry& added = waits.emplace_back(i, what, open, signal);
        open.fetch_add(1, std::memory_order_relaxed);
        if (what == waiter::want::peers)
            added.wait.count = SIZE_MAX;  // never: only the socket's end completes it
        if (i.core->start(added.wait))
        {
            ready = true;
            open.fetch_sub(1, std::memory_order_relaxed);
            waits.pop_back();
        }
    };
    for (const item& i : items)
    {
        if (any(i.events & poll_events::readable))
            start(i, waiter::want::readable);
        if (any(i.events & poll_events::writable))
            start(i, waiter::want::writable);
        if (!any(i.events))
            start(i, waiter::want::peers);
    }
    auto result = thread_signal::result::set;
    if (!ready)
        result = loop != nullptr ? loop->wait(signal, limit) : signal.wait_until(limit);
    for (entry& e : waits)
    {
        if (e.of->core->withdraw(e.wait))
            open.fetch_sub(1, std::memory_order_relaxed);
    }
    while (open.load(std::memory_order_acquire) != 0)
        std::this_thread::yield();  // a completion is between its two last lines
    if (result == thread_signal::result::interrupted)
        return errc::interrupted;
    return {};
}

poller::poller() : state_(std::make_unique<state>()) {}

poller::~poller() = default;

void poller::add(socket_base& socket, poll_events events, std::uint64_t tag)
{
    if (state_->find(socket) != state_->items.end())
        throw error(errc::invalid_argument, "poller: the socket is in it already");
    state_->items.push_back({&socket, socket.core_, events, tag});
}

void poller::modify(socket_base& socket, poll_events events)
{
    const auto found = state_->find(socket);
    if (found == state_->items.end())
        throw error(errc::invalid_argument, "poller: the socket is not in it");
    found->events = events;
}

void poller::remove(socket_base& socket) noexcept
{
    const auto found = state_->find(socket);
    if (found != state_->items.end())
        state_->items.erase(found);
}

std::size_t poller::size() const noexcept
{
    return state_->items.size();
}

std::vector<poll_result> poller::wait(std::chrono::milliseconds timeout)
{
    std::error_code code;
    auto ready = wait(timeout, code);
    if (code)
        throw error(code, "poller");
    return ready;
}

std::vector<poll_result> poller::wait(std::chrono::milliseconds timeout, std::error_code& error)
{
    error.clear();
    const auto limit = detail::limit_of(timeout);
    for (bool looked = false;;)
    {
        auto ready = state_->collect(error);
        if (error || !ready.empty())
            return ready;
        if (std::chrono::steady_clock::now() >= limit)
        {
            io_loop* const loop = state_->loop_to_drive();
            if (loop == nullptr || std::exchange(looked, true))
                return {};
            loop->look();
            continue;
        }
        error = state_->may_wait() ? state_->wait_for_any(limit) : errc::would_deadlock;
        if (error)
            return {};
    }
}

}  // namespace ferry
