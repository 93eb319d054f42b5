// One peer: bounded queues both ways, high-water marks, and "the reader was asleep". What is rare.
#include "patterns/pipe.hpp"

#include <algorithm>
#include <new>

#include <ferry/detail/octets_in_frames.hpp>

#include "patterns/newest_only.hpp"

namespace ferry::patterns
{

using detail::message_access;
using detail::message_role;

pipe_channel::pipe_channel(std::size_t hwm, bool conflate, bool counts)
    : reader(hwm), modes((conflate ? conflates : 0u) | (counts ? counted : 0u)), account(hwm),
      newest(conflate ? std::make_unique<newest_only>() : nullptr),
      count(counts ? std::make_unique<pipe_count>() : nullptr)
{
}

pipe_channel::~pipe_channel()
{
    reader.queue.free_chunks(between);
}

struct pipe_core : std::enable_shared_from_this<pipe_core>
{
    explicit pipe_core(const pipe_options& options)
        : a_to_b(options.a_to_b_hwm, options.conflate, options.count),
          b_to_a(options.b_to_a_hwm, options.conflate, options.count), a(*this, a_to_b, b_to_a),
          b(*this, b_to_a, a_to_b)
    {
    }

    pipe_channel a_to_b;
    pipe_channel b_to_a;
    pipe_end a;
    pipe_end b;
};
static_assert(sizeof(pipe_core) <= 960, "an idle pipe takes less than 1 KiB");

pipe_pair make_pipe(const pipe_options& options)
{
    const auto core = std::make_shared<pipe_core>(options);
    return {core->a.shared(), core->b.shared()};
}

pipe_end::pipe_end(pipe_core& core, pipe_channel& out, pipe_channel& in) noexcept
    : out_(out), in_(in), core_(core)
{
}

namespace
{

[[gnu::noinline]] void note_most_unread(
    pipe_count& count, const pipe_channel& of, std::uint64_t messages) noexcept
{
    constexpr auto order = std::memory_order_relaxed;
    count.known_read = of.newest ? messages : of.reader.room.count().load(order);
    const auto unread = static_cast<std::size_t>(messages - count.known_read);
    if (unread > count.most_unread.load(order))
        count.most_unread.store(unread, order);
}

// One message. The reader's count is looked at only where this may be the most that ever was unread.
inline void add(pipe_count& count, const pipe_channel& of, std::size_t octets) noexcept
{
    constexpr auto order = std::memory_order_relaxed;
    const std::uint64_t messages = count.messages.load(order) + 1;
    count.messages.store(messages, order);
    count.octets.store(count.octets.load(order) + octets, order);
    if (messages - count.known_read > count.most_unread.load(order)) [[unlikely]]
        note_most_unread(count, of, messages);
}

}  // namespace

pipe_end& pipe_end::other() const noexcept
{
    return this == &core_.a ? core_.b : core_.a;
}

void pipe_end::set_owner(std::weak_ptr<pipe_owner> owner) noexcept
{
    const std::lock_guard guard(owner_guard_);
    owner_.swap(owner);
}

std::shared_ptr<pipe_owner> pipe_end::owner() const noexcept
{
    const std::lock_guard guard(owner_guard_);
    return owner_.lock();
}

std::shared_ptr<pipe_end> pipe_end::shared() noexcept
{
    return {core_.shared_from_this(), this};
}

void pipe_end::tell_other(wake_list& wakes, wake_list::reason why)
{
    wakes.add(other().shared(), why);
}

// --- writing ---------------------------------------------------------------------------------

[[gnu::noinline]] void pipe_end::count_octets(const message& written) noexcept
{
    if (out_.count != nullptr && is_data(written))
        add(*out_.count, out_, detail::octets_in_frames(written));
}

// What is written comes beside the run, and may have to be counted: on inproc's way of a message, so
// that the usual case comes first and makes no call.
void pipe_end::note_special_fill(const message& slot) noexcept
{
    if (run_ == nullptr && out_.count != nullptr && slot.size() == 1 && is_data(slot)) [[likely]]
        return add(*out_.count, out_, detail::octets_in_frame(slot.front().size()));
    end_run();
    count_octets(slot);
}

void pipe_end::write_specially(message&& m)
{
    if (is_closed())
    {
        const message gone(std::move(m));
        return;
    }
    if (out_.newest)
    {
        if (!is_data(m))
            message_access::set_generation(m, generation_);
        count_octets(m);
        return out_.newest->write(std::move(m));
    }
    message& slot = out_.writer.queue.slot(out_.between);
    slot = std::move(m);
    note_special_fill(slot);
    count_written();
}

void pipe_end::write_received(
    detail::shared_body& buffer, std::span<const std::byte> octets, std::uint32_t messages)
{
    if (is_closed())
        return;
    message& slot = out_.writer.queue.slot(out_.between);
    slot.clear();
    detail::received_run::put(slot, buffer, octets, messages);
    if ((out_.modes.load(std::memory_order_relaxed) & pipe_channel::holds_received) == 0)
        out_.modes.fetch_or(pipe_channel::holds_received, std::memory_order_relaxed);
    out_.writer.room.wrote(messages);
    out_.writer.queue.push();
}

bool pipe_end::note_unread() noexcept
{
    const std::size_t unread = unread_by_peer();
    if (unread > most_unread_)
        most_unread_ = static_cast<std::uint32_t>(std::min<std::size_t>(unread, UINT32_MAX));
    return true;
}

// On a closed end, the slot is as good a place as any.
message& pipe_end::prepare_specially()
{
    return conflates() ? out_.newest->draft() : out_.writer.queue.slot(out_.between);
}

bool pipe_end::send_encoded(message& m, wake_list& wakes)
{
    if (!out_.writer.room.has_room(out_.account, out_.reader.room) || !is_data(m) || !prepare_run())
        return false;
    const detail::encoded_message encoded = run_->encoder.add(m);
    if (!encoded)
        return false;
    add_to_run(encoded, wakes);
    m.clear();
    return true;
}

bool pipe_end::send_encoded(std::span<const std::byte> body, wake_list& wakes)
{
    if (!out_.writer.room.has_room(out_.account, out_.reader.room) || !prepare_run())
        return false;
    const detail::encoded_message encoded = run_->encoder.add(body);
    if (!encoded)
        return false;
    add_to_run(encoded, wakes);
    return true;
}

bool pipe_end::try_send_encoded(const detail::encoded_message& m, bool shares, wake_list& wakes)
{
    if (!takes_encoded() || !out_.writer.room.has_room(out_.account, out_.reader.room) ||
        !prepare_run())
        return false;
    const bool follows = run_->slot != nullptr && run_->end == m.begin;
    if (follows || shares)
    {
        add_to_run(m, wakes);
        return true;
    }
    const detail::encoded_message own = run_->encoder.add(m);
    if (!own)
        return false;
    add_to_run(own, wakes);
    return true;
}

// False where there is no memory: then messages go as they are.
bool pipe_end::prepare_run() noexcept
{
    if (!run_)
        run_.reset(new (std::nothrow) open_run);
    return run_ != nullptr;
}

void pipe_end::add_to_run(const detail::encoded_message& m, wake_list& wakes)
{
    open_run& run = *run_;
    if (run.slot != nullptr && run.end == m.begin) [[likely]]
    {
        run.end = m.end;
        ++run.messages;
        detail::encoded_run::extend(
            *run.slot, {static_cast<std::uint32_t>(run.end - run.begin), run.messages});
    }
    else
    {
        message& slot = out_.writer.queue.slot(out_.between);
        detail::encoded_run::begin(slot, m);
        run.slot = &slot;
        run.begin = m.begin;
        run.end = m.end;
        run.messages = 1;
        out_.writer.queue.push();
        (void)out_.writer.queue.publish_watched(out_.between, std::size_t(-1));
    }
    out_.writer.room.wrote();
    ++run.untold;
    if (has_batch())
        tell_other(wakes, wake_list::reason::readable);
}

bool pipe_end::publish_specially(std::uint32_t modes) noexcept
{
    if ((modes & pipe_channel::writer_closed) != 0)
        return false;
    if (conflates())
        return out_.newest->publish();
    if ((modes & pipe_channel::watched) != 0)
    {
        const bool counts = run_ && (modes & pipe_channel::encodes) != 0;
        const std::size_t batch = out_.watch_batch.load(std::memory_order_relaxed);
        const bool tells = out_.writer.queue.publish_watched(out_.between, batch);
        return counts ? has_batch() : tells;
    }
    return out_.writer.queue.publish(out_.between);
}

std::size_t pipe_end::unread_by_peer() const noexcept
{
    if (conflates())
        return out_.newest->is_fresh() ? 1 : 0;
    return out_.writer.room.unread(out_.reader.room);
}

bool pipe_end::take_replaced(message& m) noexcept
{
    if (!conflates() || out_.newest->replaced().empty())
        return false;
    m = std::move(out_.newest->replaced());
    return true;
}

// --- reading ---------------------------------------------------------------------------------

// The reader sleeps if there is still nothing.
message* pipe_end::peek_once_more(wake_list& wakes)
{
    if (in_.reader.room.did_drain(in_.account))
        tell_other(wakes, wake_list::reason::writable);
    if (is_watched())
        return nullptr;
    if (in_.reader.queue.sleep(in_.between))
    {
        in_.reader.queue.shed(in_.between);
        return nullptr;
    }
    return in_.reader.queue.peek(in_.between);
}

message* pipe_end::peek_specially(wake_list& wakes)
{
    if (is_closed())
        return nullptr;
    if (in_.newest)
        return in_.newest->peek();
    message* next = peek_behind_runs();
    if (next != nullptr)
        return next;
    next = peek_once_more(wakes);
    return next != nullptr ? peek_behind_runs() : nullptr;
}

// The front, but not a run of which everything was taken: that is dropped, unless it may still grow.
// Whether it is the last slot is looked at first: the writer does not touch it any more once there
// is another one.
message* pipe_end::peek_behind_runs() noexcept
{
    for (;;)
    {
        message* next = in_.reader.queue.peek(in_.between);
        if (next == nullptr || message_access::role(*next) != message_role::encoded)
            return next;
        const bool may_grow =
            (in_.modes.load(std::memory_order_relaxed) & pipe_channel::encodes) != 0 &&
            in_.reader.queue.size(in_.between) == 1;
        if (detail::encoded_run::has_more(*next))
            return next;
        if (may_grow)
            return nullptr;
        next->clear();
        in_.reader.queue.pop();
    }
}

void pipe_end::take_from_run(message& run, message& m, wake_list& wakes)
{
    detail::received_run::take_first(run, m);
    if (detail::received_run::messages(run) == 0)
    {
        run.clear();
        in_.reader.queue.pop();
    }
    if (in_.reader.room.did_read(in_.account)) [[unlikely]]
        tell_other(wakes, wake_list::reason::writable);
    stamp(m);
}

void pipe_end::drop_from_run(wake_list& wakes)
{
    message gone;
    take_from_run(in_.reader.queue.front(), gone, wakes);
}

void pipe_end::drop_specially(wake_list& wakes)
{
    message gone;
    take_specially(gone, wakes);
}

void pipe_end::take_specially(message& m, wake_list& wakes)
{
    message* front = peek_specially(wakes);
    if (front == nullptr)
        return;
    if (message_access::role(*front) == message_role::encoded)
    {
        m = detail::encoded_run::take(*front);
        if (in_.reader.room.did_read(in_.account, detail::encoded_run::messages(m)))
            tell_other(wakes, wake_list::reason::writable);
        return;
    }
    if (detail::received_run::is_run(*front))
        return take_from_run(*front, m, wakes);
    m = std::move(*front);
    const bool data = is_data(m);
    if (in_.newest)
        in_.newest->pop();
    else
        count_read(data, wakes);
    if (data)
        stamp(m);
}

bool pipe_end::can_read() noexcept
{
    if (is_closed())
        return false;
    if (in_.newest)
        return !in_.newest->sleep();
    if (peek_behind_runs() != nullptr)
        return true;
    return !is_watched() && !in_.reader.queue.sleep(in_.between) && peek_behind_runs() != nullptr;
}

std::size_t pipe_end::unread() const noexcept
{
    if (is_closed())
        return 0;
    if (conflates())
        return in_.newest->size();
    const std::size_t places = in_.reader.queue.size(in_.between);
    if ((in_.modes.load(std::memory_order_relaxed) & pipe_channel::holds_received) == 0)
        return places;  // without a look at what the writer writes all the time
    return std::max(places, in_.writer.room.unread(in_.reader.room));
}

std::size_t pipe_end::most_reads() const noexcept
{
    const std::size_t least = unread();
    if (least == 0 ||
        (in_.modes.load(std::memory_order_relaxed) & pipe_channel::holds_received) == 0)
        return least;
    return in_.reader.queue.size(in_.between) + in_.writer.room.unread(in_.reader.room);
}

// --- watching --------------------------------------------------------------------------------

namespace
{

// Half a queue is what the writer is to be read when it fills.
void cap_watch_batch(pipe_channel& channel) noexcept
{
    const std::size_t most = channel.account.low_water_mark();
    if (channel.watch_batch.load(std::memory_order_relaxed) > most)
        channel.watch_batch.store(static_cast<std::uint32_t>(most), std::memory_order_relaxed);
}

}  // namespace

// The reader is awake before the other end may believe that it always is.
bool pipe_end::begin_watch(std::size_t batch, bool takes_encoded) noexcept
{
    if (is_closed() || conflates())
        return false;
    constexpr std::size_t most = std::uint32_t(-1);
    in_.watch_batch.store(static_cast<std::uint32_t>(std::clamp<std::size_t>(batch, 1, most)),
        std::memory_order_relaxed);
    cap_watch_batch(in_);
    in_.reader.queue.wake(in_.between);
    std::uint32_t modes = pipe_channel::watched;
    if (takes_encoded)
        modes |= pipe_channel::encodes | pipe_channel::holds_runs;
    in_.modes.fetch_or(modes, std::memory_order_release);
    return true;
}

// A writer that still believed in the watch would overwrite the sleep of a reader that found nothing
// before; so it is waited for.
void pipe_end::end_watch() noexcept
{
    if (!is_watched())
        return;
    in_.modes.fetch_and(
        ~std::uint32_t{pipe_channel::watched | pipe_channel::encodes}, std::memory_order_acq_rel);
    pipe_end& writing = other();
    if (const std::shared_ptr<pipe_owner> writer = writing.owner())
        writer->finish_writing(writing);
    else
        writing.forget_run();
}

void pipe_end::release_memory(pipe_channel& channel) noexcept
{
    if (channel.writer.queue.pushed() != channel.reader.queue.popped())
        return;
    channel.reader.queue.free_chunks(channel.between);
    channel.writer.queue.forget_chunks();
}

// --- the end, and the marks ------------------------------------------------------------------

void pipe_end::close(wake_list& wakes)
{
    const auto before = out_.modes.fetch_or(pipe_channel::writer_closed);
    const auto incoming = in_.modes.fetch_or(pipe_channel::reader_closed);
    if (((before | incoming) & pipe_channel::writer_closed) == 0)
        tell_other(wakes, wake_list::reason::closed);
}

void pipe_end::set_send_hwm(std::size_t hwm) noexcept
{
    out_.account.set_hwm(hwm);
    cap_watch_batch(out_);
}

void pipe_end::set_receive_hwm(std::size_t hwm, wake_list& wakes)
{
    in_.account.set_hwm(hwm);
    cap_watch_batch(in_);
    tell_other(wakes, wake_list::reason::writable);
}

}  // namespace ferry::patterns
