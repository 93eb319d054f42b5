#include "engine/dialer.hpp"

#include <utility>

#include <asio/post.hpp>

#include <ferry/error.hpp>

#include "engine/connection_info.hpp"
#include "engine/context_core.hpp"
#include "engine/leftovers.hpp"
#include "engine/link_loop.hpp"
#include "engine/settings.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

using std::chrono::milliseconds;

dialer::dialer(std::shared_ptr<socket_core> core, link_loop& loop,
    std::unique_ptr<transports::connector> connector, std::string endpoint, socket_options options,
    std::string connect_routing_id)
    : core_(std::move(core)), loop_(loop), executor_(loop.executor()),
      connector_(std::move(connector)), endpoint_(std::move(endpoint)),
      options_(std::move(options)), connect_routing_id_(std::move(connect_routing_id)),
      backoff_(
          options_.reconnect_interval, options_.reconnect_interval_max, options_.reconnect_early),
      retry_(executor_), connect_limit_(executor_), linger_(executor_)
{
}

bool dialer::attach()
{
    pipe_request request;
    request.how.initiated_here = true;
    request.how.connect_routing_id = connect_routing_id_;
    request.how.is_raw = is_raw(core_->type(), options_);
    request.send_hwm = options_.send_hwm;
    request.receive_hwm = options_.receive_hwm;
    request.conflate = conflates(core_->type(), options_);
    request.origin = static_cast<link*>(this);
    patterns::pipe_pair pipe = core_->attach(request);
    if (!pipe.a)
        return false;
    refused_at_once_ = pipe.a->is_closed();
    near_ = std::move(pipe.a);
    far_ = std::move(pipe.b);
    far_->set_owner(weak_from_this());
    return true;
}

void dialer::start()
{
    asio::post(executor_, [self = shared_from_this()] { self->attempt(); });
}

// --- connecting ----------------------------------------------------------------------------------

void dialer::attempt()
{
    if (ended_ || connecting_ || session_)
        return;
    if (is_let_go())
    {
        pipe_closed();
        end_if_drained();
        if (ended_)
            return;
    }
    if (is_refused() && !replace_pipe())
        return;
    is_first_attempt_ = false;
    native_handle_ = -1;
    emit(monitor_event_type::connecting);
    connecting_ = true;
    connect_timed_out_ = false;
    connector_->async_connect([self = shared_from_this()](std::error_code error,
                                  std::unique_ptr<transports::byte_stream> stream) {
        self->on_connected(error, std::move(stream));
    });
    if (options_.connect_timeout == milliseconds{0})
        return;
    connect_limit_.expires_after(options_.connect_timeout);
    connect_limit_.async_wait([self = shared_from_this()](std::error_code cancelled) {
        if (cancelled || !self->connecting_)
            return;
        self->connect_timed_out_ = true;
        self->connector_->cancel();
    });
}

void dialer::on_connected(std::error_code error, std::unique_ptr<transports::byte_stream> stream)
{
    connecting_ = false;
    connect_limit_.cancel();
    if (ended_)
        return;
    native_handle_ = connector_->native_handle();
    if (error)
    {
        try_again_later(connect_timed_out_ ? errc::connect_timed_out : error);
        return;
    }
    try
    {
        run_session(std::move(stream));
    }
    catch (const std::exception&)
    {
        session_.reset();
        try_again_later(errc::out_of_memory);
    }
}

void dialer::run_session(std::unique_ptr<transports::byte_stream> stream)
{
    remote_ = stream->description().remote_endpoint;
    emit(monitor_event_type::connected);
    session_ = make_driver(core_->type(), options_, std::move(stream), loop_, shared_from_this());
    session_->start();
}

// The pattern does not want this peer, and the user did not ask for the end either.
bool dialer::is_refused() const
{
    return far_ && !finishing_ && far_->peer_is_closed() && !core_->is_finishing(*this);
}

// A raw peer, which the socket had taken in.
bool dialer::is_let_go() const
{
    return is_raw(core_->type(), options_) && !refused_at_once_ && is_refused();
}

// A pipe of its own for the next connection: by wish (immediate), or because the pattern refused
// this peer (a routing id in use), which may be different next time. Not so from the start: PAIR
// never takes a second one. False when that was the end.
bool dialer::replace_pipe()
{
    const std::size_t lost = close_and_count(*far_);
    core_->count_drops(patterns::drop_reason::disconnected, lost);
    near_.reset();
    far_.reset();
    if (!options_.immediate && (is_first_attempt_ || !attach()))
    {
        if (!core_->is_closing())
            emit(monitor_event_type::given_up, errc::peer_refused);
        end();
        return false;
    }
    return true;
}

void dialer::try_again_later(std::error_code why)
{
    if (finishing_)
    {
        end_if_drained();
        if (ended_)
            return;
    }
    if (!backoff_.retries())
    {
        emit(monitor_event_type::given_up, why);
        end();
        return;
    }
    const milliseconds delay = backoff_.next(core_->context()->random());
    emit(monitor_event_type::retrying, why, delay);
    retry_.expires_after(delay);
    retry_.async_wait([self = shared_from_this()](std::error_code cancelled) {
        if (!cancelled)
            self->attempt();
    });
}

