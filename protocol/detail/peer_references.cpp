// Tested by tests/unit/protocol/peer_properties_test.cpp.
#include <ferry/detail/peer_references.hpp>

#include <utility>

namespace ferry::detail
{

void peer_references::subtract(const peer_properties* peer, std::uint32_t count) noexcept
{
    if (peer->references_.fetch_sub(count, std::memory_order_acq_rel) == count)
        delete peer;
}

void peer_references::give_back(kept_peer& kept) noexcept
{
    const kept_peer old = std::exchange(kept, {});
    if (old.spare != 0)
        subtract(old.peer, old.spare);
}

// The caller holds a reference: the count is not zero.
void peer_references::take_batch(const peer_properties* peer) noexcept
{
    thread_cache* const cache = own_thread_cache();
    const std::uint32_t count = cache != nullptr ? kept_peer::batch : 1;
    peer->references_.fetch_add(count, std::memory_order_relaxed);
    if (cache == nullptr)
        return;
    kept_peer& kept = cache->place_of(peer);
    if (kept.peer != peer)
        give_back(kept);
    kept = {peer, kept.spare + count - 1};
}

void peer_references::drop_batch(const peer_properties* peer) noexcept
{
    thread_cache* const cache = own_thread_cache();
    if (cache == nullptr)
        return subtract(peer, 1);
    kept_peer& kept = cache->place_of(peer);
    if (kept.peer == peer)
    {
        kept.spare -= kept_peer::batch;
        subtract(peer, kept_peer::batch);
    }
    else
    {
        give_back(kept);
        kept.peer = peer;
    }
    ++kept.spare;
}

void empty_peers(thread_cache& cache) noexcept
{
    for (kept_peer& kept : cache.peers)
        peer_references::give_back(kept);
}

}  // namespace ferry::detail
