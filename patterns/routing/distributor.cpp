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

void distributor::keep_only(const pipe_end& pipe) noexcept
{
    const bool matches = contains(pipe) && pipes_.place_of(pipe) < matching_;
    match_none();
    if (matches)
        match(pipe);
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
    if (matching_ == 0)
        return results.discarded.push_back(std::move(m));
    const std::size_t last = matching_ - 1;
    count_broadcasts();
    detail::encoded_message encoded;
    for (std::size_t i = 0; i < last; ++i)
        if (!send_encoded(*pipes_[i].pipe, m, encoded, results) &&
            !pipes_[i].pipe->try_send_copy(m, results.wakes)) [[unlikely]]
            send_unusually(*pipes_[i].pipe, message(m), results);
    if (encoded && send_encoded(*pipes_[last].pipe, m, encoded, results))
        return m.clear();
    if (!pipes_[last].pipe->try_send(m, results.wakes)) [[unlikely]]
        send_unusually(*pipes_[last].pipe, std::move(m), results);
}

bool distributor::send_octets(std::span<const std::byte> body, effects& results)
{
    if (matching_ == 0 || !pipes_[0].pipe->takes_encoded())
        return false;
    count_broadcasts();
    if (matching_ == 1)
        return pipes_[0].pipe->try_send_octets(body, results.wakes);
    const detail::encoded_message encoded = encoder_.add(body);
    if (!encoded)
        return false;
    const bool shares = broadcasts_ >= broadcasts_in_a_row;
    for (std::size_t i = 0; i < matching_; ++i)
    {
        pipe_end& pipe = *pipes_[i].pipe;
        if ((!pipe.takes_encoded() || !pipe.try_send_encoded(encoded, shares, results.wakes)) &&
            !pipe.try_send_octets(body, results.wakes)) [[unlikely]]
            send_unusually(pipe, message(body), results);
    }
    return true;
}

void distributor::count_broadcasts() noexcept
{
    broadcasts_ = matching_ == pipes_.size() ? broadcasts_ + 1 : 0;
}

// To a pipe of a connection in a flood: one encoding serves all of them. Who gets every message may
// refer to it where it lies; references to single messages between others would cost more than
// copies.
bool distributor::send_encoded(
    pipe_end& pipe, const message& m, detail::encoded_message& encoded, effects& results)
{
    if (!pipe.takes_encoded())
        return false;
    if (!encoded)
        encoded = encoder_.add(m);
    return encoded &&
        pipe.try_send_encoded(encoded, broadcasts_ >= broadcasts_in_a_row, results.wakes);
}

// To a pipe that is full, closed or conflating.
void distributor::send_unusually(pipe_end& pipe, message&& m, effects& results)
{
    if (pipe.can_write())
        return put(pipe, std::move(m), results);
    const auto why =
        pipe.peer_is_closed() ? drop_reason::disconnected : drop_reason::subscriber_full;
    results.drop(why, std::move(m), pipe);
}

}  // namespace ferry::patterns
