// zmq_socket_monitor: what ferry::monitor tells, as messages at a PAIR socket. Every ZMQ_EVENT_... is made here.
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
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
#include "engine/c_api/socket.hpp"

namespace ferry::c_api
{

namespace
{

using type = monitor_event_type;

// Events that wait for a program that does not read them; libzmq would stop its connections instead.
constexpr std::size_t capacity = 65'536;
// Where libzmq gives the number of a descriptor: nobody needs to know Ferry's.
constexpr std::uint32_t no_descriptor = UINT32_MAX;

struct c_event
{
    int event = 0;
    std::uint32_t value = 0;
};

// The value is that of a HANDSHAKE_FAILED_PROTOCOL. 0: libzmq tells the disconnection only.
std::uint32_t protocol_error_of(protocol_errc error) noexcept
{
    switch (error)
    {
    case protocol_errc::mechanism_mismatch: return ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH;
    case protocol_errc::unexpected_command:
    case protocol_errc::traffic_before_ready: return ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND;
    case protocol_errc::malformed_command:
        return ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED;
    case protocol_errc::bad_signature:
    case protocol_errc::more_on_command:
    case protocol_errc::frame_size_overflow:
    case protocol_errc::malformed_frame:
    case protocol_errc::too_many_frames:
    case protocol_errc::invalid_identity:
    case protocol_errc::invalid_envelope: return ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED;
    case protocol_errc::unsupported_version:
    case protocol_errc::frame_too_large:
    case protocol_errc::message_too_large:
    case protocol_errc::handshake_too_large:
    case protocol_errc::malformed_metadata:
    case protocol_errc::incompatible_socket_type:
    case protocol_errc::error_received:
    case protocol_errc::authentication_failed: return 0;
    }
    return 0;
}

// The status of a ZAP handler that the peer's ERROR names. RFC 27 "ZAP".
std::uint32_t zap_status_of(const monitor_event& e) noexcept
{
    for (const std::uint32_t status : {300U, 400U, 500U})
    {
        if (e.error == protocol_errc::error_received && e.reason == std::to_string(status))
            return status;
    }
    return e.error == protocol_errc::authentication_failed ? 400 : 0;
}

std::uint32_t number_of(std::error_code error) noexcept
{
    const int number = error == errc::connection_closed ? EPIPE : to_errno(error);
    return static_cast<std::uint32_t>(number);
}

c_event handshake_failure_of(const monitor_event& e) noexcept
{
    if (const std::uint32_t status = zap_status_of(e))
        return {ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, status};
    if (e.error.category() != protocol_category())
        return {ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, number_of(e.error)};
    const std::uint32_t code = protocol_error_of(static_cast<protocol_errc>(e.error.value()));
    return {code != 0 ? ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL : 0, code};
}

// Two frames: a u16 and a u32 in this machine's order, without a gap; and the endpoint.
message encode(const c_event& e, std::string_view endpoint)
{
    const auto number = static_cast<std::uint16_t>(e.event);
    std::array<std::byte, sizeof number + sizeof e.value> head{};
    std::memcpy(head.data(), &number, sizeof number);
    std::memcpy(head.data() + sizeof number, &e.value, sizeof e.value);
    message m(std::span<const std::byte>{head});
    m.append(endpoint);
    return m;
}

/// Carries events from one socket to the PAIR that the program reads.
///
/// Runs on the context's thread. Goes on by itself, and keeps itself alive, until stop(), or until the monitored
/// socket or the context ends.
class event_feed : public std::enable_shared_from_this<event_feed>
{
public:
    /// Errors: those of bind.
    event_feed(c_socket& of, std::string endpoint, int mask)
        : endpoint_(std::move(endpoint)), mask_(mask), pair_(of.context(), options()),
          monitor_(std::in_place, of.face(), capacity)
    {
        pair_.bind(endpoint_);
    }

    void start()
    {
        asio::post(pair_.get_executor(), [self = shared_from_this()] {
            const std::lock_guard lock(self->mutex_);
            self->step();
        });
    }

