// Memory for large bodies: given back to the next one of that size, not to the system.
// Tested by tests/unit/protocol/detail/large_blocks_test.cpp.
#include <ferry/detail/large_blocks.hpp>

#include <array>
#include <bit>
#include <new>
#include <utility>

#include "protocol/detail/brief_lock.hpp"

namespace ferry::detail
{

namespace
{

// Four classes for each power of two: 5, 6, 7 and 8 quarters of it.
constexpr std::uint32_t quarters = 4;
constexpr std::size_t class_count = 128;

struct free_block_node
{
    free_block_node* next;
};

struct shelf
{
    std::atomic_flag flag;
    std::size_t octets = 0;
    std::array<free_block_node*, class_count> first{};
};

constinit shelf kept;

}  // namespace

std::uint32_t large_class_of(std::size_t size) noexcept
{
    if (size < 8 || size > largest_kept_size)
        return 0;
    const auto exponent = static_cast<std::uint32_t>(std::bit_width(size - 1)) - 1;
    const std::size_t quarter = std::size_t{1} << (exponent - 2);
    const auto count = static_cast<std::uint32_t>((size + quarter - 1) / quarter);  // 5 to 8
    return first_large_class + exponent * quarters + count - 5;
}

std::size_t size_of_large_class(std::uint32_t size_class) noexcept
{
    const std::uint32_t index = size_class - first_large_class;
    return std::size_t{index % quarters + 5} << (index / quarters - 2);
}

void* allocate_large(std::uint32_t size_class)
{
    const std::size_t size = size_of_large_class(size_class);
    {
        const brief_lock lock(kept.flag);
        free_block_node*& first = kept.first[size_class - first_large_class];
        if (lock && first != nullptr)
        {
            kept.octets -= size;
            return std::exchange(first, first->next);
        }
    }
    return ::operator new(size);
}

void free_large(void* memory, std::uint32_t size_class) noexcept
{
    const std::size_t size = size_of_large_class(size_class);
    {
        const brief_lock lock(kept.flag);
        if (lock && kept.octets + size <= most_kept_octets)
        {
            free_block_node*& first = kept.first[size_class - first_large_class];
            first = new (memory) free_block_node{first};
            kept.octets += size;
            return;
        }
    }
    ::operator delete(memory);
}

void release_large_blocks() noexcept
{
    decltype(kept.first) taken{};
    {
        const brief_lock lock(kept.flag);
        if (!lock)
            return;
        std::swap(taken, kept.first);
        kept.octets = 0;
    }
    for (free_block_node* each : taken)
    {
        while (each != nullptr)
            ::operator delete(std::exchange(each, each->next));
    }
}

}  // namespace ferry::detail
