#include "engine/accepted_connection.hpp"

#include <utility>

#include <asio/post.hpp>

#include <ferry/error.hpp>

#include "engine/connection_info.hpp"
#include "engine/leftovers.hpp"
#include "engine/link_loop.hpp"
#include "engine/settings.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

accepted_connection::accepted_connection(std::shared_ptr<socket_core> core, link_loop& loop,
    std::shared_ptr<const std::string> endpoint, std::shared_ptr<const socket_options> options,
    const void* origin)
    : core_(std::move(core)), loop_(loop), executor_(loop.executor()),
      shared_endpoint_(std::move(endpoint)), endpoint_(*shared_endpoint_),
      options_(std::move(options)), origin_(origin), linger_(executor_)
{
}

void accepted_connection::start(std::unique_ptr<transports::byte_stream> stream)
{
    asio::post(executor_, [self = shared_from_this(), s = std::move(stream)]() mutable {
        if (self->refused_)
        {
            self->core_->link_ended(*self, 0);
            return;
        }
        try
        {
            self->remote_ = s->description().remote_endpoint;
            self->native_handle_ = s->description().native_handle;
            self->session_ =
                make_driver(self->core_->type(), *self->options_, std::move(s), self->loop_, self);
            self->session_->start();
        }
        catch (const std::exception&)
        {
            self->session_.reset();  // no memory: this peer is lost, nothing else
            self->core_->link_ended(*self, 0);
        }
    });
}

void accepted_connection::finish(std::chrono::milliseconds linger) noexcept
{
    asio::post(executor_, [self = shared_from_this(), linger] {
        if (!self->session_)
        {
            self->refused_ = true;  // it did not start yet, or ended already
            return;
        }
        self->session_->finish();
        if (linger.count() < 0)
            return;
        self->linger_.expires_after(linger);
        self->linger_.async_wait([self](std::error_code cancelled) {
            if (!cancelled && self->session_)
                self->session_->abort(errc::closed);
        });
    });
}

void accepted_connection::abort() noexcept
{
    asio::post(executor_, [self = shared_from_this()] {
        if (self->session_)
            self->session_->abort(errc::closed);
        else
            self->refused_ = true;
    });
}

void accepted_connection::abandon() noexcept
{
    refused_ = true;
    if (session_)
        session_->abandon();
    session_.reset();
}

std::optional<session_pipe> accepted_connection::session_ready(
    const protocol::handshake_result& handshake, const transports::stream_description& stream)
{
    pipe_request request;
    request.how.is_raw = is_raw(core_->type(), *options_);
    request.send_hwm = options_->send_hwm;
    request.receive_hwm = options_->receive_hwm;
    request.conflate = conflates(core_->type(), *options_);
    request.origin = origin_;
    patterns::pipe_pair pipe = core_->attach(request);
    if (!pipe.a)
        return {};
    near_ = std::move(pipe.a);
    far_ = std::move(pipe.b);
    peer_handle properties = collect_properties(handshake, stream);
    auto record = describe_connection(handshake, shared_endpoint_, session_);
    const auto generation = core_->connected(*near_, describe_peer(handshake), properties, record);
    if (!generation)
        return {};  // the pattern does not want this peer
    record_ = std::move(record);
    emit(describe_start(handshake, std::move(properties), endpoint_, remote_));
    return session_pipe{far_, *generation, traffic_of(record_)};
}

void accepted_connection::message_replaced()
{
    core_->count_drops(patterns::drop_reason::conflated, 1, near_.get());
}

// Only this peer is let go: nobody else says how long it may take.
void accepted_connection::pipe_closed()
{
    if (!core_->is_finishing(*this))
        finish(core_->farewell());
}

void accepted_connection::session_ended(session_end how)
{
    linger_.cancel();
    session_.reset();
    core_->session_ended(std::exchange(record_, nullptr).get(), how);
    std::size_t lost = how.error ? how.unwritten : 0;
    if (far_)
        lost += close_and_count(*far_);
    core_->count_drops(patterns::drop_reason::disconnected, lost);
    emit(describe_end(how, endpoint_, remote_));
    core_->link_ended(*this, lost);
}

void accepted_connection::emit(monitor_event e)
{
    e.native_handle = native_handle_;
    core_->emit(e);
}

}  // namespace ferry::detail
