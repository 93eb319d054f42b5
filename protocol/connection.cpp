#include "protocol/connection.hpp"

#include <utility>

#include "protocol/connection_state.hpp"

namespace ferry::protocol
{

connection::connection(connection_options options, time_point now)
    : state_(std::make_unique<connection_state>(std::move(options), now))
{
}

connection::~connection() = default;
connection::connection(connection&&) noexcept = default;
connection& connection::operator=(connection&&) noexcept = default;

void connection::receive(std::span<const std::byte> octets, time_point now)
{
    state_->receive(octets, now);
}

event_kind connection::next_event(event& out)
{
    return state_->next_event(out);
}

bool connection::next_message(message& out) noexcept
{
    return state_->next_message(out);
}

whole_messages connection::next_messages(std::uint32_t most) noexcept
{
    return state_->next_messages(most);
}

std::size_t connection::unconsumed() const noexcept
{
    return state_->unconsumed();
}

std::span<std::byte> connection::direct_buffer()
{
    return state_->direct_buffer();
}

void connection::received_directly(std::size_t size, time_point now)
{
    state_->received_directly(size, now);
}

bool connection::is_ready() const noexcept
{
    return state_->is_ready();
}

bool connection::takes_encoded() const noexcept
{
    return state_->takes_encoded();
}

void connection::send(message&& m)
{
    state_->send(std::move(m));
}

std::size_t connection::output_size() const noexcept
{
    return state_->output_size();
}

std::span<const std::span<const std::byte>> connection::next_output(std::size_t max_buffers)
{
    return state_->next_output(max_buffers);
}

void connection::written(std::size_t size)
{
    state_->written(size);
}

void connection::shrink() noexcept
{
    state_->shrink();
}

std::optional<time_point> connection::deadline() const noexcept
{
    return state_->deadline();
}

void connection::on_deadline(time_point now)
{
    state_->on_deadline(now);
}

void connection::set_reading_paused(bool paused, time_point now)
{
    state_->set_reading_paused(paused, now);
}

const security::authentication_request* connection::pending_authentication() const noexcept
{
    return state_->pending_authentication();
}

void connection::authenticated(const security::authentication_reply& reply, time_point now)
{
    state_->authenticated(reply, now);
}

}  // namespace ferry::protocol
