// What a thread keeps for itself: free blocks, and spare references to peers. Never included by public headers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ferry/peer_properties.hpp>

namespace ferry::detail
{

/// Free blocks in an array rather than in a list: who frees a block need not write to it, and who
/// takes one need not wait for its octets to find the next. They change threads by the magazine.
struct magazine
{
    static constexpr std::size_t capacity = 32;
    static constexpr std::size_t look_ahead = 4;

    // What is in front of the blocks is only ever looked ahead to: some address that is there, for
    // to prefetch one that is not is slow.
    magazine() noexcept { slots.fill(this); }

    magazine* next = nullptr;  // in the depot
    std::array<void*, look_ahead + capacity> slots;

    [[nodiscard]] void** bottom() noexcept { return slots.data() + look_ahead; }
    [[nodiscard]] void** limit() noexcept { return slots.data() + slots.size(); }
};

/// The free blocks of one size: a magazine in use, and one more.
struct alignas(64) kept_blocks
{
    void** top = nullptr;     // the free blocks are right below
    void** bottom = nullptr;  // equal to `top`: none left
    void** limit = nullptr;   // equal to `top`: no room for another
    magazine* current = nullptr;
    magazine* other = nullptr;  // full, empty, or none
    bool other_is_full = false;
};

/// References to a peer's properties that nobody holds, but that are counted: taking one and giving
/// it back needs no atomic operation.
struct kept_peer
{
    static constexpr std::uint32_t batch = 32;

    const peer_properties* peer = nullptr;
    std::uint32_t spare = 0;  // up to two batches
};

inline constexpr std::uint32_t block_classes = 17;  // nothing is kept of the first

/// Emptied at the thread's end.
struct thread_cache
{
    static constexpr std::size_t max_peers = 64;

    std::array<kept_blocks, block_classes> blocks{};
    std::array<kept_peer, max_peers> peers{};

    [[nodiscard]] kept_peer& place_of(const peer_properties* peer) noexcept
    {
        const auto address = reinterpret_cast<std::uintptr_t>(peer);
        return peers[(address >> 5) % max_peers];
    }
};

// One pointer per thread, found without a call even in a shared library, is all that is
// thread-local. Until a thread first needs it, and again after the thread's end, it leads to a cache
// that is empty, has no room, and is never written to: so the fast paths check nothing else.
#if defined(__GNUC__) && defined(__ELF__)
extern constinit thread_local thread_cache* this_thread
    __attribute__((visibility("hidden"), tls_model("initial-exec")));
#else
extern constinit thread_local thread_cache* this_thread;
#endif

/// The thread's own cache. Null if it cannot have one: out of memory, or the thread is at its end.
[[nodiscard]] thread_cache* own_thread_cache() noexcept;

/// Gives everything back.
void empty_blocks(thread_cache& cache) noexcept;
void empty_peers(thread_cache& cache) noexcept;

}  // namespace ferry::detail
