// What a socket is ready for, and the descriptor that says when that may have changed.
#include <cerrno>
#include <utility>

#include <asio/error.hpp>
#include <sys/eventfd.h>
#include <unistd.h>

#include <zmq.h>

#include "engine/c_api/notifier.hpp"
#include "engine/c_api/socket.hpp"

namespace ferry::c_api
{

// --- the descriptor ------------------------------------------------------------------------------

// Readable at first, as libzmq's is once something was bound or connected: who waits before the
// first look at the events wakes.
notifier::notifier() : descriptor_(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (descriptor_ < 0)
        throw std::system_error(errno, std::generic_category());
}

notifier::~notifier()
{
    close(descriptor_);
}

void notifier::drain() const noexcept
{
    eventfd_t count = 0;
    (void)eventfd_read(descriptor_, &count);
}

void notifier::watch(ferry::socket& socket, wait_type what)
{
    std::atomic<bool>& watches = watches_[static_cast<std::size_t>(what)];
    if (watches.exchange(true))
        return;
    try
    {
        socket.async_wait(what, [self = shared_from_this(), &watches](std::error_code error) {
            watches = false;  // before anybody can see that the descriptor is readable
            if (error != asio::error::operation_aborted)
                (void)eventfd_write(self->descriptor_, 1);
        });
    }
    catch (...)
    {
        watches = false;
        throw;
    }
}

// --- the socket ----------------------------------------------------------------------------------

short c_socket::look_for_events(std::error_code& error)
{
    const poll_events ready = face_.ready(error);
    if (error)
        return 0;
    const bool has_parts = has_parts_.load(std::memory_order_relaxed);
    const bool may_send = any(ready & poll_events::writable) && !(has_parts && has_turns());
    int events = 0;
    if (has_parts || any(ready & poll_events::readable))
        events |= ZMQ_POLLIN;
    if (may_send || is_assembling_.load(std::memory_order_relaxed))
        events |= ZMQ_POLLOUT;
    return static_cast<short>(events);
}

std::shared_ptr<notifier> c_socket::current_notifier() const
{
    if (!has_notifier_.load(std::memory_order_relaxed))
        return {};
    const std::lock_guard lock(notifier_mutex_);
    return notifier_;
}

short c_socket::ready_events(std::error_code& error)
{
    const std::shared_ptr<notifier> notify = current_notifier();
    if (notify)
        notify->drain();
    const short events = look_for_events(error);
    if (!notify || error)
        return events;
    if ((events & ZMQ_POLLIN) == 0)
        notify->watch(face_, wait_type::readable);
    if ((events & ZMQ_POLLOUT) == 0)
        notify->watch(face_, wait_type::writable);
    return events;
}

int c_socket::notification_descriptor(std::error_code& error)
{
    error.clear();
    const std::lock_guard lock(notifier_mutex_);
    if (!notifier_)
    {
        auto made = std::make_shared<notifier>();
        made->watch(face_, wait_type::readable);
        made->watch(face_, wait_type::writable);
        notifier_ = std::move(made);
        has_notifier_ = true;
    }
    return notifier_->descriptor();
}

// Nothing can be done now; who waits for the descriptor wants to know when it can. As with libzmq, that is as good as
// having asked for the events: a program that goes on until EAGAIN need not ask.
std::error_code c_socket::would_block(wait_type what)
{
    if (const std::shared_ptr<notifier> notify = current_notifier())
    {
        notify->drain();
        notify->watch(face_, what);
    }
    return std::make_error_code(std::errc::operation_would_block);
}

}  // namespace ferry::c_api
