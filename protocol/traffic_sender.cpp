#include "protocol/traffic_sender.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <ferry/detail/encoded_run.hpp>
#include <ferry/detail/message_access.hpp>

#include "protocol/command.hpp"
#include "protocol/octets.hpp"

namespace ferry::protocol
{

namespace
{

using detail::message_access;
using detail::message_role;

constexpr std::size_t max_output_before_pong = 8192;

message subscription_message(message_role role, std::string_view topic)
{
    message m = message::allocate(topic.size() + 1);
    const std::span<std::byte> body = m.mutable_bytes();
    body[0] = role == message_role::subscribe ? std::byte{1} : std::byte{0};
    std::ranges::copy(as_octets(topic), body.begin() + 1);
    return m;
}

}  // namespace

void traffic_sender::begin(dialect speaks, security::traffic_protection* protection) noexcept
{
    speaks_ = speaks;
    protection_ = protection;
}

void traffic_sender::send(message&& m)
{
    if (m.empty())
        return;
    const message_role role = message_access::role(m);
    if (role == message_role::data)
    {
        send_frames(std::move(m));
        return;
    }
    if (role == message_role::encoded)
    {
        send_encoded(std::move(m));
        return;
    }
    const std::string_view topic = m.front().text();
    if (speaks_ != dialect::zmtp_3_1)
        send_frames(subscription_message(role, topic));
    else
        send_command(role == message_role::subscribe ? make_subscribe(topic) : make_cancel(topic));
}

void traffic_sender::send_ping(std::uint16_t ttl_deciseconds)
{
    send_command(make_ping(ttl_deciseconds));
}

void traffic_sender::send_pong(std::span<const std::byte> context)
{
    std::vector<std::byte> pong = make_pong(context);
    if (encoder_.size() > max_output_before_pong)
        late_pong_ = std::move(pong);
    else
        send_command(pong);
}

std::span<const std::span<const std::byte>> traffic_sender::output(std::size_t max_buffers)
{
    return encoder_.output(max_buffers);
}

void traffic_sender::written(std::size_t size)
{
    encoder_.written(size);
    if (late_pong_ && encoder_.size() <= max_output_before_pong)
        send_command(*std::exchange(late_pong_, std::nullopt));
}

void traffic_sender::send_frames(message&& m)
{
    if (protection_ != nullptr)
    {
        send_protected(m);
        m.clear();
    }
    else
        encoder_.message(std::move(m));
}

// A run may have been made for another connection of this pipe, in another dialect.
void traffic_sender::send_encoded(message&& run)
{
    if (takes_encoded())
        encoder_.encoded(std::move(run));
    else
    {
        detail::encoded_run::for_each(run, [this](message&& m) { send_frames(std::move(m)); });
        run.clear();
    }
}

void traffic_sender::send_command(std::span<const std::byte> body)
{
    if (protection_ != nullptr)
        encoder_.message(protection_->protect(body, false, true));
    else
        encoder_.command(body);
}

void traffic_sender::send_protected(const message& m)
{
    std::size_t left = m.size();
    for (const frame_view frame : m)
        encoder_.message(protection_->protect(frame.bytes(), --left > 0, false));
}

}  // namespace ferry::protocol
