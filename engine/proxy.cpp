#include <ferry/proxy.hpp>

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
    [[nodiscard]] bool is_holding() const noexcept { return !held_.empty(); }

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

}  // namespace

std::error_code proxy(socket_base& frontend, socket_base& backend, socket_base* capture)
{
    socket_core& front = *frontend.core_;
    socket_core& back = *backend.core_;
    socket_core* copies = capture != nullptr ? capture->core_.get() : nullptr;
    stream forth(front, back, copies);
    stream home(back, front, copies);
    const bool goes_forth = receives(front.type()) && sends(back.type());
    const bool goes_home = receives(back.type()) && sends(front.type());

    if (!goes_forth && !goes_home)
        return errc::not_supported;

    poller waiting;
    waiting.add(frontend);
    waiting.add(backend);
    for (;;)
    {
        bool moved = false;
        std::error_code code;
        if (goes_forth)
            code = forth.pump(moved);
        if (!code && goes_home)
            code = home.pump(moved);
        if (code)
            return code;
        if (moved)
            continue;
        const auto wanted = [](bool reads, bool writes) {
            return (reads ? poll_events::readable : poll_events::none) |
                (writes ? poll_events::writable : poll_events::none);
        };
        waiting.modify(frontend, wanted(goes_forth && !forth.is_holding(), home.is_holding()));
        waiting.modify(backend, wanted(goes_home && !home.is_holding(), forth.is_holding()));
        (void)waiting.wait(forever, code);
        if (code)
            return code;
    }
}

}  // namespace ferry
