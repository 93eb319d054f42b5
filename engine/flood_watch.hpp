// Sessions in a flood: looked after at short intervals, so that their senders need not wake anybody.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

namespace ferry::detail
{

/// A session as the watch knows it.
class watched_session
{
public:
    struct look
    {
        bool only_if_idle = false;
        std::chrono::steady_clock::time_point now{};
    };
    /// Writes what its pipe holds; where `only_if_idle`, not if something was written since the last
    /// look, or if its senders are still filling a batch.
    virtual void look_after(look at) noexcept = 0;
    /// Its sender wakes it again, from now on. It is forgotten already.
    virtual void watch_ended() noexcept = 0;

protected:
    ~watched_session() = default;
};

/// A lone message is written by the thread that sends it. A thread that sends in a loop would write
/// every message alone: as soon as such threads spend most of their time writing, the sessions
/// they write to are watched. Then messages gather in the pipes, and are written when a batch is
/// full, when a thread of this loop is about to wait, or at the next look, whichever comes first;
/// when fewer messages come than could be written one by one, the watch ends.
///
/// Used on the loop only.
class flood_watch
{
public:
    using clock = std::chrono::steady_clock;

    /// How often the sessions are looked after. What a sender that stopped left behind lies unwritten
    /// for three intervals at most.
    static constexpr std::chrono::microseconds interval{150};
    /// A batch is still filling while messages came since the last look, on average one in
    /// `slowest_filling`, for so many looks, and for so long where looks come late.
    static constexpr std::chrono::microseconds slowest_filling{500};
    static constexpr unsigned most_looks = 20;
    static constexpr std::chrono::milliseconds longest_filling{20};
    /// How many messages, and how many octets, a sender leaves in the pipe before it encodes them:
    /// so few that they are still in the processor's nearest cache.
    static constexpr std::size_t batch = 128;
    static constexpr std::size_t batch_octets = std::size_t{16} * 1024;
    /// The same where senders encode: taking what they made costs next to nothing.
    static constexpr std::size_t encoded_batch = 1024;
    /// How many encoded octets are written at once.
    static constexpr std::size_t worth_a_write = std::size_t{64} * 1024;
    /// Where the peer answered within the last `writes_in_a_talk` writes, it may be waiting for them: two ends that
    /// each fill a large write would work by turns.
    static constexpr std::uint8_t writes_in_a_talk = 16;
    static constexpr std::size_t worth_a_write_in_a_talk = std::size_t{8} * 1024;

    explicit flood_watch(const asio::any_io_executor& executor) : ticks_(executor) {}

    /// A sender wrote by itself during that time. True when this is a flood: the session shall
    /// add() itself.
    [[nodiscard]] bool is_flood(clock::time_point began, clock::time_point ended) noexcept;

    void add(const std::shared_ptr<watched_session>& session);
    void remove(const watched_session& session) noexcept;
    /// Whether there are none. Any thread, as a hint.
    [[nodiscard]] bool is_calm() const noexcept { return calm_.load(std::memory_order_relaxed); }
    void count_messages(std::size_t count) noexcept { messages_ += count; }
    /// All of them write what they have. See watched_session::look_after.
    void look_after_all(bool only_if_idle = false) noexcept;
    /// The loop ends.
    void stop() noexcept;

private:
    void tick_later();
    void on_tick();
    void end_all() noexcept;

    asio::steady_timer ticks_;
    std::vector<std::shared_ptr<watched_session>> sessions_;
    std::size_t messages_ = 0;  // since the last tick
    unsigned ebbing_ = 0;       // ticks in a row that saw few
    std::atomic<bool> calm_{true};
    bool ticking_ = false;
    bool stopped_ = false;

    // How much of their time senders spent writing since `since_`.
    clock::time_point since_{};
    clock::duration writing_{};
    unsigned writes_ = 0;
};

}  // namespace ferry::detail
