#include "engine/acceptor.hpp"

#include <utility>

#include <asio/post.hpp>

#include <ferry/error.hpp>

#include "engine/accepted_connection.hpp"
#include "engine/context_core.hpp"
#include "engine/link_loop.hpp"
#include "engine/socket_core.hpp"
#include "engine/thread_signal.hpp"
#include "engine/turn_executor.hpp"

namespace ferry::detail
{

namespace
{

// Out of descriptors or memory: others may free some soon, and a tight loop would not help them.
constexpr std::chrono::milliseconds pause_after_failure{100};
constexpr std::chrono::milliseconds look_again_after{50};

}  // namespace

acceptor::acceptor(std::shared_ptr<socket_core> core, link_loop& loop,
    std::unique_ptr<transports::listener> listener, socket_options options,
    std::uint64_t thread_mask)
    : core_(std::move(core)), loop_(loop), executor_(loop.executor()),
      listener_(std::move(listener)),
      options_(std::make_shared<const socket_options>(std::move(options))),
      thread_mask_(thread_mask),
      shared_endpoint_(std::make_shared<const std::string>(listener_->bound_endpoint())),
      endpoint_(*shared_endpoint_), pause_(executor_)
{
}

void acceptor::start()
{
    asio::post(executor_, [self = shared_from_this()] { self->accept(); });
}

void acceptor::accept()
{
    if (closed_)
        return;
    link_loop& loop = core_->context()->next_loop(thread_mask_);
    listener_->async_accept(loop.executor(),
        [self = shared_from_this(), &loop](
            std::error_code error, std::unique_ptr<transports::byte_stream> stream) {
            self->on_accepted(error, std::move(stream), loop);
        });
}

void acceptor::on_accepted(
    std::error_code error, std::unique_ptr<transports::byte_stream> stream, link_loop& loop)
{
    if (closed_)
        return;
    if (error && error != errc::peer_not_allowed)
    {
        pause_after(error);
        return;
    }
    try
    {
        if (error)
        {
            tell_of_refused(stream->description());
            stream.reset();
            return accept();
        }
        monitor_event accepted;
        accepted.type = monitor_event_type::accepted;
        accepted.endpoint = endpoint_;
        accepted.peer_address = stream->description().remote_endpoint;
        accepted.native_handle = stream->description().native_handle;
        core_->emit(accepted);
        const auto connection =
            std::make_shared<accepted_connection>(core_, loop, shared_endpoint_, options_, this);
        if (core_->add_link(connection, this))
            connection->start(std::move(stream));
    }
    catch (const std::exception&)
    {
        pause_after(make_error_code(errc::out_of_memory));  // this stream is lost, not the listener
        return;
    }
    accept();
}

// Who connects over ipc has no name, but credentials.
void acceptor::tell_of_refused(const transports::stream_description& who)
{
    monitor_event refused;
    refused.type = monitor_event_type::accept_failed;
    refused.endpoint = endpoint_;
    refused.peer_address =
        who.remote_endpoint.ends_with("://") ? who.peer_address : who.remote_endpoint;
    refused.error = errc::peer_not_allowed;
    core_->emit(refused);
}

void acceptor::pause_after(std::error_code error)
{
    monitor_event failed;
    failed.type = monitor_event_type::accept_failed;
    failed.endpoint = endpoint_;
    failed.error = error;
    failed.delay = pause_after_failure;
    core_->emit(failed);
    pause_.expires_after(pause_after_failure);
    pause_.async_wait([self = shared_from_this()](std::error_code cancelled) {
        if (!cancelled)
            self->accept();
    });
}

void acceptor::finish(std::chrono::milliseconds) noexcept
{
    abort();
}

void acceptor::abandon() noexcept
{
    if (!std::exchange(closed_, true))
        listener_->close();
}

void acceptor::abort() noexcept
{
    if (loop_.is_driven_by_this_thread())
    {
        close_listener();
        return;
    }
    if (core_->context()->is_on_users_loop())
        return run_in_turn(loop_.turn(), [self = shared_from_this()] { self->close_listener(); });
    if (core_->context()->is_driven_by_this_thread())
    {
        // The other loop may be waiting for ours in the same way.
        asio::post(executor_, [self = shared_from_this()] { self->close_listener(); });
        return;
    }
    const auto done = std::make_shared<thread_signal>();
    asio::post(executor_, [self = shared_from_this(), done] {
        self->close_listener();
        done->set();
    });
    while (done->wait_until(std::chrono::steady_clock::now() + look_again_after) !=
        thread_signal::result::set)
    {
        if (loop_.is_stopped())
        {
            close_listener();  // the context ended meanwhile: nobody else will
            return;
        }
    }
}

void acceptor::close_listener() noexcept
{
    if (std::exchange(closed_, true))
        return;
    pause_.cancel();
    monitor_event closed;
    closed.type = monitor_event_type::closed;
    closed.endpoint = endpoint_;
    closed.native_handle = listener_->native_handle();
    listener_->close();
    core_->emit(closed);
    core_->link_ended(*this, 0);
}

}  // namespace ferry::detail
