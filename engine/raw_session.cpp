#include "engine/raw_session.hpp"

#include <utility>

#include <asio/bind_allocator.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

namespace ferry::detail
{

namespace
{

// How much of one connection is served before the others of its loop get their turn.
constexpr int read_rounds_per_turn = 16;
constexpr int write_rounds_per_turn = 16;

}  // namespace

raw_session::raw_session(std::unique_ptr<transports::byte_stream> stream, bool notifies,
    session_loop& loop, std::shared_ptr<session_host> host)
    : stream_(std::move(stream)), executor_(stream_->get_executor()), loop_(loop),
      host_(std::move(host)), share_(*this), notifies_(notifies)
{
}

void raw_session::start()
{
    post([](raw_session& s) { s.become_ready(); });
}

void raw_session::become_ready()
{
    protocol::handshake_result nothing_said;
    nothing_said.version = {0, 0};
    auto granted = host_->session_ready(nothing_said, stream_->description());
    if (!granted)
    {
        refused_ = true;
        end(errc::peer_refused);
        return;
    }
    pipe_ = std::move(granted->end);
    traffic_ = std::move(granted->traffic);
    pipe_->set_owner(weak_from_this());
    if (notifies_)
        pipe_->send(message(""), wakes_);
    wakes_.run();
    if (pipe_->peer_is_closed())
        share_.run_soon(due_finish);
    flush();
    if (!ended_)
        read_rounds();
}

void raw_session::finish()
{
    post([](raw_session& s) { s.begin_finish(); });
}

void raw_session::abort(std::error_code why)
{
    post([why](raw_session& s) { s.end(why); });
}

void raw_session::abandon() noexcept
{
    ended_ = true;
    share_.abandon();
    stream_->close();
    pipe_.reset();
    host_.reset();
}

// --- the turn ------------------------------------------------------------------------------------

template <class Step>
void raw_session::guarded(Step step) noexcept
{
    if (ended_)
        return;
    if (const std::error_code failed = attempt_step(step))
        end(failed);
}

template <class Step>
void raw_session::post(Step step)
{
    asio::post(
        executor_, [self = shared_from_this(), step] { self->guarded([&] { step(*self); }); });
}

void raw_session::do_due(unsigned what) noexcept
{
    guarded([&] {
        if ((what & due_resume) != 0 && paused_ && pipe_->can_write())
        {
            paused_ = false;
            read_rounds();
        }
        if ((what & due_finish) != 0 && !ended_)
        {
            host_->pipe_closed();
            begin_finish();
        }
        if ((what & due_write) != 0 && !ended_)
            flush();
    });
    if ((what & due_resume) != 0)
        loop_.serve_others();
}

void raw_session::go_on(bool reads, bool writes) noexcept
{
    guarded([&] {
        if (reads)
            read_rounds();
        if (writes && !ended_)
            flush();
    });
}

void raw_session::on_readable(patterns::pipe_end&) noexcept
{
    share_.run_soon(due_write);
}

void raw_session::on_writable(patterns::pipe_end&) noexcept
{
    share_.run_soon(due_resume);
}

void raw_session::on_peer_closed(patterns::pipe_end&) noexcept
{
    share_.run_soon(due_finish);
}

// --- reading -------------------------------------------------------------------------------------

void raw_session::wait_for_input()
{
    if (waiting_for_input_ || paused_ || ended_)
        return;
    waiting_for_input_ = true;
    auto handler = [self = shared_from_this()](std::error_code error) {
        self->waiting_for_input_ = false;
        self->guarded([&] {
            if (error)
                self->end(error);
            else
                self->read_rounds();
        });
    };
    stream_->async_wait_readable(asio::bind_allocator(
        handler_allocator<std::byte>(memory_for_waiting_), std::move(handler)));
}

void raw_session::read_rounds()
{
    if (paused_)
        return;
    bool more = true;
    for (int round = 0; more && round < read_rounds_per_turn; ++round)
    {
        if (!read_once(more))
            return;
    }
    publish_received();
    if (more)
        share_.read_later();
    else
        wait_for_input();
}

// False when the session paused or ended. `more`: the stream may have more at once.
bool raw_session::read_once(bool& more)
{
    if (!finishing_ && !pipe_->can_write())
    {
        pause();
        return false;
    }
    read_buffers::buffer buffer = loop_.buffers().take();
    const std::span<std::byte> target{buffer.get(), chunk_octets};
    std::error_code error;
    const std::size_t size = stream_->read_some(target, error);
    if (!error && !finishing_)
    {
        pipe_->write(message(target.first(size)));
        traffic_->add_received(1, size);
    }
    loop_.buffers().give_back(std::move(buffer));
    more = !error && size == target.size();
    if (!error || is_would_block(error))
        return true;
    end(error == asio::error::eof ? make_error_code(errc::connection_closed) : error);
    return false;
}

// Whoever cannot be written to any more is not waited for: so no sender waits for it for ever.
void raw_session::pause()
{
    paused_ = true;
    publish_received();
    if (write_failed_)
        end(write_error_);
}

void raw_session::publish_received()
{
    pipe_->publish(wakes_);
    traffic_->note_to_receive(pipe_->unread_by_peer());
    wakes_.run();
}

// --- writing -------------------------------------------------------------------------------------

void raw_session::flush()
{
    if (writing_ || write_failed_ || !pipe_)
        return;
    for (int round = 0; round < write_rounds_per_turn; ++round)
    {
        if (!fill())
        {
            if (finishing_)
                end({});
            return;
        }
        std::error_code error;
        const std::size_t size = stream_->write_some(output_.buffers(), error);
        if (is_would_block(error))
            return write_in_background();
        if (error)
            return fail_writing(error);
        output_.written(size);
    }
    share_.write_later();
}

// Takes more from the pipe when everything taken is written. False when there is nothing to write.
bool raw_session::fill()
{
    if (!output_.empty())
        return true;
    const std::size_t waiting = pipe_->unread();
    const raw_output::batch taken = output_.take_from(*pipe_, wakes_);
    traffic_->add_sent(taken.messages, taken.octets);
    traffic_->note_to_send(waiting);
    wakes_.run();
    return taken.messages != 0;
}

void raw_session::write_in_background()
{
    writing_ = true;
    count_blocked(true);
    stream_->async_write_some(
        output_.buffers(), [self = shared_from_this()](std::error_code error, std::size_t size) {
            self->writing_ = false;
            self->count_blocked(false);
            self->guarded([&] {
                if (error)
                    return self->fail_writing(error);
                self->output_.written(size);
                self->flush();
            });
        });
}

void raw_session::count_blocked(bool blocked) noexcept
{
    if (std::exchange(counted_as_blocked_, blocked) != blocked)
        loop_.count_blocked(blocked ? 1 : -1);
}

// The peer is gone, but what it sent before may still wait in the stream: reading goes on until it
// reports the end.
void raw_session::fail_writing(std::error_code error)
{
    write_failed_ = true;
    write_error_ = error;
    if (finishing_ || paused_)
        end(error);
}

// --- the end -------------------------------------------------------------------------------------

// What has come in is taken out of the stream first: closing it with something unread would reset
// the connection, and what is under way to the peer would be lost.
void raw_session::begin_finish()
{
    if (std::exchange(finishing_, true))
        return;
    paused_ = false;
    if (pipe_)
        read_rounds();
    if (ended_)
        return;
    if (!pipe_ || write_failed_)
        end(pipe_ ? write_error_ : errc::closed);
    else
        flush();
}

void raw_session::end(std::error_code error)
{
    if (std::exchange(ended_, true))
        return;
    stream_->close();
    count_blocked(false);
    session_end how;
    how.error = error;
    how.was_ready = pipe_ != nullptr;
    how.was_refused = refused_;
    how.unwritten = output_.size();
    if (pipe_ && !finishing_)
    {
        if (notifies_)
            pipe_->write(message(""));
        publish_received();
    }
    asio::post(executor_, [host = std::move(host_), how = std::move(how)]() mutable {
        host->session_ended(std::move(how));
    });
    pipe_.reset();
}

}  // namespace ferry::detail
