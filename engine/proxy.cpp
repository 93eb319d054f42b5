#include <ferry/proxy.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include <ferry/error.hpp>
#include <ferry/poller.hpp>
#include <ferry/socket.hpp>

#include "engine/socket_core.hpp"

namespace ferry
{

namespace
{

using detail::socket_core;

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

/// Sleeps until one of the directions may go on.
class proxy_wait
{
public:
    proxy_wait(socket_base& front, socket_base& back) : front_(front), back_(back)
    {
        poller_.add(front);
        poller_.add(back);
    }

    void clear() noexcept
    {
        front_events_ = poll_events::none;
        back_events_ = poll_events::none;
        timeout_ = forever;
    }
    void add(stream::wish what, bool from_front) noexcept
    {
        poll_events& source = from_front ? front_events_ : back_events_;
        poll_events& destination = from_front ? back_events_ : front_events_;
        if (what == stream::wish::input)
            source = source | poll_events::readable;
        else if (what == stream::wish::room)
            destination = destination | poll_events::writable;
        else
            timeout_ = std::chrono::milliseconds{10};
    }
    [[nodiscard]] std::error_code wait()
    {
        poller_.modify(front_, front_events_);
        poller_.modify(back_, back_events_);
        std::error_code code;
        (void)poller_.wait(timeout_, code);
        return code;
    }

private:
    socket_base& front_;
    socket_base& back_;
    poller poller_;
    poll_events front_events_ = poll_events::none;
    poll_events back_events_ = poll_events::none;
    std::chrono::milliseconds timeout_ = forever;
};

}  // namespace

std::error_code proxy(socket_base& frontend, socket_base& backend, socket_base* capture)
{
    if (&frontend == &backend)
        return errc::invalid_argument;
    socket_core& front = *frontend.core_;
    socket_core& back = *backend.core_;
    socket_core* copies = capture != nullptr ? capture->core_.get() : nullptr;
    stream forth(front, back, copies);
    stream home(back, front, copies);
    const bool goes_forth = receives(front.type()) && sends(back.type());
    const bool goes_home = receives(back.type()) && sends(front.type());
    if (!goes_forth && !goes_home)
        return errc::not_supported;

    proxy_wait waiting(frontend, backend);
    for (;;)
    {
        bool moved = false;
        std::error_code code;
        if (goes_forth)
            code = forth.pump(moved);
        if (!code && goes_home)
            code = home.pump(moved);
        if (!code && !moved)
        {
            waiting.clear();
            if (goes_forth)
                waiting.add(forth.wishes_for(), true);
            if (goes_home)
                waiting.add(home.wishes_for(), false);
            code = waiting.wait();
        }
        if (code)
            return code;
    }
}

}  // namespace ferry
