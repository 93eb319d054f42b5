#include <ferry/proxy.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <ferry/error.hpp>
#include <ferry/poller.hpp>
#include <ferry/socket.hpp>

#include "engine/async_wait_any.hpp"
#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"

namespace ferry
{

namespace
{

using detail::socket_core;
using detail::waiter;

// One direction goes on for so many messages before the other gets its turn.
constexpr int messages_per_turn = 1000;

bool would_block(std::error_code code) noexcept
{
    return code == std::errc::operation_would_block;
}

/// One direction of a proxy: holds at most the one message that `to` had no room for.
class stream
{
public:
    stream(socket_core& from, socket_core& to, socket_core* capture) noexcept
        : from_(from), to_(to), capture_(capture)
    {
    }

    // Passes on what there is. `moved`: at least one message was.
    std::error_code pump(bool& moved)
    {
        for (int i = 0; i < messages_per_turn; ++i)
        {
            if (held_.empty())
            {
                // Only while there is room: back-pressure passes through.
                if (const std::error_code full = to_.look(detail::waiter::want::writable))
                    return would_block(full) ? std::error_code{} : full;
                const std::error_code code = from_.receive(held_, socket_core::do_not_wait);
                if (code)
                    return would_block(code) ? std::error_code{} : code;
                copy_to_capture();
            }
            const std::error_code code = to_.send(held_, socket_core::do_not_wait);
            if (code)
                return would_block(code) ? std::error_code{} : code;
            held_.clear();
            moved = true;
        }
        return {};
    }

    /// What this direction waits for when it cannot go on.
    enum class wish : std::uint8_t
    {
        input,  ///< from its source
        room,   ///< at its destination
        time,   ///< some room is there, but not for the message in hand (one subscriber, one route)
    };
    [[nodiscard]] wish wishes_for()
    {
        if (to_.look(detail::waiter::want::writable))
            return wish::room;
        return held_.empty() ? wish::input : wish::time;
    }

private:
    void copy_to_capture()
    {
        if (capture_ == nullptr)
            return;
        message copy = held_;
        (void)capture_->send(copy, socket_core::do_not_wait);
    }

    socket_core& from_;
    socket_core& to_;
    socket_core* capture_;
    message held_;
};

// A type that cannot receive (or send) takes no part in that direction.
bool receives(socket_type type) noexcept
{
    return type != socket_type::push && type != socket_type::pub;
}

bool sends(socket_type type) noexcept
{
    return type != socket_type::pull && type != socket_type::sub;
}

/// Both directions, as far as the types allow them.
class directions
{
public:
    directions(socket_core& front, socket_core& back, socket_core* capture) noexcept
        : front_(front), back_(back), forth_(front, back, capture), home_(back, front, capture),
          goes_forth_(receives(front.type()) && sends(back.type())),
          goes_home_(receives(back.type()) && sends(front.type()))
    {
    }
    [[nodiscard]] bool lead_nowhere() const noexcept { return !goes_forth_ && !goes_home_; }
    /// Passes on what there is, in turns. `moved`: at least one message was.
    [[nodiscard]] std::error_code pump(bool& moved)
    {
        std::error_code code;
        if (goes_forth_)
            code = forth_.pump(moved);
        if (!code && goes_home_)
            code = home_.pump(moved);
        return code;
    }
    /// `note(socket, what)` for each thing to wait for, `note_time()` for a moment.
    template <class Note, class NoteTime>
    void wishes(Note note, NoteTime note_time)
    {
        if (goes_forth_)
            wish_of(forth_, front_, back_, note, note_time);
        if (goes_home_)
            wish_of(home_, back_, front_, note, note_time);
    }

private:
    template <class Note, class NoteTime>
    void wish_of(
        stream& direction, socket_core& from, socket_core& to, Note& note, NoteTime& note_time)
    {
        switch (direction.wishes_for())
        {
        case stream::wish::input: return note(from, waiter::want::readable);
        case stream::wish::room: return note(to, waiter::want::writable);
        case stream::wish::time: return note_time();
        }
    }

