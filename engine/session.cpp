#include "engine/session.hpp"

#include <utility>

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <ferry/detail/message_access.hpp>
#include <ferry/error.hpp>

namespace ferry::detail
{

namespace
{

using std::chrono::steady_clock;

// How much of one session is served before the others of its loop get their turn.
constexpr int read_rounds_per_turn = 16;
constexpr int write_rounds_per_turn = 16;
// How much is encoded for one gathered write.
constexpr std::size_t output_budget = std::size_t{256} * 1024;
constexpr std::size_t most_buffers_per_write = 64;

bool is_would_block(std::error_code error) noexcept
{
    return error == std::errc::operation_would_block ||
        error == std::errc::resource_unavailable_try_again;
}

}  // namespace

session::session(std::unique_ptr<transports::byte_stream> stream,
    protocol::connection_options options, read_buffers& buffers, std::shared_ptr<session_host> host)
    : stream_(std::move(stream)), executor_(stream_->get_executor()),
      connection_(std::move(options), steady_clock::now()), buffers_(buffers),
      host_(std::move(host)), timer_(executor_)
{
}

// Everything runs on the loop through here: memory that cannot be had costs this connection only.
template <class Step>
void session::guarded(Step step) noexcept
{
    if (ended_)
        return;
    try
    {
        step();
    }
    catch (const std::bad_alloc&)
    {
        end(errc::out_of_memory);
    }
    catch (const std::system_error& failure)
    {
        end(failure.code());
    }
    catch (const std::exception&)
    {
        end(errc::closed);
    }
}

template <class Step>
void session::run_later(Step step)
{
    asio::post(
        executor_, [self = shared_from_this(), step] { self->guarded([&] { step(*self); }); });
}

void session::start()
{
    run_later([](session& s) {
        s.flush();
        s.wait_for_input();
        s.watch_deadline();
    });
}

void session::finish()
{
    run_later([](session& s) {
        s.finishing_ = true;
        if (!s.is_ready())
            s.end(errc::closed);
        else
            s.flush();
    });
}

void session::abort(std::error_code why)
{
    asio::post(executor_, [self = shared_from_this(), why] {
        if (!self->ended_)
            self->end(why);
    });
}

// --- what the socket did to the pipe: called from its threads ------------------------------------

void session::on_readable(patterns::pipe_end&) noexcept
{
    run_later([](session& s) { s.flush(); });
}

void session::on_writable(patterns::pipe_end&) noexcept
{
    run_later([](session& s) { s.resume_reading(); });
}

void session::on_peer_closed(patterns::pipe_end&) noexcept
{
    run_later([](session& s) {
        s.finishing_ = true;
        s.flush();
    });
}

// --- reading -------------------------------------------------------------------------------------

void session::wait_for_input()
{
    if (waiting_for_input_ || paused_ || ended_)
        return;
    waiting_for_input_ = true;
    stream_->async_wait_readable([self = shared_from_this()](std::error_code error) {
        self->waiting_for_input_ = false;
        self->guarded([&] {
            if (error)
                self->end(error);
            else
                self->read_rounds();
        });
    });
}

void session::read_rounds()
{
    bool more = true;
    for (int round = 0; more && round < read_rounds_per_turn; ++round)
    {
        if (!read_once(more))
            return;
    }
    release_buffer();
    flush();
    if (ended_)
        return;
    watch_deadline();
    if (more)
        run_later([](session& s) { s.read_rounds(); });
    else
        wait_for_input();
}

// False when the session paused or ended. `more`: the stream may have more at once.
bool session::read_once(bool& more)
{
    std::span<std::byte> target = connection_.direct_buffer();
    const bool direct = !target.empty();
    if (!direct)
    {
        if (!buffer_)
            buffer_ = buffers_.take();
        target = {buffer_.get(), read_buffers::size_octets};
    }
    std::error_code error;
    const std::size_t size = stream_->read_some(target, error);
    if (is_would_block(error))
    {
        more = false;
        return true;
    }
    if (error)
    {
        end(error == asio::error::eof ? make_error_code(errc::connection_closed) : error);
        return false;
    }
    more = size == target.size();
    if (direct)
        connection_.received_directly(size, steady_clock::now());
    else
        connection_.receive(target.first(size), steady_clock::now());
    return take_events();
}

// Takes everything out of the connection. False when the session paused or ended.
bool session::take_events()
{
    bool took_messages = false;
    bool goes_on = true;
    for (bool done = false; !done && goes_on;)
    {
        switch (connection_.next_event(event_))
        {
        case protocol::event_kind::none: done = true; break;
        case protocol::event_kind::ready:
            become_ready();
            goes_on = !ended_;
            break;
        case protocol::event_kind::message:
            took_messages = true;
            goes_on = take_message();
            break;
        case protocol::event_kind::pong: break;
        case protocol::event_kind::closed:
            flush();  // an ERROR command may still go out
            end(event_.error, event_.reason);
            return false;
        }
    }
    if (took_messages && pipe_)
    {
        pipe_->publish(wakes_);
        wakes_.run();
    }
    return goes_on;
}

// False when there is no room: the message stays in event_, and reading pauses.
bool session::take_message()
{
    if (finishing_ || !pipe_)
        return true;  // nobody listens any more
    const bool counts = message_access::role(event_.body) == message_role::data;
    if (counts && !pipe_->can_write())
    {
        paused_ = true;
        connection_.set_reading_paused(true, steady_clock::now());
        watch_deadline();
        return false;
    }
    pipe_->write(std::move(event_.body));
    if (message older; pipe_->conflates() && pipe_->take_replaced(older))
        host_->message_replaced();
    return true;
}

void session::resume_reading()
{
    if (!paused_)
        return;
    if (!pipe_->can_write())
        return;
    paused_ = false;
    connection_.set_reading_paused(false, steady_clock::now());
    pipe_->send(std::move(event_.body), wakes_);
    wakes_.run();
    if (take_events())
        read_rounds();
}

void session::release_buffer() noexcept
{
    if (buffer_)
        buffers_.give_back(std::move(buffer_));
}

void session::become_ready()
{
    auto granted = host_->session_ready(event_.handshake, stream_->description());
    if (!granted)
    {
        end(errc::closed);
        return;
    }
    pipe_ = std::move(granted->end);
    generation_ = granted->generation;
    pipe_->set_owner(weak_from_this());
    if (pipe_->peer_is_closed())
        finishing_ = true;
    run_later([](session& s) { s.flush(); });
}

// --- writing -------------------------------------------------------------------------------------

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
    for (int round = 0; more && round < write_rounds_per_turn; ++round)
    {
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
        more = more || connection_.output_size() > 0;
        if (connection_.output_size() == 0)
            unwritten_ = 0;
    }
    if (more)
        run_later([](session& s) { s.flush(); });
    else if (finishing_ && is_drained())
        end({});
}

