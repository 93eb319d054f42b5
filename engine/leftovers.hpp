// What is lost when a pipe is given up.
#pragma once

#include <cstddef>

#include <ferry/detail/encoded_run.hpp>
#include <ferry/detail/message_access.hpp>
#include <ferry/detail/received_run.hpp>

#include "patterns/pipe.hpp"

namespace ferry::detail
{

/// How many messages a slot of a pipe holds; a subscription is none.
[[nodiscard]] inline std::size_t messages_in(const message& slot) noexcept
{
    switch (message_access::role(slot))
    {
    case message_role::data: return 1;
    case message_role::encoded: return encoded_run::messages(slot);
    case message_role::received: return received_run::messages(slot);
    default: return 0;
    }
}

/// Takes everything out of the link's end of a pipe, closes it, and returns how many messages (not
/// subscriptions) nobody will get.
inline std::size_t close_and_count(patterns::pipe_end& end)
{
    std::size_t lost = 0;
    patterns::wake_list wakes;
    message m;
    while (end.read(m, wakes))
        lost += messages_in(m);
    end.close(wakes);
    wakes.run();
    return lost;
}

}  // namespace ferry::detail
