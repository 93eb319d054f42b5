// One peer: bounded queues both ways, high-water marks, and "the reader was asleep".
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <ferry/message.hpp>

namespace ferry::patterns
{

class pipe_channel;
class pipe_end;
struct pipe_core;

/// Who is told what the other end of a pipe did. Called with no lock held, from whatever thread
/// did it; the callee takes its own lock or hops to its own strand. It is kept alive for the
/// length of the call; the call may come after set_owner() named another or nobody, and after
/// the pipe was given up: the callee looks whether it still cares.
class pipe_owner
{
public:
    /// Messages wait, and this end's reader had gone to sleep.
    virtual void on_readable(pipe_end& end) noexcept = 0;
    /// There is room again, and this end's writer had been refused.
    virtual void on_writable(pipe_end& end) noexcept = 0;
    /// The other end is closed: no more room, and no more input than what is queued.
    virtual void on_peer_closed(pipe_end& end) noexcept = 0;

protected:
    ~pipe_owner() = default;
};

/// The owners to be told, collected under a lock and run after it is gone.
class wake_list
{
public:
    enum class reason : std::uint8_t
    {
        readable,
        writable,
        closed,
    };
    /// Keeps the pipe alive until run() or clear().
    void add(std::shared_ptr<pipe_end> end, reason why);
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    void swap(wake_list& other) noexcept { entries_.swap(other.entries_); }
    void clear() noexcept { entries_.clear(); }
    /// Tells every owner, once each and in order, and empties the list.
    void run() noexcept;

private:
    struct entry
    {
        std::shared_ptr<pipe_end> end;
        reason why;
    };
    std::vector<entry> entries_;
};

struct pipe_options
{
    /// Per direction, in messages; 0 is unlimited. `a_to_b` is what end a may have unread at b.
    std::size_t a_to_b_hwm = 1000;
    std::size_t b_to_a_hwm = 1000;
    /// Each direction holds only the newest message; the marks do not count then.
    bool conflate = false;
};

/// One end of a pipe. Everything below is called by this end's owner only, under its own lock or
/// on its own strand; the two ends may be used by two threads at the same time.
///
/// Messages written become visible to the other end with publish(), whole and in order.
/// Subscription records (detail::message_role other than data) are neither refused nor counted,
/// but keep their place in the order. They are kept even where the pipe conflates.
class pipe_end
{
public:
    pipe_end(const pipe_end&) = delete;
    pipe_end& operator=(const pipe_end&) = delete;

    /// Told about the other end; empty while nobody listens. The pipe does not keep it alive.
    /// Thread safety: any thread.
    void set_owner(std::weak_ptr<pipe_owner> owner) noexcept;
    [[nodiscard]] std::shared_ptr<pipe_owner> owner() const noexcept;
    /// A reference that keeps the whole pipe alive.
    [[nodiscard]] std::shared_ptr<pipe_end> shared() noexcept;

    // --- writing -------------------------------------------------------------------------
    /// Whether a data message may be written now. After a false answer the owner gets
    /// on_writable once there is room: at the next multiple of the low-water mark,
    /// (hwm + 1) / 2, that the reader reaches. Unlike libzmq, a raised mark counts at once.
    [[nodiscard]] bool can_write() noexcept;
    /// Queues a message; for data only after can_write() answered true.
    void write(message&& m);
    /// Makes all written messages visible; notes in `wakes` a reader that slept.
    void publish(wake_list& wakes);
    /// write() and publish() in one.
    void send(message&& m, wake_list& wakes)
    {
        write(std::move(m));
        publish(wakes);
    }
    /// Messages published by this end and not yet read by the other (a snapshot; data only).
    [[nodiscard]] std::size_t unread_by_peer() const noexcept;
    /// Whether each direction holds only its newest message.
    [[nodiscard]] bool conflates() const noexcept;
    /// The message that the last write() to a conflating pipe replaced, if it did: to be counted,
    /// and destroyed where no lock is held. The next write() destroys it otherwise.
    [[nodiscard]] bool take_replaced(message& m) noexcept;

    // --- reading -------------------------------------------------------------------------
    /// The next message. False when there is none: the reader sleeps from then on and gets
    /// on_readable when messages come. Notes in `wakes` a writer that waits for room.
    [[nodiscard]] bool read(message& m, wake_list& wakes);
    /// Whether read() would yield a message; false puts the reader to sleep, as above.
    [[nodiscard]] bool can_read() noexcept;
    /// What is there to be read now: a snapshot, data and subscription records.
    [[nodiscard]] std::size_t unread() const noexcept;

    // --- the end -------------------------------------------------------------------------
    /// This end neither reads nor writes any more. What it had published stays readable for the
    /// other end; unpublished and unread messages are destroyed with the pipe. Idempotent.
    void close(wake_list& wakes);
    [[nodiscard]] bool is_closed() const noexcept;
    [[nodiscard]] bool peer_is_closed() const noexcept;

    // --- marks ---------------------------------------------------------------------------
    void set_send_hwm(std::size_t hwm) noexcept;
    /// Notes in `wakes` the writer at the other end, who may have room now.
    void set_receive_hwm(std::size_t hwm, wake_list& wakes);

    // --- the connection behind the pipe -----------------------------------------------------
    /// Stamped on the subscription records written from here on. See detail::message_access.
    void set_generation(std::uint8_t generation) noexcept { generation_ = generation; }
    [[nodiscard]] std::uint8_t generation() const noexcept { return generation_; }
    /// Rides along with every data message read from here on.
    void set_peer(peer_handle peer) noexcept { peer_ = std::move(peer); }
    [[nodiscard]] const peer_handle& peer() const noexcept { return peer_; }

    /// The routing classes' own notes about this pipe; nobody else touches them.
    struct routing_slots
    {
        static constexpr std::size_t none = static_cast<std::size_t>(-1);
        std::size_t fair_queue = none;
        std::size_t load_balancer = none;
        std::size_t distributor = none;
        std::size_t other = none;
        std::uint64_t id = 0;
    } slots;

private:
    friend struct pipe_core;
    pipe_end(pipe_core& core, pipe_end& other, pipe_channel& out, pipe_channel& in) noexcept;
    ~pipe_end() = default;

    pipe_core& core_;
    pipe_end& other_;
    pipe_channel& out_;
    pipe_channel& in_;
    std::atomic<bool> closed_{false};
    std::uint8_t generation_ = 0;
    peer_handle peer_;
    mutable std::mutex owner_guard_;  // set_owner() against a wake-up from the other side
    std::weak_ptr<pipe_owner> owner_;
};

struct pipe_pair
{
    std::shared_ptr<pipe_end> a;  ///< both share one allocation: either keeps the whole pipe alive
    std::shared_ptr<pipe_end> b;
};
[[nodiscard]] pipe_pair make_pipe(const pipe_options& options);

}  // namespace ferry::patterns
