#include "engine/session.hpp"

#include <algorithm>
#include <utility>

#include <asio/bind_allocator.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <ferry/detail/encoded_run.hpp>
#include <ferry/detail/message_access.hpp>
#include <ferry/detail/octets_in_frames.hpp>
#include <ferry/error.hpp>

namespace ferry::detail
{

namespace
{

using std::chrono::steady_clock;

// How much of one session is served before the others of its loop get their turn.
constexpr int read_rounds_per_turn = 16;
constexpr std::size_t octets_read_per_turn = std::size_t{128} * 1024;
// Behind a body that lacked so much, another one of that kind is expected: its start is read in small, so that
// the rest can be read to where it belongs.
constexpr std::size_t large_rest = std::size_t{64} * 1024;
constexpr std::size_t worth_a_wake_up = std::size_t{128} * 1024;
constexpr std::size_t start_of_large = std::size_t{4} * 1024;
// A buffer with so much in it may be kept by the messages that came with it.
constexpr std::size_t bulk = std::size_t{32} * 1024;

}  // namespace

session::session(std::unique_ptr<transports::byte_stream> stream,
    protocol::connection_options options, session_loop& loop, std::shared_ptr<session_host> host)
    : stream_(std::move(stream)), connection_(std::move(options), steady_clock::now()), loop_(loop),
      host_(std::move(host)), timer_(stream_->get_executor()), share_(*this)
{
}

template <class Step>
void session::post(Step step)
{
    asio::post(timer_.get_executor(),
        [self = shared_from_this(), step] { self->guarded([&] { step(*self); }); });
}

void session::do_due(unsigned what) noexcept
{
    guarded([&] {
        if ((what & due_finish) != 0)
            finishing_ = true;
        if ((what & due_resume) != 0)
            resume_reading();
        if ((what & due_write) != 0 && !ended_)
            write_for_sender();
        else if ((what & (due_rewrite | due_finish)) != 0 && !ended_)
            flush();
    });
    if ((what & due_resume) != 0)
        loop_.serve_others();
}

void session::go_on(bool reads, bool writes) noexcept
{
    guarded([&] {
        if (reads)
            read_rounds();
        if (writes && !ended_)
            flush();
    });
}

void session::start()
{
    post([](session& s) {
        s.flush();
        s.wait_for_input();
        s.watch_deadline();
    });
}

void session::finish()
{
    post([](session& s) {
        if (!s.is_ready())
            s.read_rounds();  // the rest of the handshake may have come just now
        if (s.ended_)
            return;
        s.finishing_ = true;
        if (!s.is_ready())
            s.end(errc::closed);
        else
            s.flush();
    });
}

void session::abort(std::error_code why)
{
    asio::post(timer_.get_executor(), [self = shared_from_this(), why] {
        if (!self->ended_)
            self->end(why);
    });
}

void session::abandon() noexcept
{
    ended_ = true;
    share_.abandon();
    stream_->close();
    pipe_.reset();
    host_.reset();
}

// --- what the socket did to the pipe: called from its threads ------------------------------------

void session::on_readable(patterns::pipe_end&) noexcept
{
    share_.run_soon(due_write);
}

void session::on_writable(patterns::pipe_end&) noexcept
{
    share_.run_soon(due_resume);
}

void session::on_peer_closed(patterns::pipe_end&) noexcept
{
    share_.run_soon(due_finish);
}

// --- reading -------------------------------------------------------------------------------------

void session::wait_for_input()
{
    if (waiting_for_input_ || paused_ || ended_)
        return;
    waiting_for_input_ = true;
    expect_rest();
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

// While much of a large body is on its way, each wake-up is to be worth it. Not where the peer's silence is
// measured: a slow one would seem to be mute.
void session::expect_rest()
{
    const std::size_t rest = connection_.deadline() ? 0 : connection_.direct_buffer().size();
    const auto expected =
        static_cast<std::uint32_t>(rest < large_rest ? 1 : std::min(rest, worth_a_wake_up));
    if (expected == expected_)
        return;
    expected_ = expected;
    stream_->expect(expected);
}

void session::read_rounds()
{
    bool more = true;
    read_in_turn_ = 0;
    for (int round = 0; more && round < read_rounds_per_turn; ++round)
    {
        if (read_in_turn_ >= octets_read_per_turn)
            break;
        if (!read_once(more))
            return;
    }
    release_buffer();
    flush();
    if (ended_)
        return;
    watch_deadline();
    if (more)
        share_.read_later();
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
        if (!buffer_.is_unique())  // none, or one that messages refer to by now
        {
            release_buffer();
            buffer_ = loop_.buffers().take();
        }
        expects_large_ = expects_large_ && !start_was_full_;  // and no large body began there
        target = {buffer_.get(), expects_large_ ? start_of_large : read_buffers::size_octets};
    }
    expects_large_ = expects_large_ || (direct && target.size() >= large_rest);
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
    start_was_full_ = more && !direct;
    reads_in_bulk_ = !direct && size >= bulk;
    read_in_turn_ += size;
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
        took_messages = take_plain_messages() || took_messages;
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
        case protocol::event_kind::pong:
            if (traffic_)
                traffic_->note_round_trip(event_.round_trip);
            break;
        case protocol::event_kind::closed:
            flush();  // an ERROR command may still go out
            end(event_.error, event_.reason);
            return false;
        }
    }
    if (took_messages && pipe_)
    {
        answers_ = flood_watch::writes_in_a_talk;
        publish_received();
    }
    return goes_on;
}

