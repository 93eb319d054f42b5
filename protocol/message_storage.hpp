// What large messages keep outside themselves: shared bodies, and lists of frames.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <span>

#include <ferry/detail/body_pool.hpp>
#include <ferry/message.hpp>

namespace ferry::detail
{

/// Owns the octets of a frame, together with everybody else who refers to it. Plain bodies have
/// their octets right behind; others say how they are destroyed.
struct shared_body
{
    using destroyer = void (*)(shared_body*) noexcept;

    std::atomic<std::uint32_t> references{1};
    std::uint32_t size_class = 0;  // of a plain body's block
    destroyer destroy = nullptr;   // null: plain, octets behind

    /// A plain body for `size` octets, uninitialised. Errors: std::bad_alloc.
    [[nodiscard]] static shared_body* make(std::size_t size)
    {
        if (size > max_size)
            throw std::bad_alloc();
        return put_into(allocate_block(sizeof(shared_body) + size));
    }
    [[nodiscard]] static shared_body* put_into(block from) noexcept
    {
        auto* body = new (from.memory) shared_body;
        body->size_class = from.size_class;
        return body;
    }
    [[nodiscard]] std::byte* octets() noexcept
    {
        return reinterpret_cast<std::byte*>(this) + sizeof(shared_body);
    }

    void retain() noexcept { references.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept
    {
        // The last owner needs no read-modify-write: nobody else is left to come or go.
        if (is_unique() || references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            dispose(this);
    }
    [[nodiscard]] bool is_unique() const noexcept
    {
        return references.load(std::memory_order_acquire) == 1;
    }
    /// Whether the last reference to a plain body was dropped without any other work.
    [[nodiscard]] bool is_dropped_at_once() noexcept
    {
        return is_unique() && destroy == nullptr && size_class < first_large_class &&
            keep_block(this, size_class);
    }

private:
    static constexpr std::size_t max_size =
        std::numeric_limits<std::ptrdiff_t>::max() - pooled_header;

    static void dispose(shared_body* body) noexcept
    {
        if (body->destroy != nullptr)
            body->destroy(body);
        else
            free_block(body, body->size_class);
    }
};
static_assert(sizeof(shared_body) <= pooled_header);

/// One frame inside a shared body.
struct shared_frame
{
    shared_body* body;
    std::byte* data;
    std::size_t size;
};

/// One frame of a list: up to 31 octets in place, or a reference to a shared body. Moved about as
/// plain octets; whoever drops one calls release().
class list_frame
{
public:
    static constexpr std::size_t capacity = 31;

    list_frame(const std::byte* data, std::size_t size) noexcept
        : size_(static_cast<std::uint8_t>(size))
    {
        if (size != 0)
            std::memcpy(storage_, data, size);
    }
    /// Takes the reference over.
    explicit list_frame(const shared_frame& frame) noexcept : size_(is_shared_mark)
    {
        std::memcpy(storage_, &frame, sizeof frame);
    }

    [[nodiscard]] bool is_shared() const noexcept { return size_ == is_shared_mark; }
    [[nodiscard]] shared_frame shared() const noexcept
    {
        shared_frame frame;
        std::memcpy(&frame, storage_, sizeof frame);
        return frame;
    }
    [[nodiscard]] frame_view view() const noexcept
    {
        if (!is_shared())
            return {storage_, size_};
        const shared_frame frame = shared();
        return {frame.data, frame.size};
    }
    void retain() const noexcept
    {
        if (is_shared())
            shared().body->retain();
    }
    void release() const noexcept
    {
        if (is_shared())
            shared().body->release();
    }

private:
    static constexpr std::uint8_t is_shared_mark = 255;

    alignas(8) std::byte storage_[capacity];
    std::uint8_t size_;
};
static_assert(sizeof(list_frame) == 32);

/// A reference-counted vector of frames with room at both ends, all in one allocation. Changed only
/// by the one who holds its only reference.
class frame_list
{
public:
    /// An empty list that can take `capacity` frames, the first at place `first`.
    /// Errors: std::bad_alloc.
    [[nodiscard]] static frame_list* make(std::size_t capacity, std::size_t first);

    void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept
    {
        if (is_unique() || references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            dispose(this);
    }
    [[nodiscard]] bool is_unique() const noexcept
    {
        return references_.load(std::memory_order_acquire) == 1;
    }

    [[nodiscard]] std::span<const list_frame> frames() const noexcept
    {
        return {slots() + first_, count_};
    }
    [[nodiscard]] std::size_t room_at_front() const noexcept { return first_; }
    [[nodiscard]] std::size_t room_at_back() const noexcept { return capacity_ - first_ - count_; }

    /// There must be room.
    void push_back(const list_frame& frame) noexcept
    {
        new (slots() + first_ + count_) list_frame(frame);
        ++count_;
    }
    /// Puts `count` frames before the others; there must be room.
    void push_front(const list_frame* frames, std::size_t count) noexcept
    {
        first_ -= count;
        std::memcpy(static_cast<void*>(slots() + first_), frames, count * sizeof(list_frame));
        count_ += count;
    }
    void pop_front(std::size_t count) noexcept
    {
        for (const list_frame& frame : frames().first(count))
            frame.release();
        first_ += count;
        count_ -= count;
    }
    void pop_back(std::size_t count) noexcept
    {
        for (const list_frame& frame : frames().last(count))
            frame.release();
        count_ -= count;
    }

private:
    frame_list(std::size_t capacity, std::size_t first, std::uint32_t size_class) noexcept
        : size_class_(size_class), first_(first), capacity_(capacity)
    {
    }
    static void dispose(frame_list* list) noexcept;
    [[nodiscard]] list_frame* slots() noexcept { return reinterpret_cast<list_frame*>(this + 1); }
    [[nodiscard]] const list_frame* slots() const noexcept
    {
        return reinterpret_cast<const list_frame*>(this + 1);
    }

    std::atomic<std::uint32_t> references_{1};
    std::uint32_t size_class_;
    std::size_t first_;
    std::size_t count_ = 0;
    std::size_t capacity_;
};

}  // namespace ferry::detail
