// One peer: bounded queues both ways, high-water marks, and "the reader was asleep".
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>

#include <ferry/detail/encoded_run.hpp>
#include <ferry/detail/message_access.hpp>
#include <ferry/detail/received_run.hpp>
#include <ferry/message.hpp>

#include "patterns/open_run.hpp"
#include "patterns/pipe_channel.hpp"
#include "patterns/wake_list.hpp"

namespace ferry::patterns
{

struct pipe_core;

struct pipe_options
{
    /// Per direction, in messages; 0 is unlimited. `a_to_b` is what end a may have unread at b.
    std::size_t a_to_b_hwm = 1000;
    std::size_t b_to_a_hwm = 1000;
    /// Each direction holds only the newest message; the marks do not count then.
    bool conflate = false;
    /// Each direction counts what is written to it: for pipes whose other end no connection counts.
    bool count = false;
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
    [[nodiscard]] bool can_write() noexcept
    {
        const std::uint32_t modes = out_.modes.load(std::memory_order_relaxed);
        if ((modes & unusual) == 0) [[likely]]
            return out_.writer.room.has_room(out_.account, out_.reader.room) || !note_unread();
        return (modes & (pipe_channel::writer_closed | pipe_channel::reader_closed)) == 0;
    }
    /// Queues a message; for data only after can_write() answered true.
    void write(message&& m)
    {
        if (writes_specially()) [[unlikely]]
            return write_specially(std::move(m));
        out_.writer.queue.slot(out_.between) = std::move(m);
        count_written();
    }
    /// The place of the next message, to be made right there and then written by commit(). It may
    /// hold anything at first, and may be left as it is instead. Errors: std::bad_alloc.
    [[nodiscard]] message& prepare()
    {
        return writes_specially() ? prepare_specially() : out_.writer.queue.slot(out_.between);
    }
    /// As write(), of what lies in prepare()'s place.
    void commit()
    {
        if (writes_specially()) [[unlikely]]
            return write_specially(std::move(prepare()));
        count_written();
    }
    /// For how many messages can_write() would answer true now; 0 may also mean that it has to be
    /// asked, as where the pipe conflates.
    [[nodiscard]] std::uint64_t room() noexcept
    {
        if ((out_.modes.load(std::memory_order_relaxed) & unusual) != 0) [[unlikely]]
            return 0;
        return out_.writer.room.room(out_.account, out_.reader.room);
    }
    /// Queues messages as they came, for which there is room(): who reads them finds each by itself.
    /// Not where the pipe conflates or counts. Errors: std::bad_alloc.
    void write_received(
        detail::shared_body& buffer, std::span<const std::byte> octets, std::uint32_t messages);
    /// Makes all written messages visible; notes in `wakes` a reader that slept. Of a reader that
    /// watches, it notes one that is to look now: see begin_watch().
    void publish(wake_list& wakes)
    {
        publish(out_, out_.modes.load(std::memory_order_relaxed), wakes);
    }
    /// write() and publish() in one.
    void send(message&& m, wake_list& wakes)
    {
        if (takes_encoded() && send_encoded(m, wakes))
            return;
        write(std::move(m));
        publish(wakes);
    }
    /// can_write() and send() in one, for a data message; but false, and nothing was done, also
    /// where the pipe conflates.
    [[nodiscard]] bool try_send(message& m, wake_list& wakes)
    {
        if (takes_encoded() && send_encoded(m, wakes))
            return true;
        return try_fill(wakes, [&](message& slot) { slot = std::move(m); });
    }
    /// As try_send(), of a copy.
    [[nodiscard]] bool try_send_copy(const message& m, wake_list& wakes)
    {
        return try_fill(wakes, [&](message& slot) {
            std::destroy_at(&slot);
            std::construct_at(&slot, m);
        });
    }
    /// As try_send(), of a message of one frame, of which only the octets are there.
    [[nodiscard]] bool try_send_octets(std::span<const std::byte> body, wake_list& wakes)
    {
        if (takes_encoded() && send_encoded(body, wakes))
            return true;
        return try_fill(
            wakes, [&](message& slot) { detail::message_access::assign(slot, body, body.size()); });
    }
    /// Whether the reader takes runs of encoded messages now.
    [[nodiscard]] bool takes_encoded() const noexcept
    {
        return (out_.modes.load(std::memory_order_relaxed) & (unusual | pipe_channel::encodes)) ==
            pipe_channel::encodes;
    }
    /// As try_send_copy(), of a message that was encoded for several pipes; where takes_encoded().
    /// `shares`: whether its octets may be referred to, though it does not follow on the last one.
    [[nodiscard]] bool try_send_encoded(
        const detail::encoded_message& m, bool shares, wake_list& wakes);
    /// By who writes: what begin_watch() let it keep is given up.
    void forget_run() noexcept { run_.reset(); }
    /// Messages published by this end and not yet read by the other (a snapshot; data only).
    [[nodiscard]] std::size_t unread_by_peer() const noexcept;
    /// Whether each direction holds only its newest message.
    [[nodiscard]] bool conflates() const noexcept { return out_.newest != nullptr; }
    /// The message that the last write() to a conflating pipe replaced, if it did: to be counted,
    /// and destroyed where no lock is held. The next write() destroys it otherwise.
    [[nodiscard]] bool take_replaced(message& m) noexcept;