// --- the session ---------------------------------------------------------------------------------

std::optional<session_pipe> dialer::session_ready(
    const protocol::handshake_result& handshake, const transports::stream_description& stream)
{
    if (!far_ && !attach())
        return {};
    peer_handle properties = collect_properties(handshake, stream);
    std::uint8_t generation = 0;
    auto record =
        describe_connection(handshake, std::make_shared<const std::string>(endpoint_), session_);
    record->is_again = was_connected_;
    if (!finishing_)
    {
        const auto granted = core_->connected(*near_, describe_peer(handshake), properties, record);
        if (!granted && !core_->is_finishing(*this) && !is_let_go())
            return {};
        generation = granted.value_or(generation);  // none: its last messages are to be delivered
    }
    record_ = std::move(record);
    was_connected_ = true;
    emit(describe_start(handshake, std::move(properties), endpoint_, remote_));
    if (!far_->peer_is_closed())
        backoff_.reset();
    return session_pipe{far_, generation, traffic_of(record_)};
}

void dialer::message_replaced()
{
    core_->count_drops(patterns::drop_reason::conflated, 1, near_.get());
}

// What was sent to the peer is delivered, also if it is not connected yet, but no connection is
// made again for it.
void dialer::pipe_closed()
{
    if (finishing_ || core_->is_finishing(*this))
        return;
    let_go_ = true;
    finishing_ = true;
    finish(core_->farewell());
}

void dialer::session_ended(session_end how)
{
    session_.reset();
    core_->session_ended(std::exchange(record_, nullptr).get(), how);
    const std::error_code why = how.error;
    emit(describe_end(how, endpoint_, remote_));
    native_handle_ = -1;
    if (how.error)
    {
        lost_ += finishing_ || ended_ ? how.unwritten : 0;
        core_->count_drops(patterns::drop_reason::disconnected, how.unwritten);
    }
    if (ended_)
    {
        report_end();
        return;
    }
    if (far_)
        keep_pipe_after_session();
    if (!ended_)
        try_again_later(why);
}

void dialer::keep_pipe_after_session()
{
    if (let_go_ || is_let_go())
        return end();
    if (finishing_)
    {
        far_->set_owner(weak_from_this());
        return;
    }
    if (options_.immediate || is_refused())
    {
        (void)replace_pipe();
        return;
    }
    core_->disconnected(*near_);
    far_->set_owner(weak_from_this());
    if (far_->peer_is_closed())
        finishing_ = true;
}

// --- the end -------------------------------------------------------------------------------------

void dialer::finish(milliseconds linger) noexcept
{
    asio::post(executor_, [self = shared_from_this(), linger] {
        if (self->ended_)
            return;
        self->finishing_ = true;
        if (self->session_)
            self->session_->finish();
        else
            self->end_if_drained();
        if (self->ended_ || linger.count() < 0)
            return;
        self->linger_.expires_after(linger);
        self->linger_.async_wait([self](std::error_code cancelled) {
            if (!cancelled)
                self->end();
        });
    });
}

void dialer::abort() noexcept
{
    asio::post(executor_, [self = shared_from_this()] { self->end(); });
}

void dialer::abandon() noexcept
{
    ended_ = true;
    connector_->cancel();
    if (session_)
        session_->abandon();
    else if (far_)
        far_->set_owner({});  // its end is not to be told to the loop
    session_.reset();
}

void dialer::end_if_drained()
{
    // Subscriptions that were never sent are no reason to go on.
    if (!far_ || near_->unread_by_peer() == 0)
        end();
}

void dialer::end()
{
    if (std::exchange(ended_, true))
        return;
    retry_.cancel();
    linger_.cancel();
    connect_limit_.cancel();
    connector_->cancel();
    if (session_)
        session_->abort(errc::closed);  // session_ended goes on from here
    else
        report_end();
}

void dialer::report_end()
{
    const std::size_t left = far_ ? close_and_count(*far_) : 0;
    core_->count_drops(patterns::drop_reason::disconnected, left);
    core_->link_ended(*this, lost_ + left);
}

// While no session serves the pipe, only its end matters, and that to who connects to a raw peer only: others
// are told to finish, or see it when they try again.
void dialer::on_readable(patterns::pipe_end&) noexcept {}

void dialer::on_writable(patterns::pipe_end&) noexcept {}

void dialer::on_peer_closed(patterns::pipe_end&) noexcept
{
    if (is_raw(core_->type(), options_))
        asio::post(executor_, [self = shared_from_this()] {
            if (!self->ended_)
                self->pipe_closed();
        });
}

void dialer::emit(monitor_event_type type, std::error_code error, milliseconds delay)
{
    monitor_event e;
    e.type = type;
    e.endpoint = endpoint_;
    e.peer_address = type == monitor_event_type::connected ? remote_ : std::string{};
    e.error = error;
    e.delay = delay;
    emit(std::move(e));
}

void dialer::emit(monitor_event e)
{
    e.outgoing = true;
    e.native_handle = native_handle_;
    core_->emit(e);
}

}  // namespace ferry::detail
