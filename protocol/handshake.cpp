#include "protocol/handshake.hpp"

#include <algorithm>
#include <utility>

#include <ferry/error.hpp>

#include "protocol/metadata.hpp"
#include "protocol/octets.hpp"
#include "protocol/security/null.hpp"

namespace ferry::protocol
{

namespace
{

constexpr std::uint16_t status_accepted = 200;

handshake_options with_mechanism(handshake_options options)
{
    if (!options.mechanism)
        options.mechanism = std::make_shared<const security::null_factory>();
    return options;
}

own_greeting greeting_of(const handshake_options& options) noexcept
{
    return {
        .type = options.type,
        .routing_id_size = options.routing_id.size(),
        .mechanism = options.mechanism->name(),
        .admits_old_peers = options.mechanism->admits_old_peers(),
        .minor_version = options.minor_version,
    };
}

framing framing_of(dialect speaks) noexcept
{
    const bool is_1 = speaks == dialect::zmtp_1_0 || speaks == dialect::zmtp_revision_0;
    return is_1 ? framing::zmtp_1 : framing::zmtp_2;
}

}  // namespace

struct handshake::transition
{
    state from;
    input on;
    std::error_code (handshake::*act)(const occasion&);
    state to;
};

// The whole handshake. What is not listed is not allowed. RFC 37 "Overall Behavior".
const handshake::transition handshake::transitions[] = {
    {state::greeting, input::greeted_without_version, &handshake::send_identity_octets,
        state::identity},
    {state::greeting, input::greeted_old, &handshake::send_identity_frame, state::identity},
    {state::greeting, input::greeted, &handshake::start_mechanism, state::mechanism},
    {state::identity, input::frame, &handshake::take_identity, state::ready},
    {state::mechanism, input::frame, &handshake::take_command, state::mechanism},
    {state::mechanism, input::answer, &handshake::take_answer, state::mechanism},
    {state::mechanism, input::secured, &handshake::take_result, state::ready},
};

handshake::handshake(handshake_options options, frame_encoder& out)
    : options_(with_mechanism(std::move(options))), greeting_(greeting_of(options_))
{
    out.raw(greeting_.take_output());
}

std::size_t handshake::receive(std::span<const std::byte> octets, frame_encoder& out)
{
    const std::size_t taken = greeting_.receive(octets);
    out.raw(greeting_.take_output());
    if (greeting_.error())
    {
        error_ = greeting_.error();
        state_ = state::failed;
        return taken;
    }
    if (!greeting_.is_complete())
        return taken;

    result_.version = greeting_.peer().version;
    result_.type = greeting_.peer().type;
    out.set_framing(framing_of(speaks()));
    switch (speaks())
    {
    case dialect::zmtp_1_0: on(input::greeted_without_version, {out}); break;
    case dialect::zmtp_revision_0:
    case dialect::zmtp_2_0: on(input::greeted_old, {out}); break;
    case dialect::zmtp_3_0:
    case dialect::zmtp_3_1: on(input::greeted, {out}); break;
    }
    return taken;
}

void handshake::on_frame(std::span<const std::byte> body, frame_encoder& out)
{
    on(input::frame, {.out = out, .frame = body});
}

void handshake::on_authenticated(const security::authentication_reply& reply, frame_encoder& out)
{
    if (request() != nullptr)
        on(input::answer, {.out = out, .reply = &reply});
}

std::string_view handshake::reason() const noexcept
{
    return mechanism_ ? mechanism_->reason() : std::string_view{};
}

std::span<const std::byte> handshake::first_frame() const noexcept
{
    return greeting_.first_frame();
}

const security::authentication_request* handshake::request() const noexcept
{
    return state_ == state::mechanism ? mechanism_->request() : nullptr;
}

security::traffic_protection* handshake::protection() const noexcept
{
    return mechanism_ ? mechanism_->protection() : nullptr;
}

void handshake::on(input what, const occasion& with)
{
    const auto* const found = std::find_if(std::begin(transitions), std::end(transitions),
        [&](const transition& each) { return each.from == state_ && each.on == what; });
    if (found == std::end(transitions))
        error_ = protocol_errc::unexpected_command;
    else
        error_ = (this->*found->act)(with);

    state_ = error_ ? state::failed : found->to;
    if (state_ == state::mechanism && is_secured())
        on(input::secured, with);
}

// The signature was the header of a 1.0 frame; these octets are its body.
std::error_code handshake::send_identity_octets(const occasion& with)
{
    with.out.raw(as_octets(options_.routing_id));
    const bool publishes = options_.type == socket_type::pub || options_.type == socket_type::xpub;
    result_.subscribes_to_all = publishes;
    return {};
}

std::error_code handshake::send_identity_frame(const occasion& with)
{
    with.out.message(message(options_.routing_id));
    return {};
}

std::error_code handshake::take_identity(const occasion& with)
{
    if (with.frame.size() > max_identity_size)
        return protocol_errc::invalid_identity;
    result_.routing_id = as_text(with.frame);
    return {};
}

// READY does not wait for the peer's: two that wait would wait for ever.
std::error_code handshake::start_mechanism(const occasion& with)
{
    mechanism_ = options_.mechanism->make({
        .type = options_.type,
        .routing_id = options_.routing_id,
        .metadata = encode_metadata(options_.type, options_.routing_id, options_.properties),
    });
    result_.mechanism = options_.mechanism->name();
    send_commands(with);
    return {};
}

std::error_code handshake::take_command(const occasion& with)
{
    return go_on(mechanism_->consume(with.frame), with);
}

std::error_code handshake::take_answer(const occasion& with)
{
    if (with.reply->status == status_accepted)
    {
        granted_ = with.reply->properties;
        granted_.emplace(granted_.begin(), "User-Id", with.reply->user_id);
    }
    return go_on(mechanism_->authenticated(*with.reply), with);
}

// A mechanism that fails may have last words; a peer that does not suit has heard ours.
std::error_code handshake::go_on(std::error_code outcome, const occasion& with)
{
    if (!outcome)
        outcome = check_peer(with);
    if (outcome != protocol_errc::incompatible_socket_type)
        send_commands(with);
    return outcome;
}

std::error_code handshake::take_result(const occasion&)
{
    result_.properties.insert(result_.properties.begin(), granted_.begin(), granted_.end());
    return {};
}

// RFC 37 "Socket-Type": a peer that does not suit is told so with an ERROR, and left.
std::error_code handshake::check_peer(const occasion& with)
{
    const auto metadata = mechanism_->peer_metadata();
    if (peer_checked_ || !metadata || request() != nullptr)
        return {};
    peer_checked_ = true;

    metadata_result parsed = parse_metadata(*metadata);
    if (parsed.error)
        return parsed.error;
    if (!suits(parsed.properties, options_.type))
    {
        if (const auto refusal = mechanism_->refuse("Incompatible socket type"))
            with.out.command(*refusal);
        return protocol_errc::incompatible_socket_type;
    }
    const auto identity = find_last(parsed.properties, identity_property).value_or("");
    if (identity.size() > max_identity_size)
        return protocol_errc::invalid_identity;

    result_.routing_id = identity;
    result_.type =
        parse_socket_type(find_first(parsed.properties, socket_type_property).value_or(""));
    result_.properties = std::move(parsed.properties);
    return {};
}

void handshake::send_commands(const occasion& with)
{
    while (const auto command = mechanism_->produce())
        with.out.command(*command);
}

bool handshake::is_secured() const noexcept
{
    return mechanism_->status() == security::mechanism_status::ready;
}

}  // namespace ferry::protocol