// Encodes what the pipe holds, up to the budget. True when there may be more.
bool session::fill()
{
    if (!pipe_ || !connection_.is_ready())
        return false;
    message m;
    bool more = true;
    while (connection_.output_size() < output_budget)
    {
        more = pipe_->read(m, wakes_);
        if (!more)
            break;
        const bool is_record = message_access::role(m) != message_role::data;
        if (is_record && message_access::generation(m) != generation_)
            continue;  // written for a connection that is gone
        connection_.send(std::move(m));
        unwritten_ += is_record ? 0 : 1;
    }
    wakes_.run();
    return more;
}

void session::write_in_background()
{
    writing_ = true;
    stream_->async_write_some(connection_.next_output(most_buffers_per_write),
        [self = shared_from_this()](std::error_code error, std::size_t size) {
            self->writing_ = false;
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

// --- time and the end ----------------------------------------------------------------------------

void session::watch_deadline()
{
    const auto deadline = connection_.deadline();
    if (ended_ || !deadline || (watched_ && *watched_ <= *deadline))
        return;  // a timer that fires early does no harm, and re-arming it costs
    watched_ = deadline;
    timer_.expires_at(*deadline);
    timer_.async_wait([self = shared_from_this()](std::error_code error) {
        if (error)
            return;  // replaced by an earlier one, or the session ended
        self->watched_.reset();
        self->guarded([&] { self->on_deadline(); });
    });
}

void session::on_deadline()
{
    connection_.on_deadline(steady_clock::now());
    if (!paused_ && !take_events())
        return;
    flush();
    watch_deadline();
}

void session::end(std::error_code error, std::string reason)
{
    if (std::exchange(ended_, true))
        return;
    timer_.cancel();
    stream_->close();
    release_buffer();
    session_end how;
    how.error = error;
    how.reason = std::move(reason);
    how.was_ready = pipe_ != nullptr;
    how.unwritten = unwritten_;
    if (pipe_)
    {
        if (paused_)  // it arrived whole, so it is delivered
            pipe_->send(std::move(event_.body), wakes_);
        pipe_->publish(wakes_);
        wakes_.run();
    }
    asio::post(executor_, [host = std::move(host_), how = std::move(how)]() mutable {
        host->session_ended(std::move(how));
    });
    pipe_.reset();
}

}  // namespace ferry::detail
