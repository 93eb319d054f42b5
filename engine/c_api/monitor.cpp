// zmq_socket_monitor: what ferry::monitor tells, as messages at a PAIR socket.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/post.hpp>

#include <zmq.h>

#include <ferry/error.hpp>
#include <ferry/monitor.hpp>
#include <ferry/socket.hpp>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/monitor.hpp"
#include "engine/c_api/monitor_events.hpp"
#include "engine/c_api/socket.hpp"

namespace ferry::c_api
{

namespace
{

// Events that wait for a program that does not read them; libzmq would stop its connections instead.
constexpr std::size_t capacity = 65'536;
constexpr std::size_t end_of_scheme = 6;  // of "tcp://" and "ipc://"

/// Carries events from one socket to the PAIR that the program reads.
///
/// Runs on the context's thread. Goes on by itself, and keeps itself alive, until stop(), or until the monitored
/// socket or the context ends.
class event_feed : public std::enable_shared_from_this<event_feed>
{
public:
    /// Errors: those of bind.
    event_feed(c_socket& of, std::string endpoint, int mask)
        : endpoint_(std::move(endpoint)), events_(mask), pair_(of.context(), options()),
          monitor_(std::in_place, of.face(), capacity)
    {
        pair_.bind(endpoint_);
    }

    /// To be called once, and again after tell().
    void go_on()
    {
        asio::post(pair_.get_executor(), [self = shared_from_this()] {
            const std::lock_guard lock(self->mutex_);
            self->step();
        });
    }
    void tell(int event, std::uint32_t value, std::string_view endpoint)
    {
        const std::lock_guard lock(mutex_);
        events_.tell(event, value, endpoint);
    }

    enum class reason : std::uint8_t
    {
        asked_to,
        socket_closes,
    };
    /// The name is free at once; what has happened is told before MONITOR_STOPPED.
    void stop(reason why)
    {
        std::error_code ended;
        pair_.unbind(endpoint_, ended);
        asio::post(pair_.get_executor(), [self = shared_from_this(), why] { self->finish(why); });
    }

private:
    static socket_options options()
    {
        socket_options o;
        o.send_hwm = 0;
        o.receive_hwm = 0;
        o.linger = std::chrono::milliseconds(0);
        return o;
    }

    // Until there is nothing to tell, or nobody to tell it to.
    void step()
    {
        while (!is_over_)
        {
            if (events_.told().empty())
            {
                auto next = monitor_->try_receive();
                if (!next)
                    return wait_for_event();
                events_.translate(*next);
            }
            else if (!send_first())
            {
                return is_over_ ? void() : wait_for_room();
            }
        }
    }
    bool send_first()
    {
        std::error_code error;
        if (pair_.try_send(std::move(events_.told().front()), error))
        {
            events_.told().pop_front();
            return true;
        }
        is_over_ = is_over_ || error;
        return false;
    }
    void wait_for_event()
    {
        if (std::exchange(waits_for_event_, true))
            return;
        monitor_->async_receive(asio::bind_cancellation_slot(cancel_.slot(),
            [self = shared_from_this()](std::error_code error, const monitor_event& event) {
                const std::lock_guard lock(self->mutex_);
                self->waits_for_event_ = false;
                if (error)
                    return;
                self->events_.translate(event);
                self->step();
            }));
    }
    void wait_for_room()
    {
        if (std::exchange(waits_for_room_, true))
            return;
        pair_.async_wait(wait_type::writable, [self = shared_from_this()](std::error_code error) {
            const std::lock_guard lock(self->mutex_);
            self->waits_for_room_ = false;
            if (!error)
                self->step();
        });
    }
    void finish(reason why)
    {
        const std::lock_guard lock(mutex_);
        if (is_over_)
            return;
        is_over_ = true;
        cancel_.emit(asio::cancellation_type::terminal);  // takes no event from here on
        while (const auto next = monitor_->try_receive())
            events_.translate(*next);
        if (why == reason::socket_closes)
            events_.tell_end_of_listeners();
        events_.tell(ZMQ_EVENT_MONITOR_STOPPED, 0, {});
        while (!events_.told().empty() && send_first())
            ;
        monitor_.reset();
        pair_.close();
    }

    const std::string endpoint_;
    std::mutex mutex_;
    event_translator events_;
    pair_socket pair_;
    std::optional<monitor> monitor_;
    asio::cancellation_signal cancel_;
    bool waits_for_event_ = false;
    bool waits_for_room_ = false;
    bool is_over_ = false;
};

/// What the monitored socket holds: its attachment.
class feed_owner
{
public:
    explicit feed_owner(std::shared_ptr<event_feed> feed) noexcept : feed_(std::move(feed)) {}
    ~feed_owner() { stop(event_feed::reason::socket_closes); }
    feed_owner(const feed_owner&) = delete;
    feed_owner& operator=(const feed_owner&) = delete;

    [[nodiscard]] event_feed& feed() noexcept { return *feed_; }
    /// The first reason counts.
    void stop(event_feed::reason why) noexcept
    {
        (void)guarded([&] {
            if (!is_stopped_.exchange(true))
                feed_->stop(why);
            return 0;
        });
    }

private:
    const std::shared_ptr<event_feed> feed_;
    std::atomic<bool> is_stopped_{false};
};

std::shared_ptr<feed_owner> owner_of(const c_socket& socket)
{
    return std::static_pointer_cast<feed_owner>(socket.attachment());
}

// 0 or an errno.
int find_fault(std::string_view endpoint, int events) noexcept
{
    const std::size_t colon = endpoint.find("://");
    if (colon == std::string_view::npos || colon + 3 == endpoint.size())
        return EINVAL;
    if (events < 0 || events > ZMQ_EVENT_ALL)
        return EINVAL;
    return endpoint.substr(0, colon) == "inproc" ? 0 : EPROTONOSUPPORT;
}

}  // namespace

void tell_of_failed_bind(const c_socket& socket, std::string_view endpoint, std::error_code error)
{
    const std::shared_ptr<feed_owner> owner = owner_of(socket);
    const bool is_stream = endpoint.starts_with("tcp://") || endpoint.starts_with("ipc://");
    if (!owner || !is_stream)
        return;
    if (error.category() == std::system_category())
        owner->feed().tell(
            ZMQ_EVENT_CLOSED, no_descriptor, endpoint.starts_with("ipc://") ? endpoint : "");
    const auto value = static_cast<std::uint32_t>(to_errno(error));
    owner->feed().tell(ZMQ_EVENT_BIND_FAILED, value, endpoint.substr(end_of_scheme));
    owner->feed().go_on();
}

}  // namespace ferry::c_api

// --- zmq.h -----------------------------------------------------------------------------------------

using namespace ferry::c_api;

int zmq_socket_monitor(void* socket, const char* endpoint, int events)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    if (whole(s).owner().is_terminated())
        return fail(ETERM);
    return guarded([&] {
        if (endpoint != nullptr)
        {
            if (const int fault = find_fault(endpoint, events))
                return fail(fault);
        }
        if (const auto owner = owner_of(whole(s)))
            owner->stop(
                event_feed::reason::asked_to);  // before its successor: names may be the same
        s->set_attachment(nullptr);
        if (endpoint == nullptr)
            return 0;
        const auto feed = std::make_shared<event_feed>(whole(s), endpoint, events);
        s->set_attachment(std::make_shared<feed_owner>(feed));
        feed->go_on();
        return 0;
    });
}
