#include "tests/allocations/process_allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <ferry/detail/body_pool.hpp>

namespace
{

constinit std::atomic<std::size_t> all{0};
constinit std::atomic<std::size_t> large{0};

void* counted(void* memory, std::size_t size) noexcept
{
    all.fetch_add(1, std::memory_order_relaxed);
    if (size >= ferry::test::large_allocation)
        large.fetch_add(1, std::memory_order_relaxed);
    return memory;
}

void* allocate(std::size_t size) noexcept
{
    return counted(std::malloc(size != 0 ? size : 1), size);
}

void* allocate(std::size_t size, std::align_val_t alignment) noexcept
{
    void* memory = nullptr;
    if (posix_memalign(&memory, static_cast<std::size_t>(alignment), size != 0 ? size : 1) != 0)
        return nullptr;
    return counted(memory, size);
}

void* or_throw(void* memory)
{
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

}  // namespace

namespace ferry::test
{

allocation_counts allocations_so_far() noexcept
{
    return {all.load(), large.load()};
}

}  // namespace ferry::test

// A sanitizer has its own; there, nothing is counted that matters.
#if FERRY_POOL_BLOCKS && defined(__GLIBC__)
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    return counted(memalign(alignment, size), size);
}
#endif

void* operator new(std::size_t size)
{
    return or_throw(allocate(size));
}

void* operator new[](std::size_t size)
{
    return or_throw(allocate(size));
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return allocate(size);
}

void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
    return allocate(size);
}

void* operator new(std::size_t size, std::align_val_t alignment)
{
    return or_throw(allocate(size, alignment));
}

void* operator new[](std::size_t size, std::align_val_t alignment)
{
    return or_throw(allocate(size, alignment));
}

void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept
{
    return allocate(size, alignment);
}

void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept
{
    return allocate(size, alignment);
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, const std::nothrow_t&) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory, const std::nothrow_t&) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept
{
    std::free(memory);
}
