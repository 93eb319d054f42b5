// A lock-free queue between one writer and one reader: chunks on demand, batched publishing, and
// "the reader was asleep".
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace ferry::patterns
{

/// Some slots in a row. Every slot holds an item all its life, an empty one while it is not used:
/// pushing assigns, and popping moves away.
template <class T>
struct alignas(64) queue_chunk
{
    static constexpr std::size_t small = 8;    // an idle or ping-pong pipe never needs more
    static constexpr std::size_t large = 128;  // a flood amortises its allocations

    /// Errors: std::bad_alloc.
    [[nodiscard]] static queue_chunk* make(std::size_t slots)
    {
        void* memory = ::operator new (
            sizeof(queue_chunk) + slots * sizeof(T), std::align_val_t{alignof(queue_chunk)});
        auto* fresh = new (memory) queue_chunk{nullptr, slots};
        std::uninitialized_value_construct_n(fresh->begin(), slots);
        return fresh;
    }
    static void destroy(queue_chunk* gone) noexcept
    {
        std::destroy_n(gone->begin(), gone->capacity);
        ::operator delete (gone, std::align_val_t{alignof(queue_chunk)});
    }
    [[nodiscard]] T* begin() noexcept { return reinterpret_cast<T*>(this + 1); }
    [[nodiscard]] T* end() noexcept { return begin() + capacity; }

    queue_chunk* next;
    std::size_t capacity;
};

/// What lies between the two halves of a queue.
///
/// The published position and the reader's sleep live in one atomic word, so that neither can
/// change without the other noticing: there is no moment in which a wake-up could be lost.
template <class T>
struct queue_middle
{
    static constexpr std::uint64_t asleep = std::uint64_t{1} << 63;

    void give_spare(queue_chunk<T>* used) noexcept
    {
        used->next = nullptr;
        for (std::atomic<queue_chunk<T>*>& spare : spares)
        {
            queue_chunk<T>* none = nullptr;
            if (spare.compare_exchange_strong(
                    none, used, std::memory_order_release, std::memory_order_relaxed))
                return;
        }
        queue_chunk<T>::destroy(used);
    }
    [[nodiscard]] queue_chunk<T>* take_spare() noexcept
    {
        for (std::atomic<queue_chunk<T>*>& spare : spares)
        {
            if (spare.load(std::memory_order_relaxed) == nullptr)
                continue;
            if (auto* chunk = spare.exchange(nullptr, std::memory_order_acquire))
                return chunk;
        }
        return nullptr;
    }

    std::atomic<std::uint64_t> published{asleep};  // a reader that has not looked yet sleeps
    std::array<std::atomic<queue_chunk<T>*>, 2> spares{};
    queue_chunk<T>* first = nullptr;  // set before the first publish; the reader starts there
    std::size_t allocated = 0;        // chunks; the writer's
};

/// The writer's half. `between` is always the same.
template <class T>
class queue_writer
{
public:
    /// Where the next item goes: assign it, then push(). Until then the slot may be given up.
    /// Errors: std::bad_alloc.
    [[nodiscard]] T& slot(queue_middle<T>& between)
    {
        if (at_ == end_) [[unlikely]]
            add_chunk(between);
        return *at_;
    }
    void push() noexcept
    {
        ++at_;
        ++pushed_;
    }
    /// True if the reader slept: it is awake now and must be told.
    [[nodiscard]] bool publish(queue_middle<T>& between) noexcept
    {
        if (pushed_ == published_)
            return false;
        published_ = pushed_;
        noted_ = pushed_;
        constexpr auto order = std::memory_order_acq_rel;
        return (between.published.exchange(pushed_, order) & between.asleep) != 0;
    }
    /// While the reader looks by itself and never sleeps: no atomic read-modify-write. True once
    /// per `batch` items.
    [[nodiscard]] bool publish_watched(queue_middle<T>& between, std::size_t batch) noexcept
    {
        published_ = pushed_;
        between.published.store(pushed_, std::memory_order_release);
        if (pushed_ - noted_ < batch)
            return false;
        noted_ = pushed_;
        return true;
    }
    [[nodiscard]] std::uint64_t pushed() const noexcept { return pushed_; }
    void forget_chunks() noexcept { at_ = end_ = nullptr, tail_ = nullptr; }

private:
    static constexpr std::size_t small_chunks = 2;  // these two alternate while little is queued

    void add_chunk(queue_middle<T>& between);

    // No two of these positions side by side: what is stored one by one would be loaded in pairs.
    T* at_ = nullptr;
    std::uint64_t pushed_ = 0;
    T* end_ = nullptr;
    std::uint64_t published_ = 0;
    queue_chunk<T>* tail_ = nullptr;
    std::uint64_t noted_ = 0;  // the reader was told, or did not need to be, up to here
};

/// The reader's half. `between` is always the same.
template <class T>
class queue_reader
{
public:
    /// The next item, in place; null if there is none, and the reader is not put to sleep.
    [[nodiscard]] T* peek(queue_middle<T>& between) noexcept
    {
        if (popped_ == seen_ && is_drained(between))
            return nullptr;
        if (at_ == end_) [[unlikely]]
            step_to_next_chunk(between);
        return at_;
    }
    /// What peek() showed.
    [[nodiscard]] T& front() noexcept { return *at_; }
    /// The front is taken: it was moved away or emptied.
    void pop() noexcept
    {
        ++at_;
        ++popped_;
    }
    /// Whether everything published was popped.
    [[nodiscard]] bool is_drained(const queue_middle<T>& between) noexcept
    {
        if (popped_ != seen_)
            return false;
        seen_ = between.published.load(std::memory_order_acquire) & ~between.asleep;
        return popped_ == seen_;
    }
    /// True if the reader sleeps now; false if there is something to pop.
    [[nodiscard]] bool sleep(queue_middle<T>& between) noexcept
    {
        if (popped_ != seen_)
            return false;
        std::uint64_t expected = popped_;
        if (between.published.compare_exchange_strong(expected, popped_ | between.asleep,
                std::memory_order_acq_rel, std::memory_order_acquire))
            return true;
        seen_ = expected & ~between.asleep;
        return popped_ == seen_;  // it slept already
    }
    /// The reader does not sleep any more; nobody tells it.
    void wake(queue_middle<T>& between) noexcept
    {
        between.published.fetch_and(~between.asleep, std::memory_order_acq_rel);
    }
    /// Frees the spare chunks that only a flood needs.
    void shed(queue_middle<T>& between) noexcept
    {
        for (std::atomic<queue_chunk<T>*>& spare : between.spares)
        {
            // The other side takes spares, but only this one destroys them.
            queue_chunk<T>* seen = spare.load(std::memory_order_relaxed);
            if (seen != nullptr && seen->capacity > queue_chunk<T>::small &&
                spare.compare_exchange_strong(seen, nullptr, std::memory_order_acquire))
                queue_chunk<T>::destroy(seen);
        }
    }
    /// How many items could be popped now.
    [[nodiscard]] std::size_t size(const queue_middle<T>& between) const noexcept
    {
        const std::uint64_t there =
            between.published.load(std::memory_order_acquire) & ~between.asleep;
        return static_cast<std::size_t>(there - popped_);
    }
    [[nodiscard]] std::uint64_t popped() const noexcept { return popped_; }
    /// Destroys all chunks and what is in them. The writer forgets them, and does not write meanwhile.
    void free_chunks(queue_middle<T>& between) noexcept;

private:
    void step_to_next_chunk(queue_middle<T>& between) noexcept;

    T* at_ = nullptr;
    T* end_ = nullptr;
    std::uint64_t popped_ = 0;
    std::uint64_t seen_ = 0;  // the published position, as last looked at
    queue_chunk<T>* head_ = nullptr;
};

/// Items that the writer pushes become visible together with publish(). A reader that finds
/// nothing sleeps from then on; the publish() that ends this says so, exactly once.
///
/// A pipe keeps the halves apart, each beside what else its side needs; this is the whole.
///
/// Thread safety: the functions under "writer" by one thread, those under "reader" by another.
template <class T>
class spsc_queue
{
public:
    spsc_queue() noexcept = default;
    spsc_queue(const spsc_queue&) = delete;
    spsc_queue& operator=(const spsc_queue&) = delete;
    ~spsc_queue() { reader_.free_chunks(between_); }

    // --- writer --------------------------------------------------------------------------
    /// Errors: std::bad_alloc, and nothing was pushed.
    void push(T&& item)
    {
        writer_.slot(between_) = std::move(item);
        writer_.push();
    }
    [[nodiscard]] bool publish() noexcept { return writer_.publish(between_); }
    [[nodiscard]] bool publish_watched(std::size_t batch) noexcept
    {
        return writer_.publish_watched(between_, batch);
    }

    // --- reader --------------------------------------------------------------------------
    /// False if nothing is there; the reader is not put to sleep.
    [[nodiscard]] bool pop(T& item) noexcept
    {
        T* next = reader_.peek(between_);
        if (next == nullptr)
            return false;
        item = std::move(*next);
        reader_.pop();
        return true;
    }
    [[nodiscard]] bool is_drained() noexcept { return reader_.is_drained(between_); }
    [[nodiscard]] bool sleep() noexcept { return reader_.sleep(between_); }
    void wake() noexcept { reader_.wake(between_); }
    [[nodiscard]] std::size_t size() const noexcept { return reader_.size(between_); }

private:
    alignas(64) queue_writer<T> writer_;
    alignas(64) queue_reader<T> reader_;
    alignas(64) queue_middle<T> between_;
};

template <class T>
void queue_writer<T>::add_chunk(queue_middle<T>& between)
{
    queue_chunk<T>* fresh = between.take_spare();
    if (fresh == nullptr)
    {
        using chunk = queue_chunk<T>;
        fresh = chunk::make(between.allocated < small_chunks ? chunk::small : chunk::large);
        ++between.allocated;
    }
    if (tail_ == nullptr)
        between.first = fresh;
    else
        tail_->next = fresh;
    tail_ = fresh;
    at_ = fresh->begin();
    end_ = fresh->end();
}

// The reader leaves a chunk only when it needs the next one, which was linked before anything in
// it was published: `next` needs no atomic.
template <class T>
void queue_reader<T>::step_to_next_chunk(queue_middle<T>& between) noexcept
{
    queue_chunk<T>* used = std::exchange(head_, head_ == nullptr ? between.first : head_->next);
    if (used != nullptr)
        between.give_spare(used);
    at_ = head_->begin();
    end_ = head_->end();
}

template <class T>
void queue_reader<T>::free_chunks(queue_middle<T>& between) noexcept
{
    queue_chunk<T>* at = head_ != nullptr ? head_ : between.first;
    while (at != nullptr)
        queue_chunk<T>::destroy(std::exchange(at, at->next));
    for (std::atomic<queue_chunk<T>*>& spare : between.spares)
        if (auto* chunk = spare.exchange(nullptr, std::memory_order_relaxed))
            queue_chunk<T>::destroy(chunk);
    at_ = end_ = nullptr;
    head_ = between.first = nullptr;
    between.allocated = 0;
}

}  // namespace ferry::patterns
