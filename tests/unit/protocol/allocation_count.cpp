#include "tests/unit/protocol/allocation_count.hpp"

#include <cstdint>
#include <cstdlib>
#include <new>

#if __has_include(<malloc/malloc.h>)
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

namespace
{

std::ptrdiff_t size_of(void* memory) noexcept
{
#if __has_include(<malloc/malloc.h>)
    return static_cast<std::ptrdiff_t>(malloc_size(memory));
#else
    return static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
#endif
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
    if (memory != nullptr)
        ++mine.freed;
    mine.held -= size_of(memory);
    std::free(memory);
}

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    if (mine.successes_left == 0)
        return nullptr;
    if (mine.successes_left != SIZE_MAX)
        --mine.successes_left;
    void* memory = std::malloc(size != 0 ? size : 1);
    if (memory == nullptr)
        return nullptr;
    ++mine.number;
    mine.octets += size;
    mine.held += size_of(memory);
    return memory;
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

allocation_count::allocation_count() noexcept
    : first_number_(mine.number), first_octets_(mine.octets), first_freed_(mine.freed),
      first_held_(mine.held)
{
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
    return mine.held - first_held_;
}

failing_allocations::failing_allocations(std::size_t successes) noexcept
{
    mine.successes_left = successes;
}

failing_allocations::~failing_allocations()
{
    mine.successes_left = SIZE_MAX;
}

}  // namespace ferry::test
