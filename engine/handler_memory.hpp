// Memory for the handler of an operation that is started again and again.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace ferry::detail
{

/// Holds one handler at a time, and what Asio makes of it; a second one, or one that is too large, goes
/// to the heap. Threads that drive a loop have no recycled memory of Asio's, which only those inside
/// run() have. Shared by what is allocated from it: destroying a handler may destroy the memory's owner.
class handler_memory
{
public:
    handler_memory() noexcept = default;
    handler_memory(const handler_memory&) = delete;
    handler_memory& operator=(const handler_memory&) = delete;

    [[nodiscard]] void* allocate(std::size_t size)
    {
        if (!handler_in_use_ && size <= sizeof handler_)
        {
            handler_in_use_ = true;
            return handler_;
        }
        if (!operation_in_use_ && size <= operation_size)
        {
            if (!operation_)  // where our own loop watches the streams, nobody asks for it
                operation_.reset(new std::byte[operation_size]);
            operation_in_use_ = true;
            return operation_.get();
        }
        return ::operator new(size);
    }
    void deallocate(void* memory) noexcept
    {
        if (memory == handler_)
            handler_in_use_ = false;
        else if (memory == operation_.get())
            operation_in_use_ = false;
        else
            ::operator delete(memory);
    }

private:
    alignas(std::max_align_t) std::byte handler_[48];
    static constexpr std::size_t operation_size = 160;
    std::unique_ptr<std::byte[]> operation_;
    bool handler_in_use_ = false;
    bool operation_in_use_ = false;
};

/// For asio::bind_allocator.
template <class T>
class handler_allocator
{
public:
    using value_type = T;

    explicit handler_allocator(std::shared_ptr<handler_memory> memory) noexcept
        : memory_(std::move(memory))
    {
    }
    template <class U>
    handler_allocator(const handler_allocator<U>& other) noexcept : memory_(other.memory_)
    {
    }
    [[nodiscard]] T* allocate(std::size_t count)
    {
        return static_cast<T*>(memory_->allocate(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t) noexcept { memory_->deallocate(memory); }

    friend bool operator==(const handler_allocator& a, const handler_allocator& b) noexcept
    {
        return a.memory_ == b.memory_;
    }

private:
    template <class U>
    friend class handler_allocator;

    std::shared_ptr<handler_memory> memory_;
};

}  // namespace ferry::detail
