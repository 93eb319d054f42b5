#include "protocol/connection_state.hpp"

#include <new>
#include <utility>

#include <ferry/detail/message_access.hpp>
#include <ferry/error.hpp>

#include "protocol/octets.hpp"

namespace ferry::protocol
{

namespace
{

using detail::message_access;
using detail::message_role;

handshake_options take_handshake_options(connection_options& options)
{
    return {
        .type = options.type,
        .routing_id = std::move(options.routing_id),
        .properties = std::move(options.properties),
        .minor_version = options.minor_version,
        .mechanism = std::move(options.mechanism),
    };
}

bool publishes(socket_type type) noexcept
{
    return type == socket_type::pub || type == socket_type::xpub;
}

decoder_limits handshake_limits_of(const connection_options& options) noexcept
{
    return {options.max_handshake_size, options.max_handshake_size, 1};
}

decoder_limits traffic_limits_of(const connection_options& options) noexcept
{
    const std::uint64_t whole =
        options.limit_frames_only ? connection_options::unlimited : options.max_message_size;
    return {options.max_message_size, whole, options.max_message_frames};
}

std::error_code in_handshake(std::error_code error) noexcept
{
    const bool is_limit = error == protocol_errc::frame_too_large ||
        error == protocol_errc::message_too_large || error == protocol_errc::too_many_frames;
    return is_limit ? protocol_errc::handshake_too_large : error;
}

}  // namespace

connection_state::introduction::introduction(connection_options&& from, frame_encoder& out)
    : options(std::move(from)), machine(take_handshake_options(options), out)
{
}

connection_state::connection_state(connection_options options, time_point now)
    : publishes_(publishes(options.type)), sender_(options.copy_limit),
      introduction_(std::make_unique<introduction>(std::move(options), sender_.encoder()))
{
    const duration timeout = introduction_->options.handshake_timeout;
    if (timeout > duration::zero())
        introduction_->ends = now + timeout;
}

// --- octets in ---------------------------------------------------------------------------------

void connection_state::receive(std::span<const std::byte> octets, time_point now)
{
    if (phase_ == phase::closed || octets.empty())
        return;
    now_ = now;
    heartbeat_.on_received();
    if (phase_ == phase::handshake &&
        introduction_->machine.current() == handshake::state::greeting)
        input_ = octets;
    else
        decoder_.receive(octets);
}

event_kind connection_state::next_event(event& out)
{
    if (next_message(out.body))
        return out.kind = event_kind::message;
    try
    {
        out.kind = advance(out);
    }
    catch (const std::bad_alloc&)
    {
        fail(errc::out_of_memory);
        out.kind = take_end(out);
    }
    return out.kind;
}

event_kind connection_state::advance(event& out)
{
    if (phase_ == phase::handshake)
        continue_handshake();
    if (phase_ == phase::handshake)
        return event_kind::none;
    if (phase_ == phase::closed)
        return take_end(out);
    if (ready_due_ || catch_all_due_)
        return next_introduction(out);
    return next_traffic(out);
}

void connection_state::continue_handshake()
{
    if (introduction_->machine.current() == handshake::state::greeting && !take_greeting())
        return;
    message frame;
    while (phase_ == phase::handshake)
    {
        const decoded_kind kind = next_frame(frame);
        if (kind == decoded_kind::none)
            return;
        take_handshake_frame(kind, frame);
    }
}

// Whether the greeting is over, so that frames follow.
bool connection_state::take_greeting()
{
    handshake& machine = introduction_->machine;
    input_ = input_.subspan(machine.receive(input_, sender_.encoder()));
    check_handshake();
    if (phase_ == phase::closed || machine.current() == handshake::state::greeting)
        return false;

    speaks_ = machine.speaks();
    const bool is_1 = speaks_ == dialect::zmtp_1_0 || speaks_ == dialect::zmtp_revision_0;
    decoder_ = frame_decoder(
        is_1 ? framing::zmtp_1 : framing::zmtp_2, handshake_limits_of(introduction_->options));
    decoder_.set_frame_by_frame(true);
    decoder_.receive(machine.first_frame());
    return true;
}

void connection_state::take_handshake_frame(decoded_kind kind, const message& frame)
{
    if (kind == decoded_kind::error)
    {
        fail(in_handshake(decoder_.error()));
        return;
    }
    introduction_->machine.on_frame(frame.front().bytes(), sender_.encoder());
    check_handshake();
}

void connection_state::check_handshake()
{
    const handshake& machine = introduction_->machine;
    if (machine.current() == handshake::state::failed)
        fail(machine.error(), machine.reason());
    else if (machine.current() == handshake::state::ready)
        become_ready();
}

void connection_state::become_ready()
{
    handshake& machine = introduction_->machine;
    const decoder_limits limits = traffic_limits_of(introduction_->options);
    auto* const protects = machine.protection();
    sender_.begin(speaks_, protects);
    if (protects != nullptr)
    {
        protection_ = std::make_unique<protection>(
            protection{machine.take_mechanism(), protected_frames(*protects, limits)});
        decoder_.set_limits(protection_->frames.outer_limits());
    }
    else
    {
        decoder_.set_frame_by_frame(false);
        decoder_.set_limits(limits);
    }
    phase_ = phase::traffic;
    ready_due_ = true;
    catch_all_due_ = machine.result().subscribes_to_all;
    if (!peer_is_old())
        heartbeat_ = heartbeat(introduction_->options.heartbeat, now_);
    heartbeat_.set_reading_paused(paused_, now_);
}

event_kind connection_state::next_introduction(event& out)
{
    if (std::exchange(ready_due_, false))
    {
        out.handshake = introduction_->machine.take_result();
        introduction_.reset();
        return event_kind::ready;
    }
    catch_all_due_ = false;
    out.body = message_access::subscription(message_role::subscribe, "");
    return event_kind::message;
}

event_kind connection_state::next_traffic(event& out)
{
    for (;;)
    {
        const decoded_kind kind = next_frame(out.body);
        if (kind == decoded_kind::none)
            return event_kind::none;
        flows_ = !protection_;
        if (kind == decoded_kind::message)
            return event_kind::message;
        if (kind == decoded_kind::error)
        {
            fail(decoder_.error() ? decoder_.error() : error_);
            return take_end(out);
        }
        if (const event_kind said = on_command(out.body.front().bytes(), out);
            said != event_kind::none)
            return said;
    }
}

// Octets left over from the greeting come first. The peer's TTL, which a PING starts, is stopped by
// the very next frame, in the same read or not.
decoded_kind connection_state::next_frame(message& body)
{
    for (;;)
    {
        decoded_kind kind = decoder_.next(body);
        if (kind == decoded_kind::none && input_.empty())
            return kind;
        if (kind == decoded_kind::none)
        {
            decoder_.receive(std::exchange(input_, {}));
            continue;
        }
        heartbeat_.on_received();
        if (protection_ && kind == decoded_kind::command)
            kind = open(body);
        if (kind != decoded_kind::none)
            return kind;
    }
}

// `body` is a protected frame, and becomes what is inside. None: part of a message.
decoded_kind connection_state::open(message& body)
{
    decoded frame{decoded_kind::command, std::move(body), {}};
    protection_->frames.open(frame);
    body = std::move(frame.body);
    error_ = frame.error;
    return frame.kind;
}

event_kind connection_state::take_end(event& out) noexcept
{
    if (!std::exchange(end_due_, false))
        return event_kind::none;
    out.error = error_;
    out.reason = std::move(reason_);
    return event_kind::closed;
}

// RFC 37 "Commands": what is unknown, malformed or meant for other socket types is ignored.
event_kind connection_state::on_command(std::span<const std::byte> body, event& out)
{
    const auto command = parse_command(body);
    if (!command || peer_is_old())
        return event_kind::none;

    switch (command->kind)
    {
    case command_kind::ready: fail(protocol_errc::unexpected_command); return take_end(out);
    case command_kind::error:
        fail(protocol_errc::error_received, parse_error(command->data).value_or(""));
        return take_end(out);
    case command_kind::subscribe:
    case command_kind::cancel: return on_subscription(*command, out);
    case command_kind::ping: on_ping(*command); return event_kind::none;
    case command_kind::pong:
        if (const auto round_trip = heartbeat_.on_pong(now_))
        {
            out.round_trip = *round_trip;
            return event_kind::pong;
        }
        return event_kind::none;
    case command_kind::join:
    case command_kind::leave:
    case command_kind::unknown: return event_kind::none;
    }
    return event_kind::none;
}

event_kind connection_state::on_subscription(const command_view& command, event& out)
{
    if (!publishes_)
        return event_kind::none;
    const bool subscribes = command.kind == command_kind::subscribe;
    out.body = message_access::subscription(
        subscribes ? message_role::subscribe : message_role::cancel, as_text(command.data));
    return event_kind::message;
}

std::span<std::byte> connection_state::direct_buffer()
{
    if (phase_ != phase::traffic)
        return {};
    try
    {
        return decoder_.direct_buffer();
    }
    catch (const std::bad_alloc&)
    {
        fail(errc::out_of_memory);
        return {};
    }
}

void connection_state::received_directly(std::size_t size, time_point now)
{
    if (phase_ != phase::traffic || size == 0)
        return;
    now_ = now;
    heartbeat_.on_received();
    decoder_.received_directly(size);
}

// --- messages out ------------------------------------------------------------------------------

// Under protection a message that failed halfway has used up what its frames are counted with.
void connection_state::send_any(message&& m)
try
{
    if (phase_ == phase::traffic)
        sender_.send(std::move(m));
}
catch (const std::bad_alloc&)
{
    if (!protection_)
        throw;
    fail(errc::out_of_memory);
}

std::span<const std::span<const std::byte>> connection_state::next_output(std::size_t max_buffers)
try
{
    return sender_.output(max_buffers);
}
catch (const std::bad_alloc&)
{
    fail(errc::out_of_memory);
    return {};
}

void connection_state::written(std::size_t size)
try
{
    sender_.written(size);
}
catch (const std::bad_alloc&)
{
    fail(errc::out_of_memory);
}

// --- time --------------------------------------------------------------------------------------

std::optional<time_point> connection_state::deadline() const noexcept
{
    switch (phase_)
    {
    case phase::handshake: return introduction_->ends;
    case phase::traffic: return heartbeat_.deadline();
    case phase::closed: break;
    }
    return std::nullopt;
}

void connection_state::on_deadline(time_point now)
try
{
    if (phase_ == phase::handshake && introduction_->ends && *introduction_->ends <= now)
        fail(errc::handshake_timed_out);
    while (phase_ == phase::traffic)
    {
        const heartbeat_action due = heartbeat_.on_deadline(now);
        if (due == heartbeat_action::none)
            return;
        on_heartbeat(due);
    }
}
catch (const std::bad_alloc&)
{
    fail(errc::out_of_memory);
}

void connection_state::on_heartbeat(heartbeat_action due)
{
    switch (due)
    {
    case heartbeat_action::none: break;
    case heartbeat_action::send_ping: sender_.send_ping(heartbeat_.wire_ttl()); break;
    case heartbeat_action::send_pong: sender_.send_pong({}); break;
    case heartbeat_action::close: fail(errc::heartbeat_timed_out); break;
    }
}

void connection_state::on_ping(const command_view& command)
{
    const auto ping = parse_ping(command.data);
    if (!ping)
        return;
    heartbeat_.on_ping(ping->ttl_deciseconds, now_);
    flows_ = false;
    sender_.send_pong(ping->context);
}

void connection_state::set_reading_paused(bool paused, time_point now)
{
    paused_ = paused;
    heartbeat_.set_reading_paused(paused, now);
}

// --- security ----------------------------------------------------------------------------------

const security::authentication_request* connection_state::pending_authentication() const noexcept
{
    return phase_ == phase::handshake ? introduction_->machine.request() : nullptr;
}

void connection_state::authenticated(const security::authentication_reply& reply, time_point now)
try
{
    if (phase_ != phase::handshake)
        return;
    now_ = now;
    introduction_->machine.on_authenticated(reply, sender_.encoder());
    check_handshake();
}
catch (const std::bad_alloc&)
{
    fail(errc::out_of_memory);
}

// --- the end -----------------------------------------------------------------------------------

// The decoder stays as it is: a read into its direct_buffer() may be under way.
void connection_state::fail(std::error_code error, std::string_view reason) noexcept
{
    if (phase_ == phase::closed)
        return;
    phase_ = phase::closed;
    flows_ = false;
    end_due_ = true;
    error_ = error;
    input_ = {};
    try
    {
        reason_ = reason;
    }
    catch (const std::bad_alloc&)
    {
        reason_.clear();  // the error says enough
    }
}

bool connection_state::peer_is_old() const noexcept
{
    return speaks_ != dialect::zmtp_3_0 && speaks_ != dialect::zmtp_3_1;
}

}  // namespace ferry::protocol
