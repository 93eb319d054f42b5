#include <ferry/socket.hpp>

#include <utility>

#include "engine/context_core.hpp"
#include "engine/settings.hpp"
#include "engine/socket_core.hpp"
#include "engine/wait_limit.hpp"

namespace ferry
{

using detail::limit_of;
using detail::socket_core;
using detail::waiter;

namespace
{

void throw_if(std::error_code code, const char* what)
{
    if (code)
        throw error(code, what);
}

void throw_if(const transports::failure& why, const char* verb, std::string_view endpoint)
{
    if (!why)
        return;
    std::string text = std::string(verb) + " " + std::string(endpoint);
    if (!why.detail.empty())
        text += ": " + why.detail;
    throw error(why.error, text);
}

// An absence that is no error: nothing there, or not yet.
bool is_done(std::error_code& code, std::error_code absence)
{
    if (!code)
        return true;
    if (code == absence)
        code.clear();
    return false;
}

}  // namespace

socket_base::socket_base(context& owner, socket_type type, socket_options options)
    : core_(owner.core_->make_socket(type, std::move(options)))
{
}

socket_base::socket_base(socket_base&&) noexcept = default;

socket_base& socket_base::operator=(socket_base&& other) noexcept
{
    if (this != &other)
    {
        if (core_)
            core_->begin_close();
        core_ = std::move(other.core_);
    }
    return *this;
}

socket_base::~socket_base()
{
    if (core_)
        core_->begin_close();
}

socket_type socket_base::type() const noexcept
{
    return core_->type();
}

// --- endpoints -----------------------------------------------------------------------------------

std::string socket_base::bind(std::string_view endpoint, const endpoint_options& options)
{
    std::string bound;
    throw_if(core_->bind(endpoint, options, bound), "bind", endpoint);
    return bound;
}

std::string socket_base::bind(std::string_view endpoint, std::error_code& error)
{
    return bind(endpoint, {}, error);
}

std::string socket_base::bind(
    std::string_view endpoint, const endpoint_options& options, std::error_code& error)
{
    std::string bound;
    error = core_->bind(endpoint, options, bound).error;
    return bound;
}

void socket_base::connect(std::string_view endpoint, const endpoint_options& options)
{
    throw_if(core_->connect(endpoint, options), "connect", endpoint);
}

void socket_base::connect(std::string_view endpoint, std::error_code& error)
{
    connect(endpoint, {}, error);
}

void socket_base::connect(
    std::string_view endpoint, const endpoint_options& options, std::error_code& error)
{
    error = core_->connect(endpoint, options).error;
}

void socket_base::unbind(std::string_view endpoint)
{
    throw_if({core_->unbind(endpoint), {}}, "unbind", endpoint);
}

void socket_base::unbind(std::string_view endpoint, std::error_code& error)
{
    error = core_->unbind(endpoint);
}

void socket_base::disconnect(std::string_view endpoint)
{
    throw_if({core_->disconnect(endpoint), {}}, "disconnect", endpoint);
}

void socket_base::disconnect(std::string_view endpoint, std::error_code& error)
{
    error = core_->disconnect(endpoint);
}

std::vector<std::string> socket_base::bound_endpoints() const
{
    return core_->bound_endpoints();
}

std::string socket_base::last_connect_routing_id() const
{
    return core_->last_connect_routing_id();
}

// --- peers ---------------------------------------------------------------------------------------

bool socket_base::wait_for_peers(std::size_t count, milliseconds timeout)
{
    std::error_code code;
    const bool there = wait_for_peers(count, timeout, code);
    throw_if(code, "wait_for_peers");
    return there;
}

bool socket_base::wait_for_peers(std::size_t count, milliseconds timeout, std::error_code& error)
{
    error = core_->wait_for(waiter::want::peers, count, {}, limit_of(timeout));
    return is_done(error, errc::timed_out);
}

bool socket_base::wait_for_subscribers(
    std::size_t count, std::string_view topic, milliseconds timeout)
{
    std::error_code code;
    const bool there = wait_for_subscribers(count, topic, timeout, code);
    throw_if(code, "wait_for_subscribers");
    return there;
}

bool socket_base::wait_for_subscribers(
    std::size_t count, std::string_view topic, milliseconds timeout, std::error_code& error)
{
    error = core_->wait_for(waiter::want::subscribers, count, topic, limit_of(timeout));
    return is_done(error, errc::timed_out);
}

poll_events socket_base::ready() const
{
    std::error_code code;
    const poll_events events = ready(code);
    throw_if(code, "ready");
    return events;
}

poll_events socket_base::ready(std::error_code& error) const
{
    return core_->ready(error);
}

std::size_t socket_base::peer_count() const noexcept
{
    return core_->peer_count();
}

std::uint64_t socket_base::dropped_messages() const noexcept
{
    return core_->dropped_messages();
}

std::size_t socket_base::close()
{
    core_->begin_close();
    return core_->wait_until_closed();
}

// --- sending -------------------------------------------------------------------------------------

void socket_base::send(message&& m)
{
    const std::size_t octets = m.front().size();
    if (!core_->send_now(m)) [[unlikely]]
        throw_if(core_->send(m, limit_of(core_->send_timeout())), "send");
    if (octets >= socket_core::paced_size) [[unlikely]]
        core_->pace(octets);
}

void socket_base::send(const message& m)
{
    send(message(m));
}

void socket_base::send(message&& m, std::error_code& error)
{
    if (error)  // asked first, since it takes a call
        error.clear();
    const std::size_t octets = m.front().size();
    if (!core_->send_now(m)) [[unlikely]]
        error = core_->send(m, limit_of(core_->send_timeout()));
    if (octets >= socket_core::paced_size) [[unlikely]]
        core_->pace(octets);
}

void socket_base::send(const message& m, std::error_code& error)
{
    send(message(m), error);
}

void socket_base::send_octets(std::span<const std::byte> frame)
{
    if (frame.size() > socket_core::largest_octets || !core_->send_octets_now(frame)) [[unlikely]]
        send(message(frame));
}

void socket_base::send_octets(std::span<const std::byte> frame, std::error_code& error)
{
    if (error)
        error.clear();
    if (frame.size() > socket_core::largest_octets || !core_->send_octets_now(frame)) [[unlikely]]
        send(message(frame), error);
}

bool socket_base::try_send(message&& m)
{
    std::error_code code;
    const bool sent = try_send(std::move(m), code);
    throw_if(code, "send");
    return sent;
}

bool socket_base::try_send(message&& m, std::error_code& error)
{
    error = core_->send(m, socket_core::do_not_wait);
    return is_done(error, std::make_error_code(std::errc::operation_would_block));
}

bool socket_base::send_for(message&& m, milliseconds timeout)
{
    std::error_code code;
    const bool sent = send_for(std::move(m), timeout, code);
    throw_if(code, "send");
    return sent;
}

bool socket_base::send_for(message&& m, milliseconds timeout, std::error_code& error)
{
    error = core_->send(m, limit_of(timeout));
    return is_done(error, errc::timed_out);
}

bool socket_base::can_send(std::string_view first_frame) const
{
    std::error_code code;
    const bool can = can_send(first_frame, code);
    throw_if(code, "send");
    return can;
}

bool socket_base::can_send(std::string_view first_frame, std::error_code& error) const
{
    error = core_->look_for_room(first_frame);
    return is_done(error, std::make_error_code(std::errc::operation_would_block));
}

bool socket_base::wait_for_room(std::string_view first_frame, milliseconds timeout)
{
    std::error_code code;
    const bool there = wait_for_room(first_frame, timeout, code);
    throw_if(code, "wait_for_room");
    return there;
}

bool socket_base::wait_for_room(
    std::string_view first_frame, milliseconds timeout, std::error_code& error)
{
    error = core_->wait_for(waiter::want::room, 0, first_frame, limit_of(timeout));
    return is_done(error, errc::timed_out);
}

// --- receiving -----------------------------------------------------------------------------------

message socket_base::receive()
{
    message m;
    if (!core_->receive_now(m)) [[unlikely]]
        throw_if(core_->receive(m, limit_of(core_->receive_timeout())), "receive");
    return m;
}

message socket_base::receive(std::error_code& error)
{
    message m;
    if (error)
        error.clear();
    if (!core_->receive_now(m)) [[unlikely]]
        error = core_->receive(m, limit_of(core_->receive_timeout()));
    return m;
}

std::optional<message> socket_base::try_receive()
{
    std::error_code code;
    std::optional<message> m = try_receive(code);
    throw_if(code, "receive");
    return m;
}

std::optional<message> socket_base::try_receive(std::error_code& error)
{
    std::optional<message> m{std::in_place};
    error = core_->receive(*m, socket_core::do_not_wait);
    if (!is_done(error, std::make_error_code(std::errc::operation_would_block)))
        m.reset();
    return m;
}

std::optional<message> socket_base::receive_for(milliseconds timeout)
{
    std::error_code code;
    std::optional<message> m = receive_for(timeout, code);
    throw_if(code, "receive");
    return m;
}

std::optional<message> socket_base::receive_for(milliseconds timeout, std::error_code& error)
{
    std::optional<message> m{std::in_place};
    error = core_->receive(*m, limit_of(timeout));
    if (!is_done(error, errc::timed_out))
        m.reset();
    return m;
}

// --- subscribing -----------------------------------------------------------------------------------

void socket_base::subscribe(std::string_view topic)
{
    throw_if(core_->subscribe(topic), "subscribe");
}

void socket_base::unsubscribe(std::string_view topic)
{
    throw_if(core_->unsubscribe(topic), "unsubscribe");
}

void socket_base::subscribe(std::string_view topic, std::error_code& error)
{
    error = core_->subscribe(topic);
}

void socket_base::unsubscribe(std::string_view topic, std::error_code& error)
{
    error = core_->unsubscribe(topic);
}

}  // namespace ferry
