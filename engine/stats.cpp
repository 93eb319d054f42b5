// The numbers' names, and the way to them.
#include <ferry/stats.hpp>

#include <ferry/socket.hpp>

#include "engine/socket_core.hpp"

namespace ferry
{

namespace
{

// The patterns' reasons, as they count them, are the public ones.
template <class Public, class Patterns>
constexpr bool is_same(Public ours, Patterns theirs) noexcept
{
    return static_cast<int>(ours) == static_cast<int>(theirs);
}
using counted = patterns::drop_reason;
static_assert(drop_reason_count == patterns::drop_reason_count);
static_assert(is_same(drop_reason::no_subscriber, counted::no_subscriber));
static_assert(is_same(drop_reason::subscriber_full, counted::subscriber_full));
static_assert(is_same(drop_reason::unroutable, counted::unroutable));
static_assert(is_same(drop_reason::peer_full, counted::peer_full));
static_assert(is_same(drop_reason::peer_gone, counted::peer_gone));
static_assert(is_same(drop_reason::not_subscribed, counted::not_subscribed));
static_assert(is_same(drop_reason::malformed, counted::malformed));
static_assert(is_same(drop_reason::stale_reply, counted::stale_reply));
static_assert(is_same(drop_reason::unexpected_input, counted::unexpected_input));
static_assert(is_same(drop_reason::conflated, counted::conflated));
static_assert(is_same(drop_reason::disconnected, counted::disconnected));

}  // namespace

const char* to_string(drop_reason why) noexcept
{
    switch (why)
    {
    case drop_reason::no_subscriber: return "no_subscriber";
    case drop_reason::subscriber_full: return "subscriber_full";
    case drop_reason::unroutable: return "unroutable";
    case drop_reason::peer_full: return "peer_full";
    case drop_reason::peer_gone: return "peer_gone";
    case drop_reason::not_subscribed: return "not_subscribed";
    case drop_reason::malformed: return "malformed";
    case drop_reason::stale_reply: return "stale_reply";
    case drop_reason::unexpected_input: return "unexpected_input";
    case drop_reason::conflated: return "conflated";
    case drop_reason::disconnected: return "disconnected";
    }
    return "unknown";
}

const char* to_string(handshake_failure why) noexcept
{
    switch (why)
    {
    case handshake_failure::timed_out: return "timed_out";
    case handshake_failure::connection_lost: return "connection_lost";
    case handshake_failure::incompatible_type: return "incompatible_type";
    case handshake_failure::mechanism_mismatch: return "mechanism_mismatch";
    case handshake_failure::not_authenticated: return "not_authenticated";
    case handshake_failure::refused_by_peer: return "refused_by_peer";
    case handshake_failure::refused_here: return "refused_here";
    case handshake_failure::broke_protocol: return "broke_protocol";
    case handshake_failure::other: return "other";
    }
    return "unknown";
}

socket_stats socket_base::stats() const
{
    return core_->stats();
}

std::vector<peer_stats> socket_base::peers() const
{
    return core_->peers();
}

bool socket_base::disconnect(peer_id peer)
{
    std::error_code code;
    const bool found = disconnect(peer, code);
    if (code)
        throw error(code, "disconnect");
    return found;
}

bool socket_base::disconnect(peer_id peer, std::error_code& error)
{
    return core_->disconnect(peer, error);
}

}  // namespace ferry
