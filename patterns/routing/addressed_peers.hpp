// Peers that are known by an id each: to send to, and in front of what is received from them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "patterns/pattern.hpp"
#include "patterns/routing/fair_queue.hpp"
#include "patterns/routing/pipe_array.hpp"
#include "patterns/routing/routing_table.hpp"

namespace ferry::patterns
{

/// What ROUTER and STREAM share. A peer keeps its id while connections come and go.
///
/// A raw peer speaks no ZMTP: an empty message from it is a notice, of a connection that was made or
/// lost. Who has received the second one of an accepted peer finds nobody there any more, though the
/// end of the pipe may be told a moment later.
class addressed_peers
{
public:
    addressed_peers(std::uint32_t random_seed, effects& results)
        : results_(results), routes_(random_seed)
    {
    }

    [[nodiscard]] bool contains(const pipe_end& pipe) const noexcept
    {
        return peers_.contains(pipe);
    }
    [[nodiscard]] bool empty() const noexcept { return peers_.size() == 0; }
    [[nodiscard]] bool is_raw(const pipe_end& pipe) const noexcept { return peer_of(pipe).is_raw; }
    /// Empty while it has none.
    [[nodiscard]] const std::string& id_of(const pipe_end& pipe) const noexcept
    {
        return peer_of(pipe).id;
    }
    /// See routing_table::choose_id.
    [[nodiscard]] std::string choose_id(std::string_view brought)
    {
        return routes_.choose_id(brought);
    }

    /// Nothing is sent to it, nor received from it, before it has an id.
    void add(const std::shared_ptr<pipe_end>& pipe, const attachment& how)
    {
        peers_.push_back({pipe, {}, how.is_raw, !how.initiated_here});
    }
    /// False where another peer has that id.
    [[nodiscard]] bool identify(pipe_end& pipe, const std::string& id);

    /// Whose id that is; null where it is nobody's.
    [[nodiscard]] pipe_end* owner_of(std::string_view id) const noexcept
    {
        return routes_.find(id);
    }
    /// The same, and null where that peer is gone.
    [[nodiscard]] pipe_end* find(std::string_view id) const noexcept
    {
        pipe_end* const owner = owner_of(id);
        return owner == nullptr || owner->peer_is_closed() ? nullptr : owner;
    }
    /// Of those that have an id. All are asked, so that each of them tells when it has room again.
    [[nodiscard]] bool any_has_room() const noexcept;

    /// The next message, the sender's id in front; false where there is none.
    [[nodiscard]] bool receive(message& m);
    [[nodiscard]] bool has_input();
    void readable(pipe_end& pipe) { incoming_.activate(pipe); }

    // Of pipes that it contains.
    /// What is unread is dropped.
    void detach(pipe_end& pipe);
    /// The same, and the peer is told. What was sent to it before is still delivered.
    void refuse(pipe_end& pipe);
    void peer_closed(pipe_end& pipe);

private:
    struct peer
    {
        std::shared_ptr<pipe_end> pipe;
        std::string id;
        bool is_raw = false;
        bool is_accepted = false;
        bool was_told_of = false;  // its first notice was received
    };

    [[nodiscard]] const peer& peer_of(const pipe_end& pipe) const noexcept
    {
        return peers_[peers_.place_of(pipe)];
    }
    [[nodiscard]] peer& peer_of(const pipe_end& pipe) noexcept
    {
        return peers_[peers_.place_of(pipe)];
    }
    void note_notice(peer& from);
    void forget(pipe_end& pipe);
    void forget_finished(std::size_t first);

    effects& results_;
    pipe_array<peer, &pipe_end::routing_slots::other> peers_;
    routing_table routes_;
    fair_queue incoming_;
};

inline bool addressed_peers::receive(message& m)
{
    const std::size_t finished = results_.finished.size();
    const pipe_end* from = incoming_.receive(m, results_);
    if (from != nullptr)
    {
        peer& sender = peer_of(*from);
        if (sender.is_raw && m.front().empty()) [[unlikely]]
            note_notice(sender);
        m.prepend(sender.id);
    }
    forget_finished(finished);
    return from != nullptr;
}

inline void addressed_peers::forget_finished(std::size_t first)
{
    for (; first < results_.finished.size(); ++first)
        forget(*results_.finished[first]);
}

}  // namespace ferry::patterns
