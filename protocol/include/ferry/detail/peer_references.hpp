// Taking and dropping references to a peer's properties, mostly from and to the thread's spare ones.
#pragma once

#include <atomic>

#include <ferry/detail/thread_cache.hpp>

namespace ferry::detail
{

/// A reference is counted in the properties, whether a handle or a thread's cache has it; so it may
/// be taken in one thread and dropped in another.
struct peer_references
{
    static void take(const peer_properties* peer) noexcept
    {
        kept_peer& kept = this_thread->place_of(peer);
        if (kept.peer != peer || kept.spare == 0)
            return take_batch(peer);
        --kept.spare;
    }
    static void drop(const peer_properties* peer) noexcept
    {
        if (!keep(peer))
            drop_batch(peer);
    }
    /// Whether the thread had room for another spare reference.
    [[nodiscard]] static bool keep(const peer_properties* peer) noexcept
    {
        kept_peer& kept = this_thread->place_of(peer);
        if (kept.peer != peer || kept.spare == 2 * kept_peer::batch)
            return false;
        ++kept.spare;
        return true;
    }
    /// Makes the place free for another peer.
    static void give_back(kept_peer& kept) noexcept;

private:
    static void take_batch(const peer_properties* peer) noexcept;
    static void drop_batch(const peer_properties* peer) noexcept;
    static void subtract(const peer_properties* peer, std::uint32_t count) noexcept;
};

}  // namespace ferry::detail