    // --- counting ------------------------------------------------------------------------
    /// What this end has written, and what the other end has; null unless the pipe counts.
    [[nodiscard]] const pipe_count* written() const noexcept { return out_.count.get(); }
    [[nodiscard]] const pipe_count* arrived() const noexcept { return in_.count.get(); }
    /// The most messages of this end that were seen unread at once: when there was no room, when a
    /// batch was full, and now. Exact where the pipe counts.
    [[nodiscard]] std::size_t most_unread() noexcept
    {
        (void)note_unread();
        return out_.count ? out_.count->most_unread.load(std::memory_order_relaxed) : most_unread_;
    }
    void forget_most_unread() noexcept { most_unread_ = 0; }
    /// Messages for or from the other end that this end's owner gave up.
    void add_drops(std::size_t messages) noexcept { dropped_ += messages; }
    void forget_drops() noexcept { dropped_ = 0; }
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

    // --- reading -------------------------------------------------------------------------
    /// The next message, where it lies until drop_front() or read(). A data message may be changed
    /// and moved from; a run (detail::encoded_run, detail::received_run) is only to be looked at. Null
    /// when there is none: the reader sleeps from then on and gets on_readable when messages come,
    /// unless it watches. Notes in `wakes` a writer that waits for room though nothing is left to be
    /// read.
    [[nodiscard]] message* peek(wake_list& wakes)
    {
        if (reads_specially()) [[unlikely]]
            return peek_specially(wakes);
        message* next = in_.reader.queue.peek(in_.between);
        return next != nullptr ? next : peek_once_more(wakes);
    }
    /// Takes out what peek() showed, of received messages the first, and destroys what is left of it.
    /// Notes in `wakes` a writer that waits for room.
    void drop_front(wake_list& wakes)
    {
        if (reads_specially()) [[unlikely]]
            return drop_specially(wakes);
        message& gone = in_.reader.queue.front();
        if (detail::received_run::is_run(gone))
            return drop_from_run(wakes);
        const bool data = is_data(gone);
        gone.clear();
        count_read(data, wakes);
    }
    /// Moves what peek() showed into `m`, and takes it out; of received messages the first, of encoded
    /// ones what there is by now.
    void take_front(message& m, wake_list& wakes)
    {
        if (reads_specially()) [[unlikely]]
            return take_specially(m, wakes);
        message& front = in_.reader.queue.front();
        if (detail::received_run::is_run(front))
            return take_from_run(front, m, wakes);
        m = std::move(front);
        const bool data = is_data(m);
        count_read(data, wakes);
        if (data)
            stamp(m);
    }
    /// peek() and take_front() in one. False when there is nothing.
    [[nodiscard]] bool read(message& m, wake_list& wakes)
    {
        if (peek(wakes) == nullptr)
            return false;
        take_front(m, wakes);
        return true;
    }
    /// Whether read() would yield a message; false puts the reader to sleep, as above. Whoever
    /// reads one message and then asks must ask peek(): a writer may wait for it.
    [[nodiscard]] bool can_read() noexcept;
    /// What is there to be read now: a snapshot, data and subscription records, in places of the
    /// queue; a run of encoded messages takes one, also when all of it was taken. Received messages
    /// count one by one; with records among them it is the larger of the two counts.
    [[nodiscard]] std::size_t unread() const noexcept;
    /// How often read() answers true before it has found all that is there now, or a few times more:
    /// for loops that come to an end though the other end goes on writing.
    [[nodiscard]] std::size_t most_reads() const noexcept;

