// What is lost when a pipe is given up.
#pragma once

#include <cstddef>

#include <ferry/detail/message_access.hpp>

#include "patterns/pipe.hpp"

namespace ferry::detail
{

/// Takes everything out of the link's end of a pipe, closes it, and returns how many messages (not
/// subscriptions) nobody will get.
inline std::size_t close_and_count(patterns::pipe_end& end)
{
    std::size_t lost = 0;
    patterns::wake_list wakes;
    message m;
    while (end.read(m, wakes))
        lost += message_access::role(m) == message_role::data ? 1 : 0;
    end.close(wakes);
    wakes.run();
    return lost;
}

}  // namespace ferry::detail
