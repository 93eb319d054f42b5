// Memory for large bodies: given back to the next one of that size, not to the system.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ferry::detail
{

/// A system that takes fresh pages for each body spends more on them than on the body: zeroing and
/// mapping a page costs as much as copying several. So freed blocks are kept, the last one first,
/// up to `most_kept_octets` in the whole process. Sizes are rounded up by a quarter at most, which
/// costs addresses and no memory, since what nobody touches is never there.
inline constexpr std::uint32_t first_large_class = 0x100;
inline constexpr std::size_t largest_kept_size = std::size_t{32} * 1024 * 1024;
inline constexpr std::size_t most_kept_octets = std::size_t{64} * 1024 * 1024;

/// The class of a size above what is pooled; 0 where it is not kept.
[[nodiscard]] std::uint32_t large_class_of(std::size_t size) noexcept;
[[nodiscard]] std::size_t size_of_large_class(std::uint32_t size_class) noexcept;

/// Errors: std::bad_alloc.
[[nodiscard]] void* allocate_large(std::uint32_t size_class);
/// From any thread.
void free_large(void* memory, std::uint32_t size_class) noexcept;
/// Gives everything that is kept back to the system.
void release_large_blocks() noexcept;

}  // namespace ferry::detail