    /// The name is free at once; what has happened is told before MONITOR_STOPPED.
    void stop()
    {
        std::error_code ended;
        pair_.unbind(endpoint_, ended);
        asio::post(pair_.get_executor(), [self = shared_from_this()] { self->finish(); });
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
            if (outgoing_.empty())
            {
                auto next = monitor_->try_receive();
                if (!next)
                    return wait_for_event();
                translate(*next);
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
        if (pair_.try_send(std::move(outgoing_.front()), error))
        {
            outgoing_.pop_front();
            return true;
        }
        is_over_ = is_over_ || error;
        return false;
    }
    void wait_for_event()
    {
        monitor_->async_receive(asio::bind_cancellation_slot(cancel_.slot(),
            [self = shared_from_this()](std::error_code error, const monitor_event& event) {
                const std::lock_guard lock(self->mutex_);
                if (error)
                    return;
                self->translate(event);
                self->step();
            }));
    }
    void wait_for_room()
    {
        pair_.async_wait(wait_type::writable, [self = shared_from_this()](std::error_code error) {
            const std::lock_guard lock(self->mutex_);
            if (!error)
                self->step();
        });
    }
    void finish()
    {
        const std::lock_guard lock(mutex_);
        if (is_over_)
            return;
        is_over_ = true;
        cancel_.emit(asio::cancellation_type::terminal);  // takes no event from here on
        while (const auto next = monitor_->try_receive())
            translate(*next);
        tell({ZMQ_EVENT_MONITOR_STOPPED, 0}, {});
        while (!outgoing_.empty() && send_first())
            ;
        monitor_.reset();
        pair_.close();
    }

    void tell(const c_event& e, std::string_view endpoint)
    {
        if ((e.event & mask_) != 0)
            outgoing_.push_back(encode(e, endpoint));
    }
    void translate(const monitor_event& e);
    void tell_end_of_attempt(const std::string& endpoint);

    const std::string endpoint_;
    const int mask_;
    std::mutex mutex_;
    pair_socket pair_;
    std::optional<monitor> monitor_;
    asio::cancellation_signal cancel_;
    std::deque<message> outgoing_;
    std::multiset<std::string> attempts_;  // endpoints that are being connected to
    bool is_over_ = false;
};

void event_feed::translate(const monitor_event& e)
{
    if (e.endpoint.starts_with("inproc://"))
        return;  // libzmq tells of streams only
    const auto told = [&](int event, std::uint32_t value) { tell({event, value}, e.endpoint); };
    switch (e.type)
    {
    case type::listening: return told(ZMQ_EVENT_LISTENING, no_descriptor);
    case type::accepted: return told(ZMQ_EVENT_ACCEPTED, no_descriptor);
    case type::accept_failed: return told(ZMQ_EVENT_ACCEPT_FAILED, number_of(e.error));
    case type::connecting:
        attempts_.insert(e.endpoint);
        return told(ZMQ_EVENT_CONNECT_DELAYED, EINPROGRESS);
    case type::connected:
        attempts_.extract(e.endpoint);
        return told(ZMQ_EVENT_CONNECTED, no_descriptor);
    case type::handshake_succeeded:
        if (e.version && e.version->major >= 3)
            told(ZMQ_EVENT_HANDSHAKE_SUCCEEDED, 0);
        return;
    case type::handshake_failed:
        tell(handshake_failure_of(e), e.endpoint);
        return told(ZMQ_EVENT_DISCONNECTED, no_descriptor);
    case type::disconnected: return told(ZMQ_EVENT_DISCONNECTED, no_descriptor);
    case type::retrying:
        tell_end_of_attempt(e.endpoint);
        return told(ZMQ_EVENT_CONNECT_RETRIED, static_cast<std::uint32_t>(e.delay.count()));
    case type::given_up: return tell_end_of_attempt(e.endpoint);
    case type::closed: return told(ZMQ_EVENT_CLOSED, no_descriptor);
    case type::waiting: return;
    }
}

// It came to nothing: its socket is closed. A connection that stood has ended with DISCONNECTED.
void event_feed::tell_end_of_attempt(const std::string& endpoint)
{
    if (attempts_.extract(endpoint))
        tell({ZMQ_EVENT_CLOSED, no_descriptor}, endpoint);
}

/// What the monitored socket holds.
class feed_owner
{
public:
    explicit feed_owner(std::shared_ptr<event_feed> feed) noexcept : feed_(std::move(feed)) {}
    ~feed_owner()
    {
        (void)guarded([this] {
            feed_->stop();
            return 0;
        });
    }
    feed_owner(const feed_owner&) = delete;
    feed_owner& operator=(const feed_owner&) = delete;

private:
    std::shared_ptr<event_feed> feed_;
};

// 0 or an errno.
int find_fault(std::string_view endpoint, int events) noexcept
{
    const std::size_t end_of_scheme = endpoint.find("://");
    if (end_of_scheme == std::string_view::npos || end_of_scheme + 3 == endpoint.size())
        return EINVAL;
    if (events < 0 || events > ZMQ_EVENT_ALL)
        return EINVAL;
    return endpoint.substr(0, end_of_scheme) == "inproc" ? 0 : EPROTONOSUPPORT;
}

}  // namespace

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
        s->set_attachment(nullptr);  // before its successor: the name may be the same
        if (endpoint == nullptr)
            return 0;
        const auto feed = std::make_shared<event_feed>(whole(s), endpoint, events);
        s->set_attachment(std::make_shared<feed_owner>(feed));
        feed->start();
        return 0;
    });
}
