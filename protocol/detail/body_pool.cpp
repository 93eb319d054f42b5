// Memory for bodies and lists up to a kibibyte: kept per thread, and handed on between threads in batches.
//
// One thread makes messages and another drops them: with the general allocator, every block crosses
// back through a lock or a contended list. Here each thread keeps two magazines of free blocks per
// size; a full one too many goes to the depot, where the thread that lacks one finds it. So a lock is
// taken once per magazine. This is the one place in the protocol with mutable statics: memory has no
// owner.
// Tested by tests/unit/protocol/body_pool_test.cpp.
#include <ferry/detail/body_pool.hpp>

#include <array>
#include <atomic>
#include <new>
#include <utility>

#include "protocol/detail/brief_lock.hpp"

namespace ferry::detail
{

namespace
{

constexpr std::size_t max_depot_octets = 256 * 1024;  // of each size

/// Magazines of one size, full and empty ones, from and for all threads.
class alignas(64) depot
{
public:
    /// A full magazine for an empty one (or for none); null, and nothing was exchanged, if there is
    /// none.
    [[nodiscard]] magazine* take_full(magazine* empty) noexcept
    {
        const brief_lock lock(flag_);
        if (!lock || full_ == nullptr)
            return nullptr;
        --full_count_;
        if (empty != nullptr)
        {
            empty->next = empty_;
            empty_ = empty;
        }
        return pop(full_);
    }
    /// Whether a full magazine was taken over. `empty` is one in exchange then, or null.
    [[nodiscard]] bool put_full(magazine* full, std::uint32_t size_class, magazine*& empty) noexcept
    {
        const brief_lock lock(flag_);
        const std::size_t octets = full_count_ * magazine::capacity * size_of_class(size_class);
        if (!lock || octets >= max_depot_octets)
            return false;
        full->next = full_;
        full_ = full;
        ++full_count_;
        empty = empty_ != nullptr ? pop(empty_) : nullptr;
        return true;
    }

private:
    static magazine* pop(magazine*& first) noexcept { return std::exchange(first, first->next); }

    std::atomic_flag flag_;
    magazine* full_ = nullptr;
    magazine* empty_ = nullptr;  // never more than there were full ones at once
    std::size_t full_count_ = 0;
};

constinit std::array<depot, block_classes> depots;

void use(kept_blocks& kept, magazine* next, bool is_full) noexcept
{
    kept.current = next;
    kept.bottom = next->bottom();
    kept.limit = next->limit();
    kept.top = is_full ? kept.limit : kept.bottom;
}

void free_range(void** first, void** last) noexcept
{
    for (; first != last; ++first)
        ::operator delete(*first);
}

/// Takes a full magazine out of the thread's hands. Returns an empty one if there is one.
magazine* hand_on(magazine* full, std::uint32_t size_class) noexcept
{
    magazine* empty = nullptr;
    if (depots[size_class].put_full(full, size_class, empty))
        return empty;
    free_range(full->bottom(), full->limit());
    return full;
}

/// Makes room in a list that is full, or has no magazine yet.
bool make_room(kept_blocks& kept, std::uint32_t size_class) noexcept
{
    if (kept.other != nullptr && !kept.other_is_full)
    {
        magazine* const full = kept.current;
        use(kept, kept.other, false);
        kept.other = full;
        kept.other_is_full = full != nullptr;
        return true;
    }
    magazine* empty = nullptr;
    if (kept.other != nullptr)
        empty = hand_on(std::exchange(kept.other, nullptr), size_class);
    kept.other_is_full = false;
    if (empty == nullptr)
        empty = new (std::nothrow) magazine;
    if (empty == nullptr)
        return false;
    kept.other = kept.current;
    kept.other_is_full = kept.current != nullptr;
    use(kept, empty, false);
    return true;
}

}  // namespace

void* fetch_block(std::uint32_t size_class)
{
    thread_cache* const cache = own_thread_cache();
    if (cache == nullptr)
        return ::operator new(size_of_class(size_class));
    kept_blocks& kept = cache->blocks[size_class];
    magazine* const empty = kept.current;
    if (kept.other_is_full)
    {
        use(kept, kept.other, true);
        kept.other = empty;
        kept.other_is_full = false;
    }
    else if (magazine* const full = depots[size_class].take_full(empty))
        use(kept, full, true);
    else
        return ::operator new(size_of_class(size_class));
    return *--kept.top;
}

void hand_on_block(void* memory, std::uint32_t size_class) noexcept
{
    thread_cache* const cache = size_class != 0 ? own_thread_cache() : nullptr;
    if (cache == nullptr || !make_room(cache->blocks[size_class], size_class))
        return ::operator delete(memory);
    *cache->blocks[size_class].top++ = memory;
}

void empty_blocks(thread_cache& cache) noexcept
{
    for (std::uint32_t size_class = 1; size_class < block_classes; ++size_class)
    {
        kept_blocks& kept = cache.blocks[size_class];
        free_range(kept.bottom, kept.top);
        delete kept.current;
        delete (kept.other_is_full ? hand_on(kept.other, size_class) : kept.other);
        kept = {};
    }
}

}  // namespace ferry::detail
