// One peer: bounded queues both ways, high-water marks, and "the reader was asleep". What is rare.
#include "patterns/pipe.hpp"

#include <algorithm>

#include "patterns/newest_only.hpp"

namespace ferry::patterns
{

using detail::message_access;

pipe_channel::pipe_channel(std::size_t hwm, bool conflate)
    : reader(hwm), modes(conflate ? conflates : 0u), account(hwm),
      newest(conflate ? std::make_unique<newest_only>() : nullptr)
{
}

pipe_channel::~pipe_channel()
{
    reader.queue.free_chunks(between);
}

struct pipe_core : std::enable_shared_from_this<pipe_core>
{
    explicit pipe_core(const pipe_options& options)
        : a_to_b(options.a_to_b_hwm, options.conflate),
          b_to_a(options.b_to_a_hwm, options.conflate), a(*this, b, a_to_b, b_to_a),
          b(*this, a, b_to_a, a_to_b)
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

pipe_end::pipe_end(pipe_core& core, pipe_end& other, pipe_channel& out, pipe_channel& in) noexcept
    : out_(out), in_(in), other_(other), core_(core)
{
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
    wakes.add(other_.shared(), why);
}

// --- writing ---------------------------------------------------------------------------------

void pipe_end::write_specially(message&& m)
{
    if (is_closed())
    {
        const message gone(std::move(m));
        return;
    }
    if (!is_data(m))
        message_access::set_generation(m, generation_);
    out_.newest->write(std::move(m));
}

// On a closed end, the slot is as good a place as any.
message& pipe_end::prepare_specially()
{
    return conflates() ? out_.newest->draft() : out_.writer.queue.slot(out_.between);
}

bool pipe_end::publish_specially(std::uint32_t modes) noexcept
{
    if ((modes & pipe_channel::writer_closed) != 0)
        return false;
    if (conflates())
        return out_.newest->publish();
    if ((modes & pipe_channel::watched) != 0)
        return out_.writer.queue.publish_watched(out_.between, 1);
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

message* pipe_end::peek_specially() noexcept
{
    return is_closed() ? nullptr : in_.newest->peek();
}

void pipe_end::drop_specially() noexcept
{
    message gone;
    take_specially(gone);
}

void pipe_end::take_specially(message& m) noexcept
{
    message* front = peek_specially();
    if (front == nullptr)
        return;
    m = std::move(*front);
    in_.newest->pop();
    if (is_data(m))
        stamp(m);
}

bool pipe_end::can_read() noexcept
{
    if (reads_specially())
        return !is_closed() && !in_.newest->sleep();
    if (!in_.reader.queue.is_drained(in_.between))
        return true;
    return !is_watched() && !in_.reader.queue.sleep(in_.between);
}

std::size_t pipe_end::unread() const noexcept
{
    if (is_closed())
        return 0;
    return conflates() ? in_.newest->size() : in_.reader.queue.size(in_.between);
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
bool pipe_end::begin_watch(std::size_t batch) noexcept
{
    if (reads_specially())
        return false;
    constexpr std::size_t most = std::uint32_t(-1);
    in_.watch_batch.store(static_cast<std::uint32_t>(std::clamp<std::size_t>(batch, 1, most)),
        std::memory_order_relaxed);
    cap_watch_batch(in_);
    in_.reader.queue.wake(in_.between);
    in_.modes.fetch_or(pipe_channel::watched, std::memory_order_release);
    return true;
}

// A writer that still believed in the watch would overwrite the sleep of a reader that found nothing
// before; so it is waited for.
void pipe_end::end_watch() noexcept
{
    if (!is_watched())
        return;
    in_.modes.fetch_and(~std::uint32_t{pipe_channel::watched}, std::memory_order_acq_rel);
    if (const std::shared_ptr<pipe_owner> writer = other_.owner())
        writer->finish_writing(other_);
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
