#include <ferry/poller.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include <poll.h>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/system_executor.hpp>
#include <asio/this_coro.hpp>

#include <ferry/error.hpp>
#include <ferry/socket.hpp>

#include "engine/async_wait_any.hpp"
#include "engine/context_core.hpp"
#include "engine/descriptor_sleep.hpp"
#include "engine/io_loop.hpp"
#include "engine/socket_core.hpp"
#include "engine/thread_signal.hpp"
#include "engine/wait_limit.hpp"

namespace ferry
{

namespace
{

using detail::descriptor_sleep;
using detail::io_loop;
using detail::look_at;
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
    void abandon() noexcept override { complete(); }

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

namespace
{

std::vector<poll_result> collect(const std::vector<item>& items, std::error_code& error)
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

bool any_ready(std::span<const pollfd> descriptors) noexcept
{
    return std::any_of(descriptors.begin(), descriptors.end(),
        [](const pollfd& each) { return each.revents != 0; });
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
    [[nodiscard]] std::error_code wait_for_any(
        thread_signal::time_point limit, std::span<pollfd> descriptors) const;
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

namespace
{

thread_signal::result sleep(io_loop* loop, thread_signal& signal, thread_signal::time_point limit,
    descriptor_sleep* beside) noexcept
{
    if (loop != nullptr)
        return loop->wait(signal, limit, false, beside);
    return beside != nullptr ? beside->wait_until(signal, limit) : signal.wait_until(limit);
}

}  // namespace

std::error_code poller::state::wait_for_any(
    thread_signal::time_point limit, std::span<pollfd> descriptors) const
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
    std::optional<descriptor_sleep> beside;
    if (!descriptors.empty())
        beside.emplace(descriptors);
    detail::wait_interrupter* const driven = loop != nullptr ? &loop->interrupter() : nullptr;
    thread_signal signal(beside ? &*beside : driven);
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
        result = sleep(loop, signal, limit, beside ? &*beside : nullptr);
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
    return wait({}, timeout, error);
}

std::vector<poll_result> poller::wait(
    std::span<pollfd> descriptors, std::chrono::milliseconds timeout, std::error_code& error)
{
    error.clear();
    const auto limit = detail::limit_of(timeout);
    for (pollfd& each : descriptors)
        each.revents = 0;
    for (bool looked = false;;)
    {
        auto ready = collect(state_->items, error);
        const bool is_over = std::chrono::steady_clock::now() >= limit;
        if (error || any_ready(descriptors))
            return ready;
        if (!ready.empty() || is_over)
        {
            if (look_at(descriptors, error) || error || !ready.empty())
                return ready;
            io_loop* const loop = state_->loop_to_drive();
            if (loop == nullptr || std::exchange(looked, true))
                return {};
            loop->look();
            continue;
        }
        error =
            state_->may_wait() ? state_->wait_for_any(limit, descriptors) : errc::would_deadlock;
        if (error)
            return {};
    }
}

// --- without blocking ----------------------------------------------------------------------------

namespace
{

struct poll_outcome
{
    std::error_code error;
    std::vector<poll_result> ready;
};

std::vector<detail::awaited_readiness> waits_of(const std::vector<item>& items)
{
    std::vector<detail::awaited_readiness> all;
    for (const item& i : items)
    {
        if (any(i.events & poll_events::readable))
            all.push_back({i.core, waiter::want::readable});
        if (any(i.events & poll_events::writable))
            all.push_back({i.core, waiter::want::writable});
        if (!any(i.events))
            all.push_back({i.core, waiter::want::peers});
    }
    return all;
}

asio::awaitable<poll_outcome> poll(std::vector<item> items, asio::any_io_executor executor)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await asio::this_coro::throw_if_cancelled(false);
    poll_outcome outcome;
    for (;;)
    {
        outcome.ready = collect(items, outcome.error);
        if (outcome.error || !outcome.ready.empty())
            co_return outcome;
        co_await detail::wait_for_any(waits_of(items), executor);
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            co_return poll_outcome{asio::error::operation_aborted, {}};
    }
}

}  // namespace

asio::any_io_executor poller::executor() const noexcept
{
    if (state_->items.empty())
        return asio::system_executor();
    const auto& context = state_->items.front().core->context();
    return context->completion_executor(context->executor());
}

void poller::start_wait(detail::poll_handler handler) const
{
    const asio::any_io_executor own = executor();
    if (state_->items.empty())
    {
        asio::post(own, [h = std::move(handler)]() mutable {
            std::move(h)(make_error_code(errc::invalid_argument), std::vector<poll_result>());
        });
        return;
    }
    auto slot = asio::get_associated_cancellation_slot(handler);
    const auto place = asio::get_associated_executor(handler, own);
    auto deliver = [h = std::move(handler), slot](
                       const std::exception_ptr& failed, poll_outcome what) mutable {
        if (slot.is_connected())
            slot.clear();
        if (failed)
            what.error = errc::out_of_memory;
        std::move(h)(what.error, std::move(what.ready));
    };
    const asio::any_io_executor strand = asio::make_strand(own);
    asio::co_spawn(strand, poll(state_->items, strand),
        asio::bind_cancellation_slot(slot, asio::bind_executor(place, std::move(deliver))));
}

}  // namespace ferry
