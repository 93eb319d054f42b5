// Who gets a copy: all pipes that match, one copy each.
#include "patterns/routing/distributor.hpp"

#include "patterns/routing/delivery.hpp"

namespace ferry::patterns
{

void distributor::attach(const std::shared_ptr<pipe_end>& pipe)
{
    if (!contains(*pipe))
        pipes_.push_back({pipe});
}

void distributor::detach(pipe_end& pipe) noexcept
{
    if (!contains(pipe))
        return;
    matching_ = 0;
    pipes_.swap(pipes_.place_of(pipe), pipes_.size() - 1);
    pipes_.pop_back();
}

void distributor::match(const pipe_end& pipe) noexcept
{
    if (contains(pipe) && pipes_.place_of(pipe) >= matching_)
        pipes_.swap(pipes_.place_of(pipe), matching_++);
}

void distributor::invert() noexcept
{
    const std::size_t all = pipes_.size();
    const std::size_t rest = all - matching_;
    for (std::size_t i = 0; i < std::min(matching_, rest); ++i)
        pipes_.swap(i, all - 1 - i);
    matching_ = rest;
}

bool distributor::all_have_room() const noexcept
{
    bool room = true;
    for (std::size_t i = 0; i < matching_; ++i)
    {
        pipe_end& pipe = *pipes_[i].pipe;
        room = (pipe.peer_is_closed() || pipe.can_write()) && room;
    }
    return room;
}

void distributor::send(message&& m, effects& results)
{
    pipe_end* last = nullptr;  // with room; gets its copy once there is another one
    for (std::size_t i = 0; i < matching_; ++i)
    {
        pipe_end& pipe = *pipes_[i].pipe;
        if (!pipe.can_write())
        {
            const auto why =
                pipe.peer_is_closed() ? drop_reason::disconnected : drop_reason::subscriber_full;
            ++results.drops[static_cast<std::size_t>(why)];
            continue;
        }
        if (last != nullptr)
            put(*last, message(m), results);
        last = &pipe;
    }
    if (last != nullptr)
        put(*last, std::move(m), results);
    else
        results.discarded.push_back(std::move(m));
}

}  // namespace ferry::patterns
