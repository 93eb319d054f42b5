// Sending and receiving, part by part over whole messages.
//
// The first part of several is checked as libzmq would check it: state, route, room. The message leaves with its last
// part.
#include <chrono>
#include <utility>

#include <zmq.h>

#include <ferry/error.hpp>

#include "engine/c_api/socket.hpp"

namespace ferry::c_api
{

namespace
{

using std::chrono::milliseconds;

bool does_not_wait(int flags, const std::atomic<int>& timeout) noexcept
{
    return (flags & ZMQ_DONTWAIT) != 0 || timeout.load(std::memory_order_relaxed) == 0;
}

bool is_worth_trying_again(std::error_code error) noexcept
{
    return error == std::errc::operation_would_block || error == errc::timed_out ||
        error == errc::interrupted || error == errc::would_deadlock || error == errc::out_of_memory;
}

}  // namespace

// --- sending -------------------------------------------------------------------------------------

bool c_socket::has_turns() const noexcept
{
    return type_ == ZMQ_REQ || type_ == ZMQ_REP;
}

// A request or reply that was received in part only has not been received yet.
bool c_socket::is_out_of_turn()
{
    if (!has_turns() || !has_parts_.load(std::memory_order_relaxed))
        return false;
    if (!is_relaxed_)
        return true;
    message rest;
    (void)take_rest(rest);
    return false;
}

std::error_code c_socket::after_waiting(std::error_code error, wait_type what)
{
    return error == errc::timed_out ? would_block(what) : error;
}

std::error_code c_socket::send_otherwise(message& part, int flags)
{
    if ((flags & ZMQ_SNDMORE) == 0 && !is_assembling_.load(std::memory_order_relaxed))
        return send_whole(part, flags);
    return add_part(part, flags);
}

std::error_code c_socket::send_whole(message& m, int flags)
{
    if (is_out_of_turn())
        return errc::wrong_state;
    std::error_code error;
    if (!does_not_wait(flags, send_timeout_))
    {
        face_.send(std::move(m), error);
        return error ? after_waiting(error, wait_type::writable) : error;
    }
    if (face_.try_send(std::move(m), error) || error)
        return error;
    return would_block(wait_type::writable);
}

std::error_code c_socket::add_part(message& part, int flags)
{
    const std::lock_guard lock(outgoing_mutex_);
    if (outgoing_.empty())
    {
        if (is_out_of_turn())
            return errc::wrong_state;
        if (const std::error_code error = wait_for_room(part.front().text(), flags))
            return error;
    }
    const bool is_last = (flags & ZMQ_SNDMORE) == 0 || (is_raw_ && !outgoing_.empty());
    if (is_last)
        return finish_assembly(part, flags);
    outgoing_.append(std::move(part));
    is_assembling_ = true;
    return {};
}

std::error_code c_socket::wait_for_room(std::string_view first_frame, int flags)
{
    std::error_code error;
    const bool has_room = does_not_wait(flags, send_timeout_)
        ? face_.can_send(first_frame, error)
        : face_.wait_for_room(first_frame, milliseconds(send_timeout_.load()), error);
    return has_room || error ? error : would_block(wait_type::writable);
}

// Once the first part was taken, libzmq takes the others, and drops them if their peer has left.
std::error_code c_socket::finish_assembly(message& last, int flags)
{
    message all = outgoing_;
    all.append(last);
    const std::error_code error = send_whole(all, flags);
    if (is_worth_trying_again(error))
        return error;
    outgoing_.clear();
    is_assembling_ = false;
    if (error && error != errc::no_route)
        return error;
    last.clear();
    return {};
}

bool c_socket::try_send(message& m, std::error_code& error)
{
    error = send_part(m, ZMQ_DONTWAIT);
    if (error == std::errc::operation_would_block)
    {
        error.clear();
        return false;
    }
    return !error;
}

std::error_code c_socket::send(message& m)
{
    return send_part(m, 0);
}

// --- receiving -----------------------------------------------------------------------------------

std::error_code c_socket::receive_whole(message& m, int flags)
{
    std::error_code error;
    if (!does_not_wait(flags, receive_timeout_))
    {
        m = face_.receive(error);
        return error ? after_waiting(error, wait_type::readable) : error;
    }
    std::optional<message> received = face_.try_receive(error);
    if (received)
        m = std::move(*received);
    if (received || error)
        return error;
    return would_block(wait_type::readable);
}

std::error_code c_socket::receive_otherwise(received_part& part, int flags)
{
    if (has_parts_.load(std::memory_order_relaxed))
        return next_part(part);
    if (const std::error_code error = receive_whole(part.whole, flags))
        return error;
    part.more = part.whole.size() > 1;
    if (part.more)
        keep_rest(part.whole);
    has_more_ = part.more;
    return {};
}

// Of a message whose first frame is taken.
void c_socket::keep_rest(const message& m)
{
    const std::lock_guard lock(incoming_mutex_);
    if (has_parts_)  // another thread receives, too, against the rules: nothing is lost
    {
        incoming_.append(m.slice(1));
        return;
    }
    incoming_ = m;
    next_part_ = 1;
    has_parts_ = true;
}

std::error_code c_socket::next_part(received_part& part)
{
    if (owner_->is_terminated())
        return errc::terminated;
    const std::lock_guard lock(incoming_mutex_);
    if (!has_parts_)  // another thread took it, against the rules
        return std::make_error_code(std::errc::operation_would_block);
    part.index = next_part_++;
    part.more = next_part_ < incoming_.size();
    if (part.more)
        part.whole = incoming_;
    else
        part.whole = std::exchange(incoming_, message());
    has_parts_ = part.more;
    has_more_ = part.more;
    return {};
}

bool c_socket::take_rest(message& m)
{
    if (!has_parts_.load(std::memory_order_relaxed))
        return false;
    const std::lock_guard lock(incoming_mutex_);
    m = incoming_.slice(next_part_);
    incoming_.clear();
    has_parts_ = false;
    has_more_ = false;
    return true;
}

std::optional<message> c_socket::try_receive(std::error_code& error)
{
    message m;
    error = take_rest(m) ? std::error_code() : receive_whole(m, ZMQ_DONTWAIT);
    if (!error)
        return m;
    if (error == std::errc::operation_would_block)
        error.clear();
    return {};
}

std::error_code c_socket::receive(message& m)
{
    return take_rest(m) ? std::error_code() : receive_whole(m, 0);
}

}  // namespace ferry::c_api