    socket_core& front_;
    socket_core& back_;
    stream forth_;
    stream home_;
    bool goes_forth_;
    bool goes_home_;
};

// How long a message waits for one particular peer before it is tried again.
constexpr std::chrono::milliseconds a_moment{10};

/// Sleeps until one of the directions may go on.
std::error_code wait_for(
    directions& both, socket_base& front, socket_base& back, const socket_core& front_core)
{
    poll_events front_events = poll_events::none;
    poll_events back_events = poll_events::none;
    std::chrono::milliseconds timeout = forever;
    both.wishes(
        [&](const socket_core& socket, waiter::want what) {
            poll_events& events = &socket == &front_core ? front_events : back_events;
            events = events |
                (what == waiter::want::readable ? poll_events::readable : poll_events::writable);
        },
        [&] { timeout = a_moment; });
    poller poll;
    poll.add(front, front_events);
    poll.add(back, back_events);
    std::error_code code;
    (void)poll.wait(timeout, code);
    return code;
}

}  // namespace

std::error_code proxy(socket_base& frontend, socket_base& backend, socket_base* capture)
{
    if (&frontend == &backend)
        return errc::invalid_argument;
    socket_core& front = *frontend.core_;
    directions both(front, *backend.core_, capture != nullptr ? capture->core_.get() : nullptr);
    if (both.lead_nowhere())
        return errc::not_supported;
    for (;;)
    {
        bool moved = false;
        std::error_code code = both.pump(moved);
        if (!code && !moved)
            code = wait_for(both, frontend, backend, front);
        if (code)
            return code;
    }
}

// --- without blocking ----------------------------------------------------------------------------

namespace
{

using core_pointer = std::shared_ptr<socket_core>;

asio::awaitable<void> a_moment_later(asio::any_io_executor executor)
{
    asio::steady_timer timer(executor, a_moment);
    std::error_code cancelled;  // who waits looks at the state of cancellation
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

// Until something can be done: what else would end it, the next pump finds.
asio::awaitable<void> wait_for(
    directions& both, core_pointer front, core_pointer back, asio::any_io_executor executor)
{
    using namespace asio::experimental::awaitable_operators;
    std::vector<detail::awaited_readiness> all;
    bool soon = false;
    both.wishes(
        [&](socket_core& socket, waiter::want what) {
            all.push_back({&socket == front.get() ? front : back, what});
        },
        [&] { soon = true; });
    if (all.empty())
        co_await a_moment_later(executor);
    else if (soon)
        co_await (detail::wait_for_any(std::move(all), executor) || a_moment_later(executor));
    else
        co_await detail::wait_for_any(std::move(all), executor);
}

asio::awaitable<std::error_code> run_proxy(
    core_pointer front, core_pointer back, core_pointer capture, asio::any_io_executor executor)
{
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await asio::this_coro::throw_if_cancelled(false);
    directions both(*front, *back, capture.get());
    if (front == back)
        co_return errc::invalid_argument;
    if (both.lead_nowhere())
        co_return errc::not_supported;
    for (;;)
    {
        bool moved = false;
        if (const std::error_code code = both.pump(moved))
            co_return code;
        if (moved)
            co_await asio::post(executor, asio::use_awaitable);  // others have their turn
        else
            co_await wait_for(both, front, back, executor);
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            co_return asio::error::operation_aborted;
    }
}

}  // namespace

namespace detail
{

asio::any_io_executor executor_of(const socket_base& socket) noexcept
{
    const auto& context = socket.core_->context();
    return context->completion_executor(context->executor());
}

void start_proxy(
    socket_base& frontend, socket_base& backend, socket_base* capture, proxy_handler handler)
{
    const asio::any_io_executor own = executor_of(frontend);
    auto slot = asio::get_associated_cancellation_slot(handler);
    const auto place = asio::get_associated_executor(handler, own);
    auto deliver = [h = std::move(handler), slot](
                       const std::exception_ptr& failed, std::error_code code) mutable {
        if (slot.is_connected())
            slot.clear();
        std::move(h)(failed ? make_error_code(errc::out_of_memory) : code);
    };
    const asio::any_io_executor strand = asio::make_strand(own);
    asio::co_spawn(strand,
        run_proxy(frontend.core_, backend.core_,
            capture != nullptr ? capture->core_ : core_pointer(), strand),
        asio::bind_cancellation_slot(slot, asio::bind_executor(place, std::move(deliver))));
}

}  // namespace detail

}  // namespace ferry
