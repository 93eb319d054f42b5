// Memory for bodies and lists up to a kibibyte: kept per thread, and handed on between threads in batches.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ferry::detail
{

/// The sizes that are pooled: a header of 16 octets, and up to 16 times 64 octets.
inline constexpr std::size_t pooled_step = 64;
inline constexpr std::size_t pooled_header = 16;
inline constexpr std::uint32_t pooled_classes = 16;

/// A block of memory and what free_block() must know of it.
struct block
{
    void* memory;
    std::uint32_t size_class;  // 0: not pooled
};

/// Memory for `size` octets, aligned for anything. Errors: std::bad_alloc.
[[nodiscard]] block allocate_block(std::size_t size);
/// From any thread.
void free_block(void* memory, std::uint32_t size_class) noexcept;
/// Whether blocks are pooled at all: not in builds for a sanitizer, which wants to see every one.
[[nodiscard]] bool pools_blocks() noexcept;

}  // namespace ferry::detail
