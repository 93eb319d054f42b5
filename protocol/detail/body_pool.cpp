// Memory for bodies and lists up to a kibibyte: kept per thread, and handed on between threads in batches.
//
// One thread makes messages and another drops them: with the general allocator, every block crosses
// back through a lock or a contended list. Here each thread keeps two batches of free blocks per size;
// a full one too many goes to the depot, where the thread that lacks one finds it. So a lock is taken
// once per batch. This is the one place in the protocol with mutable statics: memory has no owner.
// Tested by tests/unit/protocol/body_pool_test.cpp.
#include <ferry/detail/body_pool.hpp>

#include <array>
#include <mutex>
#include <new>
#include <utility>

#ifndef FERRY_POOL_BLOCKS
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FERRY_POOL_BLOCKS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define FERRY_POOL_BLOCKS 0
#endif
#endif
#endif
#ifndef FERRY_POOL_BLOCKS
#define FERRY_POOL_BLOCKS 1
#endif

namespace ferry::detail
{

namespace
{

/// A free block; the first of a batch also leads to the next batch in the depot.
struct free_node
{
    free_node* next;
    free_node* next_batch;
};

constexpr std::size_t size_of_class(std::uint32_t size_class) noexcept
{
    return pooled_header + pooled_step * size_class;
}

constexpr std::uint32_t class_of_size(std::size_t size) noexcept
{
    if (size > size_of_class(pooled_classes))
        return 0;
    if (size <= size_of_class(1))
        return 1;
    return static_cast<std::uint32_t>((size - pooled_header + pooled_step - 1) / pooled_step);
}

constexpr std::uint32_t batch_blocks = 32;
constexpr std::size_t max_depot_octets = 256 * 1024;  // of each size

void free_list(free_node* first) noexcept
{
    while (first != nullptr)
        ::operator delete(std::exchange(first, first->next));
}

/// Full batches of one size, from and for all threads. Nobody waits for it: who finds it locked (in
/// a forked child perhaps for ever) does without.
class depot
{
public:
    [[nodiscard]] free_node* take() noexcept
    {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        free_node* batch = lock ? first_ : nullptr;
        if (batch != nullptr)
        {
            first_ = batch->next_batch;
            --count_;
        }
        return batch;
    }
    void put(free_node* batch, std::uint32_t size_class) noexcept
    {
        {
            const std::unique_lock lock(mutex_, std::try_to_lock);
            if (lock && count_ * batch_blocks * size_of_class(size_class) < max_depot_octets)
            {
                batch->next_batch = std::exchange(first_, batch);
                ++count_;
                return;
            }
        }
        free_list(batch);
    }

private:
    std::mutex mutex_;
    free_node* first_ = nullptr;
    std::size_t count_ = 0;
};

constinit std::array<depot, pooled_classes + 1> depots;

/// The free blocks of one size that a thread keeps: a batch it works on, and a full one or none.
struct thread_blocks
{
    free_node* first;
    std::uint32_t count;
    free_node* full;
};

enum class thread_phase : std::uint8_t
{
    fresh,  // the thread has nothing in its lists yet, and nobody to empty them at its end
    active,
    over,  // the lists were emptied; later blocks pass them by
};

// Without constructors and destructors, so that the fast path looks at nothing else.
constinit thread_local std::array<thread_blocks, pooled_classes + 1> mine{};
constinit thread_local thread_phase phase = thread_phase::fresh;

/// Empties the thread's lists at its end.
struct thread_end
{
    ~thread_end()
    {
        phase = thread_phase::over;
        for (std::uint32_t size_class = 1; size_class <= pooled_classes; ++size_class)
        {
            thread_blocks& blocks = mine[size_class];
            free_list(std::exchange(blocks.first, nullptr));
            blocks.count = 0;
            if (blocks.full != nullptr)
                depots[size_class].put(std::exchange(blocks.full, nullptr), size_class);
        }
    }
};

/// Whether the lists may be used: then they will be emptied.
bool activate() noexcept
{
    if (phase == thread_phase::fresh)
    {
        thread_local thread_end end;
        static_cast<void>(&end);
        phase = thread_phase::active;
    }
    return phase == thread_phase::active;
}

void* refill(thread_blocks& blocks, std::uint32_t size_class)
{
    free_node* batch = std::exchange(blocks.full, nullptr);
    if (batch == nullptr && activate())
        batch = depots[size_class].take();
    if (batch == nullptr)
        return ::operator new(size_of_class(size_class));
    blocks.first = batch->next;
    blocks.count = batch_blocks - 1;
    return batch;
}

/// Makes room in a list that is full, or not to be used.
bool make_room(thread_blocks& blocks, std::uint32_t size_class) noexcept
{
    if (!activate())
        return false;
    if (blocks.count < batch_blocks)
        return true;
    if (blocks.full != nullptr)
        depots[size_class].put(blocks.full, size_class);
    blocks.full = std::exchange(blocks.first, nullptr);
    blocks.count = 0;
    return true;
}

}  // namespace

block allocate_block(std::size_t size)
{
    const std::uint32_t size_class = FERRY_POOL_BLOCKS ? class_of_size(size) : 0;
    if (size_class == 0)
        return {::operator new(size), 0};
    thread_blocks& blocks = mine[size_class];
    if (blocks.first == nullptr)
        return {refill(blocks, size_class), size_class};
    --blocks.count;
    return {std::exchange(blocks.first, blocks.first->next), size_class};
}

void free_block(void* memory, std::uint32_t size_class) noexcept
{
    if (size_class == 0)
        return ::operator delete(memory);
    thread_blocks& blocks = mine[size_class];
    if (blocks.count == 0 || blocks.count == batch_blocks)
        if (!make_room(blocks, size_class))
            return ::operator delete(memory);
    blocks.first = new (memory) free_node{blocks.first, nullptr};
    ++blocks.count;
}

bool pools_blocks() noexcept
{
    return FERRY_POOL_BLOCKS != 0;
}

}  // namespace ferry::detail
