// Peers that are known by an id each: to send to, and in front of what is received from them.
#include "patterns/routing/addressed_peers.hpp"

#include "patterns/routing/delivery.hpp"

namespace ferry::patterns
{

bool addressed_peers::identify(pipe_end& pipe, const std::string& id)
{
    if (!routes_.add(id, pipe))
        return false;
    peer_of(pipe).id = id;
    incoming_.attach(pipe.shared());
    return true;
}

bool addressed_peers::any_has_room() const noexcept
{
    bool room = false;
    for (const peer& each : peers_)
        room = (!each.id.empty() && each.pipe->can_write()) || room;
    return room;
}

bool addressed_peers::has_input()
{
    const std::size_t finished = results_.finished.size();
    const bool input = incoming_.has_input(results_);
    forget_finished(finished);
    return input;
}

void addressed_peers::note_notice(peer& from)
{
    if (from.is_accepted && std::exchange(from.was_told_of, true))
        routes_.remove(from.id, *from.pipe);
}

void addressed_peers::detach(pipe_end& pipe)
{
    discard_unread(pipe, drop_reason::disconnected, results_);
    forget(pipe);
}

void addressed_peers::refuse(pipe_end& pipe)
{
    results_.refused.push_back(pipe.shared());
    detach(pipe);
}

void addressed_peers::peer_closed(pipe_end& pipe)
{
    routes_.remove(id_of(pipe), pipe);
    if (!incoming_.contains(pipe))
    {
        results_.finished.push_back(pipe.shared());
        return detach(pipe);
    }
    const std::size_t finished = results_.finished.size();
    incoming_.peer_closed(pipe, results_);
    forget_finished(finished);
}

void addressed_peers::forget(pipe_end& pipe)
{
    routes_.remove(id_of(pipe), pipe);
    incoming_.detach(pipe, results_);
    peers_.swap(peers_.place_of(pipe), peers_.size() - 1);
    peers_.pop_back();
}

}  // namespace ferry::patterns
