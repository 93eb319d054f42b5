// Who gets the next message: every pipe with room in turn.
#include "patterns/routing/load_balancer.hpp"

#include "patterns/routing/delivery.hpp"

namespace ferry::patterns
{

void load_balancer::attach(const std::shared_ptr<pipe_end>& pipe)
{
    if (!contains(*pipe))
        pipes_.add({pipe});
}

void load_balancer::detach(pipe_end& pipe) noexcept
{
    if (contains(pipe))
        pipes_.remove(pipe);
}

void load_balancer::activate(pipe_end& pipe) noexcept
{
    if (contains(pipe))
        pipes_.activate(pipe);
}

bool load_balancer::has_room() noexcept
{
    while (pipes_.active() != 0)
    {
        pipe_end& next = *pipes_.current().pipe;
        if (next.can_write())
            return true;
        pipes_.deactivate(next);
    }
    return false;
}

pipe_end* load_balancer::look_for_room(message& m, effects& results)
{
    if (!has_room())
        return nullptr;
    pipe_end* chosen = pipes_.current().pipe.get();
    put(*chosen, std::move(m), results);
    pipes_.advance();
    return chosen;
}

}  // namespace ferry::patterns
