// How patterns touch a pipe: putting a message in, probing, emptying it.
#pragma once

#include <utility>

#include <ferry/detail/message_access.hpp>

#include "patterns/pattern.hpp"

namespace ferry::patterns
{

/// Writes and publishes; a message that a conflating pipe gives up for it is counted.
inline void put(pipe_end& pipe, message&& m, effects& results)
{
    pipe.send(std::move(m), results.wakes);
    if (pipe.conflates())
    {
        message replaced;
        if (pipe.take_replaced(replaced))
            results.drop(drop_reason::conflated, std::move(replaced), pipe);
    }
}

/// The empty message by which a ROUTER learns of its peer at once. A peer whose queue is full
/// makes itself known by that.
inline void send_probe(pipe_end& pipe, effects& results)
{
    if (pipe.can_write())
        put(pipe, message(""), results);
}

/// When the pipe of a connect is made: the probe is in front of all that is sent before the
/// connection stands.
inline void probe_at_once(pipe_end& pipe, const attachment& how, effects& results)
{
    if (!how.initiated_here)
        return;
    pipe.slots.probed = true;
    send_probe(pipe, results);
}

/// When a connection stands: what has been probed already is not probed again for the first one.
inline void probe_connection(pipe_end& pipe, effects& results)
{
    if (!std::exchange(pipe.slots.probed, false))
        send_probe(pipe, results);
}

/// Drops what is unread now. Bounded: what the other end adds meanwhile stays.
inline void discard_unread(pipe_end& pipe, drop_reason why, effects& results)
{
    message m;
    for (std::size_t left = pipe.most_reads(); left != 0 && pipe.read(m, results.wakes); --left)
        if (detail::message_access::role(m) == detail::message_role::data)
            results.drop(why, std::move(m), pipe);
}

}  // namespace ferry::patterns
