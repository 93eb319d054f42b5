// Memory for bodies and lists up to a kibibyte: kept per thread, and handed on between threads in batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include <ferry/detail/large_blocks.hpp>
#include <ferry/detail/thread_cache.hpp>

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

/// The sizes that are pooled: a header of 16 octets, and up to 16 times 64 octets.
inline constexpr std::size_t pooled_step = 64;
inline constexpr std::size_t pooled_header = 16;
inline constexpr std::uint32_t pooled_classes = block_classes - 1;

/// A block of memory and what free_block() must know of it.
struct block
{
    void* memory;
    std::uint32_t size_class;  // 0: not pooled
};

/// Whether blocks are pooled at all: not in builds for a sanitizer, which wants to see every one.
[[nodiscard]] constexpr bool pools_blocks() noexcept
{
    return FERRY_POOL_BLOCKS != 0;
}

[[nodiscard]] constexpr std::size_t size_of_class(std::uint32_t size_class) noexcept
{
    return pooled_header + pooled_step * size_class;
}

[[nodiscard]] constexpr std::uint32_t class_of_size(std::size_t size) noexcept
{
    if (!pools_blocks() || size > size_of_class(pooled_classes))
        return 0;
    if (size <= size_of_class(1))
        return 1;
    return static_cast<std::uint32_t>((size - pooled_header + pooled_step - 1) / pooled_step);
}

/// When the thread has no such block at hand. Errors: std::bad_alloc.
[[nodiscard]] void* fetch_block(std::uint32_t size_class);
/// When the thread has no room for another.
void hand_on_block(void* memory, std::uint32_t size_class) noexcept;

/// A block that the thread has at hand, or null.
[[nodiscard]] inline void* take_kept_block(std::uint32_t size_class) noexcept
{
    kept_blocks& kept = this_thread->blocks[size_class];
    if (kept.top == kept.bottom)
        return nullptr;
    void* const memory = *--kept.top;
#if defined(__GNUC__)
    // A later one may still lie in the cache of the processor that freed it.
    __builtin_prefetch(*(kept.top - magazine::look_ahead), 1);
#endif
    return memory;
}

/// Whether the thread had room for the block.
[[nodiscard]] inline bool keep_block(void* memory, std::uint32_t size_class) noexcept
{
    kept_blocks& kept = this_thread->blocks[size_class];
    if (kept.top == kept.limit)
        return false;
    *kept.top++ = memory;
    return true;
}

/// More than what is pooled per thread. Errors: std::bad_alloc.
[[nodiscard]] inline block allocate_large_block(std::size_t size)
{
    const std::uint32_t size_class = pools_blocks() ? large_class_of(size) : 0;
    return {size_class != 0 ? allocate_large(size_class) : ::operator new(size), size_class};
}

/// Memory for `size` octets, aligned for anything. Errors: std::bad_alloc.
[[nodiscard]] inline block allocate_block(std::size_t size)
{
    const std::uint32_t size_class = class_of_size(size);
    if (size_class == 0) [[unlikely]]
        return allocate_large_block(size);
    void* const kept = take_kept_block(size_class);
    return {kept != nullptr ? kept : fetch_block(size_class), size_class};
}

/// From any thread.
inline void free_block(void* memory, std::uint32_t size_class) noexcept
{
    if (size_class >= first_large_class) [[unlikely]]
        free_large(memory, size_class);
    else if (!keep_block(memory, size_class))
        hand_on_block(memory, size_class);
}

}  // namespace ferry::detail