void session::publish_received()
{
    pipe_->publish(wakes_);
    traffic_->note_to_receive(pipe_->unread_by_peer());
    wakes_.run();
}

// Data messages that come whole are decoded right into the pipe.
bool session::take_plain_messages()
{
    if (finishing_ || !pipe_ || pipe_->conflates())
        return false;
    const std::size_t before = connection_.unconsumed();
    std::size_t count = 0;
    for (;;)
    {
        if (reads_in_bulk_)
            count += take_run();
        if (!pipe_->can_write() || !connection_.next_message(pipe_->prepare()))
            break;
        pipe_->commit();
        ++count;
    }
    if (count == 0)
        return false;
    traffic_->add_received(count, before - connection_.unconsumed());
    return true;
}

// Small messages that came many at a time are decoded by who receives them.
std::size_t session::take_run()
{
    const auto room =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(pipe_->room(), UINT32_MAX));
    const protocol::whole_messages run = connection_.next_messages(room);
    if (run.count != 0)
        pipe_->write_received(buffer_.body(), run.octets, run.count);
    return run.count;
}

// False when there is no room: the message stays in event_, and reading pauses.
bool session::take_message()
{
    if (finishing_ || !pipe_)
        return true;  // nobody listens any more
    const bool counts = message_access::role(event_.body) == message_role::data;
    if (counts)
        traffic_->add_received(1, octets_in_frames(event_.body));
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
        loop_.buffers().give_back(std::move(buffer_));
}

void session::become_ready()
{
    auto granted = host_->session_ready(event_.handshake, stream_->description());
    if (!granted)
    {
        flush();  // our READY: the peer shall know that it was not the handshake
        refused_ = true;
        end(errc::peer_refused);
        return;
    }
    pipe_ = std::move(granted->end);
    traffic_ = std::move(granted->traffic);
    generation_ = granted->generation;
    pipe_->set_owner(weak_from_this());
    if (pipe_->peer_is_closed())
        finishing_ = true;
    shrinks_ = true;
    share_.run_soon(due_rewrite);
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
    count_blocked(false);
    session_end how;
    how.error = error;
    how.reason = std::move(reason);
    how.was_ready = pipe_ != nullptr;
    how.was_refused = refused_;
    how.unwritten = unwritten_;
    if (watched_by_floods_)
    {
        watched_by_floods_ = false;
        loop_.floods()->remove(*this);
        pipe_->end_watch();
    }
    if (pipe_)
    {
        if (paused_)  // it arrived whole, so it is delivered
            pipe_->send(std::move(event_.body), wakes_);
        publish_received();
    }
    asio::post(timer_.get_executor(), [host = std::move(host_), how = std::move(how)]() mutable {
        host->session_ended(std::move(how));
    });
    pipe_.reset();
}

}  // namespace ferry::detail
