// How much a writer may still write: a high-water mark in messages, and acknowledgements at
// multiples of the low-water mark.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ferry::patterns
{

/// What the two sides of a credit share; written rarely.
///
/// The writer may write while fewer than `hwm` messages are unacknowledged; 0 is unlimited. The
/// reader acknowledges at every multiple of (hwm + 1) / 2 that it reaches. A writer that was
/// refused waits; the acknowledgement that ends this says so, exactly once.
///
/// The mark may change at any time and from either end, and an old mark's acknowledgements must
/// not leave a writer waiting for ever under a new one. Hence two rules beside the multiples: the
/// reader acknowledges with the first message it reads under a new mark, and whenever it finds
/// nothing more to read and the writer waits; the writer, having decided to wait, looks once more
/// whether everything was read. That last pair needs the total order of seq_cst: each side writes
/// its own word and then looks at the other's.
class credit_account
{
public:
    explicit credit_account(std::size_t hwm) noexcept : hwm_(effective(hwm)) {}
    credit_account(const credit_account&) = delete;
    credit_account& operator=(const credit_account&) = delete;

    /// Counts at once, for both ends. Any thread.
    void set_hwm(std::size_t hwm) noexcept
    {
        hwm_.store(effective(hwm), std::memory_order_relaxed);
    }
    /// The largest number if there is no mark.
    [[nodiscard]] std::size_t hwm() const noexcept { return hwm_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t low_water_mark() const noexcept { return half_of(hwm()); }

private:
    friend class credit_writer;
    friend class credit_reader;

    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    static constexpr std::uint64_t waiting = std::uint64_t{1} << 63;

    [[nodiscard]] static std::size_t effective(std::size_t hwm) noexcept
    {
        return hwm == 0 ? unlimited : hwm;
    }
    [[nodiscard]] static std::size_t half_of(std::size_t hwm) noexcept { return hwm / 2 + hwm % 2; }

    std::atomic<std::uint64_t> acknowledged_{0};  // and, in the same word, the writer's wish
    std::atomic<std::size_t> hwm_;
};

/// The reader's side: one thread's.
class credit_reader
{
public:
    explicit credit_reader(std::size_t hwm) noexcept
    {
        follow_mark(credit_account::effective(hwm), 0);
    }

    /// One message was read, or several. True if the writer waited: it must be told.
    [[nodiscard]] bool did_read(credit_account& account, std::uint64_t messages = 1) noexcept
    {
        const std::uint64_t count = read_.load(std::memory_order_relaxed) + messages;
        read_.store(count, std::memory_order_release);
        const std::size_t hwm = account.hwm();
        if (hwm == followed_ && count < next_) [[likely]]
            return false;
        follow_mark(hwm, count);
        return acknowledge(account, count);
    }
    /// Nothing is left to be read. True if the writer waited: it must be told.
    [[nodiscard]] bool did_drain(credit_account& account) noexcept
    {
        const std::uint64_t count = read_.load(std::memory_order_relaxed);
        read_.exchange(count, std::memory_order_seq_cst);
        if ((account.acknowledged_.load(std::memory_order_seq_cst) & account.waiting) == 0)
            return false;
        return acknowledge(account, count);
    }
    /// Messages read so far. Any thread.
    [[nodiscard]] const std::atomic<std::uint64_t>& count() const noexcept { return read_; }

private:
    [[nodiscard]] static bool acknowledge(credit_account& account, std::uint64_t count) noexcept
    {
        const auto before = account.acknowledged_.exchange(count, std::memory_order_seq_cst);
        return (before & account.waiting) != 0;
    }
    // The next multiple of the mark's low-water mark after `count`.
    void follow_mark(std::size_t hwm, std::uint64_t count) noexcept
    {
        followed_ = hwm;
        const std::uint64_t low = credit_account::half_of(hwm);
        next_ = (count / low + 1) * low;
    }

    std::atomic<std::uint64_t> read_{0};
    std::uint64_t next_ = 0;
    std::size_t followed_ = 0;
};

/// The writer's side: one thread's. `reader` and `account` are always the same.
class credit_writer
{
public:
    /// After false the writer waits.
    [[nodiscard]] bool has_room(credit_account& account, const credit_reader& reader) noexcept
    {
        const std::size_t hwm = account.hwm();
        return written() - acknowledged_ < hwm || has_room_now(account, reader, hwm);
    }
    /// As has_room(): for how many messages. 0 may also mean that a mark has just changed.
    [[nodiscard]] std::uint64_t room(credit_account& account, const credit_reader& reader) noexcept
    {
        if (!has_room(account, reader))
            return 0;
        const std::uint64_t hwm = account.hwm();
        const std::uint64_t used = written() - acknowledged_;
        return used < hwm ? hwm - used : 0;
    }
    void wrote(std::uint64_t messages = 1) noexcept
    {
        written_.store(written() + messages, std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t unread(const credit_reader& reader) const noexcept
    {
        return static_cast<std::size_t>(written() - reader.count().load(std::memory_order_relaxed));
    }

private:
    [[nodiscard]] bool has_room_now(
        credit_account& account, const credit_reader& reader, std::size_t hwm) noexcept
    {
        std::uint64_t word = account.acknowledged_.load(std::memory_order_acquire);
        do
        {
            if (const std::uint64_t count = word & ~account.waiting; count > acknowledged_)
                acknowledged_ = count;
            if (written() - acknowledged_ < hwm)
                return true;
            if ((word & account.waiting) != 0)
                return false;
        }
        while (!account.acknowledged_.compare_exchange_weak(
            word, word | account.waiting, std::memory_order_seq_cst, std::memory_order_acquire));
        if (reader.count().load(std::memory_order_seq_cst) != written())
            return false;
        account.acknowledged_.fetch_and(~account.waiting, std::memory_order_relaxed);
        acknowledged_ = written();
        return true;
    }

    [[nodiscard]] std::uint64_t written() const noexcept
    {
        return written_.load(std::memory_order_relaxed);
    }

    std::atomic<std::uint64_t> written_{0};  // stored by the writer, looked at by any thread
    std::uint64_t acknowledged_ = 0;
};

}  // namespace ferry::patterns
