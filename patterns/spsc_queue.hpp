// A lock-free queue between one writer and one reader: chunks on demand, batched publishing, and
// "the reader was asleep".
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace ferry::patterns
{

/// Items that the writer pushes become visible together with publish(). A reader that finds
/// nothing sleeps from then on; the publish() that ends this says so, exactly once.
///
/// The published position and the reader's sleep live in one atomic word, so that neither can
/// change without the other noticing: there is no moment in which a wake-up could be lost.
///
/// Thread safety: the functions under "writer" by one thread, those under "reader" by another.
template <class T>
class spsc_queue
{
public:
    spsc_queue() noexcept = default;
    spsc_queue(const spsc_queue&) = delete;
    spsc_queue& operator=(const spsc_queue&) = delete;
    ~spsc_queue();

    // --- writer --------------------------------------------------------------------------
    /// Errors: std::bad_alloc, and nothing was pushed.
    void push(T&& item);
    /// True if the reader slept: it is awake now and must be told.
    [[nodiscard]] bool publish() noexcept;

    // --- reader --------------------------------------------------------------------------
    /// False if nothing is there; the reader is not put to sleep.
    [[nodiscard]] bool pop(T& item) noexcept;
    /// Whether everything published was popped.
    [[nodiscard]] bool is_drained() noexcept;
    /// True if the reader sleeps now; false if there is something to pop.
    [[nodiscard]] bool sleep() noexcept;
    /// How many items could be popped now.
    [[nodiscard]] std::size_t size() const noexcept
    {
        const std::uint64_t there = published_.load(std::memory_order_acquire) & ~asleep;
        return static_cast<std::size_t>(there - popped_);
    }

private:
    static constexpr std::uint64_t asleep = std::uint64_t{1} << 63;
    static constexpr std::size_t line = 64;
    static constexpr std::size_t small_chunk = 8;    // an idle or ping-pong pipe never needs more
    static constexpr std::size_t large_chunk = 128;  // a flood amortises its allocations
    static constexpr std::size_t small_chunks = 2;   // these two alternate while little is queued

    struct alignas(line) chunk
    {
        explicit chunk(std::size_t slots) noexcept : capacity(slots) {}
        T* slot(std::size_t i) noexcept { return reinterpret_cast<T*>(this + 1) + i; }

        chunk* next = nullptr;
        std::size_t capacity;
    };

    static chunk* allocate(std::size_t slots)
    {
        void* memory =
            ::operator new (sizeof(chunk) + slots * sizeof(T), std::align_val_t{alignof(chunk)});
        return new (memory) chunk(slots);
    }
    static void deallocate(chunk* c) noexcept
    {
        ::operator delete (c, std::align_val_t{alignof(chunk)});
    }

    void add_chunk();
    [[nodiscard]] chunk* take_spare() noexcept;
    void give_spare(chunk* used) noexcept;
    void step_to_next_chunk() noexcept;

    // The writer's own.
    alignas(line) chunk* tail_ = nullptr;
    std::size_t tail_used_ = 0;
    std::uint64_t pushed_ = 0;
    std::uint64_t published_last_ = 0;
    std::size_t allocated_ = 0;
    chunk* first_ = nullptr;  // set once, before the first publish; the reader starts there

    // The reader's own.
    alignas(line) chunk* head_ = nullptr;
    std::size_t head_used_ = 0;
    std::uint64_t popped_ = 0;
    std::uint64_t seen_ = 0;  // published_ as last looked at

    // Between them. A reader that has not looked yet counts as asleep.
    alignas(line) std::atomic<std::uint64_t> published_{asleep};
    std::array<std::atomic<chunk*>, 2> spares_{};
};

template <class T>
spsc_queue<T>::~spsc_queue()
{
    chunk* at = head_ != nullptr ? head_ : first_;
    std::size_t used = head_used_;
    for (std::uint64_t left = pushed_ - popped_; left != 0; --left, ++used)
    {
        if (used == at->capacity)
        {
            deallocate(std::exchange(at, at->next));
            used = 0;
        }
        at->slot(used)->~T();
    }
    while (at != nullptr)
        deallocate(std::exchange(at, at->next));
    for (std::atomic<chunk*>& spare : spares_)
        if (chunk* c = spare.load(std::memory_order_relaxed))
            deallocate(c);
}

template <class T>
void spsc_queue<T>::push(T&& item)
{
    if (tail_ == nullptr || tail_used_ == tail_->capacity)
        add_chunk();
    new (tail_->slot(tail_used_)) T(std::move(item));
    ++tail_used_;
    ++pushed_;
}

template <class T>
bool spsc_queue<T>::publish() noexcept
{
    if (pushed_ == published_last_)
        return false;
    published_last_ = pushed_;
    return (published_.exchange(pushed_, std::memory_order_acq_rel) & asleep) != 0;
}

template <class T>
bool spsc_queue<T>::pop(T& item) noexcept
{
    if (popped_ == seen_ && is_drained())
        return false;
    if (head_ == nullptr || head_used_ == head_->capacity)
        step_to_next_chunk();
    T* slot = head_->slot(head_used_);
    item = std::move(*slot);
    slot->~T();
    ++head_used_;
    ++popped_;
    return true;
}

template <class T>
bool spsc_queue<T>::is_drained() noexcept
{
    if (popped_ != seen_)
        return false;
    seen_ = published_.load(std::memory_order_acquire) & ~asleep;
    return popped_ == seen_;
}

template <class T>
bool spsc_queue<T>::sleep() noexcept
{
    if (popped_ != seen_)
        return false;
    std::uint64_t expected = popped_;
    if (published_.compare_exchange_strong(
            expected, popped_ | asleep, std::memory_order_acq_rel, std::memory_order_acquire))
        return true;
    seen_ = expected & ~asleep;
    return popped_ == seen_;  // it slept already
}

// The reader leaves a chunk only when it needs the next one, which was linked before anything in
// it was published: `next` needs no atomic.
template <class T>
void spsc_queue<T>::step_to_next_chunk() noexcept
{
    if (head_ == nullptr)
        head_ = first_;
    else
    {
        chunk* used = std::exchange(head_, head_->next);
        give_spare(used);
    }
    head_used_ = 0;
}

template <class T>
void spsc_queue<T>::add_chunk()
{
    chunk* fresh = take_spare();
    if (fresh == nullptr)
    {
        fresh = allocate(allocated_ < small_chunks ? small_chunk : large_chunk);
        ++allocated_;
    }
    if (tail_ == nullptr)
        first_ = fresh;
    else
        tail_->next = fresh;
    tail_ = fresh;
    tail_used_ = 0;
}

template <class T>
typename spsc_queue<T>::chunk* spsc_queue<T>::take_spare() noexcept
{
    for (std::atomic<chunk*>& spare : spares_)
    {
        if (spare.load(std::memory_order_relaxed) == nullptr)
            continue;
        if (chunk* c = spare.exchange(nullptr, std::memory_order_acquire))
            return c;
    }
    return nullptr;
}

template <class T>
void spsc_queue<T>::give_spare(chunk* used) noexcept
{
    used->next = nullptr;
    for (std::atomic<chunk*>& spare : spares_)
    {
        chunk* none = nullptr;
        if (spare.compare_exchange_strong(
                none, used, std::memory_order_release, std::memory_order_relaxed))
            return;
    }
    deallocate(used);
}

}  // namespace ferry::patterns