    // --- watching ------------------------------------------------------------------------
    /// From now on the reader looks by itself, often: finding nothing does not put it to sleep,
    /// and publishing costs the other end no atomic read-modify-write. It gets on_readable only
    /// once per `batch` messages; at least one, at most half of the high-water mark counts.
    /// Where it `takes_encoded`, the writer may encode small messages itself; who reads then, and
    /// for some time after the watch, meets runs (detail::encoded_run) among other messages.
    /// False, and nothing changes, where the pipe conflates or this end is closed.
    ///
    /// Only for a pipe whose writing end's owner writes under a lock: see finish_writing().
    bool begin_watch(std::size_t batch, bool takes_encoded = false) noexcept;
    /// The reader is an ordinary one again, and awake: it reads until it finds nothing.
    void end_watch() noexcept;
    [[nodiscard]] bool is_watched() const noexcept
    {
        return (in_.modes.load(std::memory_order_relaxed) & pipe_channel::watched) != 0;
    }

    // --- memory --------------------------------------------------------------------------
    /// Frees what an empty direction keeps for messages to come; nothing if messages are queued.
    /// Both ends are the caller's for the length of the call, as in finish_writing(), and no place
    /// from prepare() or peek() is in use.
    void release_read_memory() noexcept { release_memory(in_); }
    void release_write_memory() noexcept { release_memory(out_); }

    // --- the end -------------------------------------------------------------------------
    /// This end neither reads nor writes any more. What it had published stays readable for the
    /// other end; unpublished and unread messages are destroyed with the pipe. Idempotent.
    void close(wake_list& wakes);
    [[nodiscard]] bool is_closed() const noexcept
    {
        return (out_.modes.load(std::memory_order_relaxed) & pipe_channel::writer_closed) != 0;
    }
    [[nodiscard]] bool peer_is_closed() const noexcept
    {
        return (out_.modes.load(std::memory_order_acquire) & pipe_channel::reader_closed) != 0;
    }

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
        using place = std::uint32_t;
        static constexpr place none = static_cast<place>(-1);
        place fair_queue = none;
        place load_balancer = none;
        place distributor = none;
        place other = none;
        bool probed = false;  // at once, before it was connected
    } slots;

private:
    friend struct pipe_core;
    pipe_end(pipe_core& core, pipe_channel& out, pipe_channel& in) noexcept;
    ~pipe_end() = default;

    [[nodiscard]] static bool is_data(const message& m) noexcept
    {
        return detail::message_access::role(m) == detail::message_role::data;
    }
    // Where messages do not simply go into the queue.
    static constexpr std::uint32_t unusual =
        pipe_channel::writer_closed | pipe_channel::reader_closed | pipe_channel::conflates;

