// A session's way out: what the pipe holds is encoded and written, at once or gathered in a flood.
#include <algorithm>
#include <utility>

#include <ferry/detail/encoded_run.hpp>
#include <ferry/detail/message_access.hpp>

#include "engine/session.hpp"

namespace ferry::detail
{

namespace
{

using std::chrono::steady_clock;

// How much of one session is written before the others of its loop get their turn.
constexpr int write_rounds_per_turn = 16;
constexpr std::size_t octets_written_per_turn = std::size_t{512} * 1024;
// How much is encoded for one gathered write.
constexpr std::size_t output_budget = std::size_t{256} * 1024;
constexpr std::size_t most_buffers_per_write = 64;

}  // namespace

// On the sender's thread, or for it. In a flood the sender shall not do this for each message.
void session::write_for_sender()
{
    if (watched_by_floods_)
    {
        gather();
        return;
    }
    flood_watch* floods = loop_.floods();
    if (floods == nullptr || !pipe_)
    {
        flush();
        return;
    }
    const auto began = steady_clock::now();
    flush();
    if (ended_ || !floods->is_flood(began, steady_clock::now()))
        return;
    if (!pipe_->begin_watch(batch_, connection_.takes_encoded()))
        return;
    watched_by_floods_ = true;
    floods->add(std::shared_ptr<watched_session>(shared_from_this(), this));
    flush();
}

// Takes a batch out of the pipe while its messages are in the processor's nearest cache, and writes
// when enough octets have come together to be worth a system call.
void session::gather()
{
    if (writing_ || write_failed_)
        return;
    const std::size_t before = connection_.output_size();
    (void)fill();
    const std::size_t octets = connection_.output_size() - before;
    const std::size_t worth =
        answers_ == 0 ? flood_watch::worth_a_write : flood_watch::worth_a_write_in_a_talk;
    if (connection_.output_size() >= worth)
    {
        flush();
        if (answers_ != 0)
            --answers_;
    }
    if (taken_ == 0 || ended_)
        return;
    const bool encoded = connection_.takes_encoded();
    const std::size_t most_octets =
        encoded ? flood_watch::worth_a_write : flood_watch::batch_octets;
    const std::size_t most = encoded ? flood_watch::encoded_batch : flood_watch::batch;
    const std::size_t batch = std::clamp<std::size_t>(most_octets / (octets / taken_ + 1), 1, most);
    if (batch > 2 * batch_ || 2 * batch < batch_)
    {
        batch_ = batch;
        (void)pipe_->begin_watch(batch_, encoded);
    }
}

// A sender that goes on will fill a batch, if that does not take it too long; one that sent little
// since the last look may have stopped.
void session::look_after(look at) noexcept
{
    guarded([&] {
        if (writing_)
            return;
        if (write_failed_)
            return flush();
        const bool was_empty = connection_.output_size() == 0;
        (void)fill();
        const bool wrote = std::exchange(wrote_, false);
        if (wrote || was_empty)
        {
            gathers_since_ = at.now;
            gathered_ = 0;
            looks_ = 0;
        }
        ++looks_;
        gathered_ += taken_;
        const auto age = at.now - gathers_since_;
        const bool fills = taken_ != 0 && looks_ <= flood_watch::most_looks &&
            age < flood_watch::longest_filling && age <= gathered_ * flood_watch::slowest_filling;
        if (!at.only_if_idle || (!wrote && !fills))
            flush();
    });
}

void session::watch_ended() noexcept
{
    watched_by_floods_ = false;
    if (pipe_)
        pipe_->end_watch();
    guarded([this] { flush(); });
}

void session::flush()
{
    if (writing_ || ended_)
        return;
    if (write_failed_)
    {
        if (finishing_)
            end(write_error_);
        return;
    }
    bool more = true;
    std::size_t octets = 0;
    for (int round = 0; more && round < write_rounds_per_turn; ++round)
    {
        if (octets >= octets_written_per_turn)
            break;
        more = fill();
        const auto output = connection_.next_output(most_buffers_per_write);
        if (output.empty())
            break;
        std::error_code error;
        const std::size_t size = stream_->write_some(output, error);
        if (is_would_block(error))
        {
            write_in_background();
            return;
        }
        if (error)
        {
            fail_writing(error);
            return;
        }
        connection_.written(size);
        wrote_ = true;
        octets += size;
        more = more || connection_.output_size() > 0;
        if (connection_.output_size() == 0)
            unwritten_ = 0;
    }
    if (shrinks_ && connection_.output_size() == 0)
    {
        shrinks_ = false;
        connection_.shrink();  // what only the handshake needed
    }
    if (more)
        share_.write_later();
    else if (finishing_ && is_drained())
        end({});
}

// Encodes what the pipe holds, up to the budget. True when there may be more.
bool session::fill()
{
    if (!pipe_ || !connection_.is_ready())
        return false;
    bool more = true;
    std::size_t count = 0;
    std::size_t records = 0;
    std::size_t octets = connection_.output_size();  // before, and those of records
    const std::size_t waiting = pipe_->unread();
    while (connection_.output_size() < output_budget)
    {
        message* next = pipe_->peek(wakes_);
        more = next != nullptr;
        if (!more)
            break;
        if (message_access::role(*next) == message_role::encoded)
        {
            message run;
            pipe_->take_front(run, wakes_);
            count += encoded_run::messages(run);
            unwritten_ += encoded_run::messages(run);
            connection_.send(std::move(run));
            continue;
        }
        if (message_access::role(*next) == message_role::data) [[likely]]
        {
            connection_.send(std::move(*next));
            ++count;
            ++unwritten_;
        }
        else
        {
            octets += send_record(*next);
            ++records;
        }
        pipe_->drop_front(wakes_);
    }
    taken_ = count;
    if (count != 0)
    {
        traffic_->add_sent(count, connection_.output_size() - octets);
        traffic_->note_to_send(waiting - std::min(records, waiting));
    }
    if (watched_by_floods_)
        loop_.floods()->count_messages(count);
    wakes_.run();
    return more;
}

// A record that was written for a connection that is gone is skipped. How many octets it took.
std::size_t session::send_record(message& record)
{
    const std::size_t before = connection_.output_size();
    if (message_access::generation(record) == generation_)
        connection_.send(std::move(record));
    return connection_.output_size() - before;
}

void session::count_blocked(bool blocked) noexcept
{
    if (std::exchange(counted_as_blocked_, blocked) != blocked)
        loop_.count_blocked(blocked ? 1 : -1);
}

void session::write_in_background()
{
    writing_ = true;
    count_blocked(true);
    stream_->async_write_some(connection_.next_output(most_buffers_per_write),
        [self = shared_from_this()](std::error_code error, std::size_t size) {
            self->writing_ = false;
            self->count_blocked(false);
            self->guarded([&] {
                if (error)
                {
                    self->fail_writing(error);
                    return;
                }
                self->connection_.written(size);
                if (self->connection_.output_size() == 0)
                    self->unwritten_ = 0;
                self->flush();
            });
        });
}

// The peer is gone, but what it sent before may still wait in the stream: reading goes on until it
// reports the end.
void session::fail_writing(std::error_code error)
{
    write_failed_ = true;
    write_error_ = error;
    if (finishing_)
        end(error);
}

bool session::is_drained()
{
    return connection_.output_size() == 0 && (!pipe_ || !pipe_->can_read());
}

}  // namespace ferry::detail
