// Who is read next: every pipe with input in turn, one message each.
#include "patterns/routing/fair_queue.hpp"

#include "patterns/routing/delivery.hpp"

namespace ferry::patterns
{

void fair_queue::attach(const std::shared_ptr<pipe_end>& pipe)
{
    if (contains(*pipe))
        return;
    pipes_.add({pipe});
    if (!pipe->can_read())
        pipes_.deactivate(*pipe);
}

void fair_queue::detach(pipe_end& pipe, effects& results)
{
    if (!contains(pipe))
        return;
    discard_unread(pipe, drop_reason::disconnected, results);
    pipes_.remove(pipe);
}

void fair_queue::activate(pipe_end& pipe) noexcept
{
    if (contains(pipe))
        pipes_.activate(pipe);
}

void fair_queue::peer_closed(pipe_end& pipe, effects& results)
{
    if (!contains(pipe))
        return;
    pipes_[pipe].closing = true;
    if (pipe.can_read())
        pipes_.activate(pipe);  // the wake-up for its last input may still be on its way
    else
        results.finished.push_back(pipes_.remove(pipe).pipe);
}

bool fair_queue::has_input(effects& results)
{
    while (pipes_.active() != 0)
    {
        entry& current = pipes_.current();
        if (current.pipe->peek(results.wakes) != nullptr)
            return true;
        stand_aside(current, results);
    }
    return false;
}

void fair_queue::discard_all(drop_reason why, effects& results)
{
    // An emptied pipe stands aside, so at most one turn each.
    message m;
    for (std::size_t left = pipes_.active(); left != 0 && pipes_.active() != 0; --left)
    {
        entry& current = pipes_.current();
        discard_unread(*current.pipe, why, results);
        if (current.pipe->can_read())
            pipes_.advance();
        else
            stand_aside(current, results);
    }
}

void fair_queue::finish_if_drained(pipe_end& pipe, effects& results)
{
    if (!pipe.can_read())
        results.finished.push_back(pipes_.remove(pipe).pipe);
}

void fair_queue::stand_aside(entry& empty, effects& results)
{
    const pipe_end& pipe = *empty.pipe;
    if (empty.closing)
        results.finished.push_back(pipes_.remove(pipe).pipe);
    else
        pipes_.deactivate(pipe);
}

}  // namespace ferry::patterns
