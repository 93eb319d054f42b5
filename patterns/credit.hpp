// How much a writer may still write: a high-water mark in messages, and acknowledgements at
// multiples of the low-water mark.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ferry::patterns
{

/// The writer may write while fewer than `hwm` messages are unacknowledged; 0 is unlimited. The
/// reader acknowledges at every multiple of (hwm + 1) / 2 that it reaches. A writer that was
/// refused waits; the acknowledgement that ends this says so, exactly once.
///
/// The mark may change at any time and from either end, and an old mark's acknowledgements must
/// not leave a writer waiting for ever under a new one. Hence two rules beside the multiples: the
/// reader acknowledges with the first message it reads under a new mark, and whenever it has
/// emptied the queue of a waiting writer; the writer, having decided to wait, looks once more
/// whether the queue is empty. That last pair needs the total order of seq_cst: each side writes
/// its own word and then looks at the other's.
///
/// Thread safety: the functions under "writer" by one thread, those under "reader" by another.
class credit
{
public:
    explicit credit(std::size_t hwm) noexcept : hwm_(hwm) { follow_mark(hwm, 0); }
    credit(const credit&) = delete;
    credit& operator=(const credit&) = delete;

    /// Counts at once, for both ends. Any thread.
    void set_hwm(std::size_t hwm) noexcept { hwm_.store(hwm, std::memory_order_relaxed); }

    // --- writer --------------------------------------------------------------------------
    /// After false the writer waits.
    [[nodiscard]] bool has_room() noexcept
    {
        const std::size_t hwm = hwm_.load(std::memory_order_relaxed);
        return hwm == 0 || written_ - acknowledged_ < hwm || has_room_now(hwm);
    }
    void wrote() noexcept { ++written_; }
    [[nodiscard]] std::size_t unread() const noexcept
    {
        return static_cast<std::size_t>(written_ - read_.load(std::memory_order_relaxed));
    }

    // --- reader --------------------------------------------------------------------------
    /// One message was read. True if the writer waited: it must be told.
    [[nodiscard]] bool did_read() noexcept
    {
        const std::uint64_t count = read_.load(std::memory_order_relaxed) + 1;
        read_.store(count, std::memory_order_release);
        const std::size_t hwm = hwm_.load(std::memory_order_relaxed);
        if (hwm == followed_ && count != next_)
            return false;
        follow_mark(hwm, count);
        return acknowledge(count);
    }
    /// Nothing is left to be read. True if the writer waited: it must be told.
    [[nodiscard]] bool did_drain() noexcept
    {
        const std::uint64_t count = read_.load(std::memory_order_relaxed);
        read_.exchange(count, std::memory_order_seq_cst);
        if ((acknowledged_word_.load(std::memory_order_seq_cst) & waiting) == 0)
            return false;
        return acknowledge(count);
    }

private:
    static constexpr std::uint64_t waiting = std::uint64_t{1} << 63;
    static constexpr std::size_t line = 64;

    [[nodiscard]] bool has_room_now(std::size_t hwm) noexcept
    {
        std::uint64_t word = acknowledged_word_.load(std::memory_order_acquire);
        do
        {
            if (const std::uint64_t count = word & ~waiting; count > acknowledged_)
                acknowledged_ = count;
            if (written_ - acknowledged_ < hwm)
                return true;
            if ((word & waiting) != 0)
                return false;
        }
        while (!acknowledged_word_.compare_exchange_weak(
            word, word | waiting, std::memory_order_seq_cst, std::memory_order_acquire));
        if (read_.load(std::memory_order_seq_cst) != written_)
            return false;
        acknowledged_word_.fetch_and(~waiting, std::memory_order_relaxed);
        acknowledged_ = written_;
        return true;
    }
    [[nodiscard]] bool acknowledge(std::uint64_t count) noexcept
    {
        return (acknowledged_word_.exchange(count, std::memory_order_seq_cst) & waiting) != 0;
    }
    // The next multiple of the mark's low-water mark after `count`.
    void follow_mark(std::size_t hwm, std::uint64_t count) noexcept
    {
        followed_ = hwm;
        const std::uint64_t low = hwm / 2 + hwm % 2;
        next_ = low == 0 ? std::numeric_limits<std::uint64_t>::max() : (count / low + 1) * low;
    }

    // The writer's own.
    alignas(line) std::uint64_t written_ = 0;
    std::uint64_t acknowledged_ = 0;

    // The reader's own; the writer looks at read_ rarely.
    alignas(line) std::atomic<std::uint64_t> read_{0};
    std::uint64_t next_ = 0;
    std::size_t followed_ = 0;

    // Between them: written rarely.
    alignas(line) std::atomic<std::uint64_t> acknowledged_word_{0};
    std::atomic<std::size_t> hwm_;
};

}  // namespace ferry::patterns
