#include "tests/unit/protocol/allocation_count.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include <ferry/detail/large_blocks.hpp>

namespace
{

// In front of every block: its size.
constexpr std::size_t label = 16;

std::size_t& size_in(void* whole) noexcept
{
    return *static_cast<std::size_t*>(whole);
}

struct counters
{
    std::size_t number = 0;
    std::size_t octets = 0;
    std::size_t freed = 0;
    std::ptrdiff_t held = 0;
    std::size_t successes_left = SIZE_MAX;
};

thread_local counters mine;

void give_back(void* memory) noexcept
{
    if (memory == nullptr)
        return;
    void* const whole = static_cast<std::byte*>(memory) - label;
    ++mine.freed;
    mine.held -= static_cast<std::ptrdiff_t>(size_in(whole));
    std::free(whole);
}

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    if (mine.successes_left == 0)
        return nullptr;
    if (mine.successes_left != SIZE_MAX)
        --mine.successes_left;
    void* whole = size <= SIZE_MAX - label ? std::malloc(size + label) : nullptr;
    if (whole == nullptr)
        return nullptr;
    size_in(whole) = size;
    ++mine.number;
    mine.octets += size;
    mine.held += static_cast<std::ptrdiff_t>(size);
    return static_cast<std::byte*>(whole) + label;
}

void* operator new(std::size_t size)
{
    void* memory = operator new(size, std::nothrow);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

void* operator new[](std::size_t size)
{
    return operator new(size);
}

void operator delete[](void* memory) noexcept
{
    give_back(memory);
}

void operator delete[](void* memory, std::size_t) noexcept
{
    give_back(memory);
}

void operator delete(void* memory, const std::nothrow_t&) noexcept
{
    give_back(memory);
}

void operator delete(void* memory) noexcept
{
    give_back(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    give_back(memory);
}

namespace ferry::test
{

// What earlier tests left behind shall not spare this one an allocation.
allocation_count::allocation_count() noexcept
{
    ferry::detail::release_large_blocks();
    first_number_ = mine.number;
    first_octets_ = mine.octets;
    first_freed_ = mine.freed;
    first_held_ = mine.held;
}

std::size_t allocation_count::number() const noexcept
{
    return mine.number - first_number_;
}

std::size_t allocation_count::octets() const noexcept
{
    return mine.octets - first_octets_;
}

std::size_t allocation_count::number_freed() const noexcept
{
    return mine.freed - first_freed_;
}

std::ptrdiff_t allocation_count::held() const noexcept
{
    ferry::detail::release_large_blocks();
    return mine.held - first_held_;
}

failing_allocations::failing_allocations(std::size_t successes) noexcept
{
    ferry::detail::release_large_blocks();
    mine.successes_left = successes;
}

failing_allocations::~failing_allocations()
{
    mine.successes_left = SIZE_MAX;
}

}  // namespace ferry::test
