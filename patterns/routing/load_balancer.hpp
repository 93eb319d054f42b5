// Who gets the next message: every pipe with room in turn.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "patterns/pattern.hpp"
#include "patterns/routing/pipe_array.hpp"

namespace ferry::patterns
{

/// Pipes that refused stand aside until activate(). Pipes count from attach() on, whether or not
/// a connection stands behind them yet. Unknown pipes are ignored.
///
/// Spec: RFC 28 "DEALER", RFC 30 "PUSH": round-robin over peers that can take a message.
class load_balancer
{
public:
    void attach(const std::shared_ptr<pipe_end>& pipe);
    [[nodiscard]] bool contains(const pipe_end& pipe) const noexcept
    {
        return pipes_.contains(pipe);
    }
    void detach(pipe_end& pipe) noexcept;
    /// Room is back.
    void activate(pipe_end& pipe) noexcept;

    [[nodiscard]] bool has_room() noexcept;
    /// The pipe that took the message; null, and the message untouched, if none has room.
    [[nodiscard]] pipe_end* send(message& m, effects& results)
    {
        if (pipes_.active() != 0) [[likely]]
        {
            pipe_end& next = *pipes_.current().pipe;
            if (next.try_send(m, results.wakes)) [[likely]]
            {
                pipes_.advance();
                return &next;
            }
        }
        return look_for_room(m, results);
    }

    /// As send(), of a message of one frame, to the pipe whose turn it is; false if that one has no room.
    [[nodiscard]] bool send_octets(std::span<const std::byte> body, effects& results)
    {
        if (pipes_.active() == 0 || !pipes_.current().pipe->try_send_octets(body, results.wakes))
            [[unlikely]]
            return false;
        pipes_.advance();
        return true;
    }

private:
    [[nodiscard]] pipe_end* look_for_room(message& m, effects& results);

    struct entry
    {
        std::shared_ptr<pipe_end> pipe;
    };
    turn_array<entry, &pipe_end::routing_slots::load_balancer> pipes_;
};

}  // namespace ferry::patterns