    [[nodiscard]] bool writes_specially() const noexcept
    {
        constexpr std::uint32_t special = pipe_channel::writer_closed | pipe_channel::conflates |
            pipe_channel::encodes | pipe_channel::counted;
        return (out_.modes.load(std::memory_order_relaxed) & special) != 0;
    }
    [[nodiscard]] bool reads_specially() const noexcept
    {
        constexpr std::uint32_t special =
            pipe_channel::reader_closed | pipe_channel::conflates | pipe_channel::holds_runs;
        return (in_.modes.load(std::memory_order_relaxed) & special) != 0;
    }
    template <class Fill>
    [[nodiscard]] bool try_fill(wake_list& wakes, Fill fill)
    {
        pipe_channel& out = out_;
        const std::uint32_t modes = out.modes.load(std::memory_order_relaxed);
        if ((modes & unusual) != 0 || !out.writer.room.has_room(out.account, out.reader.room))
            [[unlikely]]
            return false;
        message& slot = out.writer.queue.slot(out.between);
        fill(slot);
        if ((modes & (pipe_channel::encodes | pipe_channel::counted)) != 0) [[unlikely]]
            note_special_fill(slot);
        out.writer.queue.push();
        out.writer.room.wrote();
        publish(out, modes, wakes);
        return true;
    }
    // Of what lies in the writer's slot.
    void count_written()
    {
        message& written = out_.writer.queue.slot(out_.between);
        if (is_data(written)) [[likely]]
            out_.writer.room.wrote();
        else
            detail::message_access::set_generation(written, generation_);
        out_.writer.queue.push();
    }
    void publish(pipe_channel& out, std::uint32_t modes, wake_list& wakes)
    {
        bool tell = false;
        modes &= ~std::uint32_t{
            pipe_channel::holds_runs | pipe_channel::holds_received | pipe_channel::counted};
        if (modes == pipe_channel::watched)
            tell = out.writer.queue.publish_watched(
                out.between, out.watch_batch.load(std::memory_order_relaxed));
        else if (modes == 0) [[likely]]
            tell = out.writer.queue.publish(out.between);
        else
            tell = publish_specially(modes);
        if (tell) [[unlikely]]
            tell_other(wakes, wake_list::reason::readable);
    }
    void count_read(bool data, wake_list& wakes)
    {
        in_.reader.queue.pop();
        if (data && in_.reader.room.did_read(in_.account)) [[unlikely]]
            tell_other(wakes, wake_list::reason::writable);
    }
    // Counting a reference costs more than looking.
    void stamp(message& m) const noexcept
    {
        if (m.peer().get() != peer_.get())
            detail::message_access::set_peer(m, peer_);
    }

    // What is written next comes beside the runs.
    void end_run() noexcept
    {
        if (!run_)
            return;
        run_->slot = nullptr;
        ++run_->untold;
    }
    // Whether the reader is to look now.
    [[nodiscard]] bool has_batch() noexcept
    {
        if (run_->untold < out_.watch_batch.load(std::memory_order_relaxed))
            return false;
        run_->untold = 0;
        return note_unread();
    }

    [[nodiscard]] pipe_end& other() const noexcept;
    void tell_other(wake_list& wakes, wake_list::reason why);
    bool note_unread() noexcept;  // true
    void note_special_fill(const message& slot) noexcept;
    void count_octets(const message& written) noexcept;
    [[nodiscard]] bool send_encoded(message& m, wake_list& wakes);
    [[nodiscard]] bool send_encoded(std::span<const std::byte> body, wake_list& wakes);
    [[nodiscard]] bool prepare_run() noexcept;
    void add_to_run(const detail::encoded_message& m, wake_list& wakes);
    [[nodiscard]] message* peek_behind_runs() noexcept;
    void take_from_run(message& run, message& m, wake_list& wakes);
    void drop_from_run(wake_list& wakes);
    void write_specially(message&& m);
    [[nodiscard]] message& prepare_specially();
    [[nodiscard]] bool publish_specially(std::uint32_t modes) noexcept;
    [[nodiscard]] message* peek_once_more(wake_list& wakes);
    [[nodiscard]] message* peek_specially(wake_list& wakes);
    void drop_specially(wake_list& wakes);
    void take_specially(message& m, wake_list& wakes);
    static void release_memory(pipe_channel& channel) noexcept;

    pipe_channel& out_;
    pipe_channel& in_;
    pipe_core& core_;
    peer_handle peer_;
    std::uint64_t dropped_ = 0;
    std::uint32_t most_unread_ = 0;  // the writer's
    std::uint8_t generation_ = 0;

    // Off the way of a message.
    alignas(pipe_channel::line) mutable std::mutex owner_guard_;  // set_owner() against a wake-up
    std::weak_ptr<pipe_owner> owner_;
    std::unique_ptr<open_run> run_;  // the writer's
};

struct pipe_pair
{
    std::shared_ptr<pipe_end> a;  ///< both share one allocation: either keeps the whole pipe alive
    std::shared_ptr<pipe_end> b;
};
[[nodiscard]] pipe_pair make_pipe(const pipe_options& options);

}  // namespace ferry::patterns
