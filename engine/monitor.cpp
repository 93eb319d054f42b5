#include <ferry/monitor.hpp>

#include <utility>

#include <ferry/error.hpp>
#include <ferry/socket.hpp>

#include "engine/async_event.hpp"
#include "engine/context_core.hpp"
#include "engine/monitor_queue.hpp"
#include "engine/socket_core.hpp"
#include "engine/wait_limit.hpp"

namespace ferry
{

const char* to_string(monitor_event_type type) noexcept
{
    switch (type)
    {
    case monitor_event_type::listening: return "listening";
    case monitor_event_type::accepted: return "accepted";
    case monitor_event_type::accept_failed: return "accept_failed";
    case monitor_event_type::connecting: return "connecting";
    case monitor_event_type::connected: return "connected";
    case monitor_event_type::handshake_succeeded: return "handshake_succeeded";
    case monitor_event_type::handshake_failed: return "handshake_failed";
    case monitor_event_type::retrying: return "retrying";
    case monitor_event_type::disconnected: return "disconnected";
    case monitor_event_type::closed: return "closed";
    case monitor_event_type::waiting: return "waiting";
    case monitor_event_type::given_up: return "given_up";
    }
    return "unknown";
}

monitor::monitor(socket_base& socket, std::size_t capacity)
    : queue_(std::make_shared<detail::monitor_queue>(capacity)), context_(socket.core_->context())
{
    socket.core_->add_monitor(queue_);
}

monitor::~monitor()
{
    queue_->abort_readers();
}

std::optional<monitor_event> monitor::receive_for(std::chrono::milliseconds timeout)
{
    const auto limit = detail::limit_of(timeout);
    bool interrupted = false;
    auto event = queue_->pop_until(limit, interrupted);
    if (interrupted)
        throw error(errc::interrupted, "monitor");
    return event;
}

std::optional<monitor_event> monitor::try_receive()
{
    return queue_->try_pop();
}

monitor::executor_type monitor::get_executor() const noexcept
{
    return context_->executor();
}

void monitor::start_receive(detail::event_handler handler)
{
    detail::async_event::start(context_, queue_, std::move(handler));
}

std::uint64_t monitor::missed() const noexcept
{
    return queue_->missed();
}

}  // namespace ferry
