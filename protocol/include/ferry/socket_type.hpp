// The socket types of ZeroMQ: their numbers, their names on the wire, and who may talk to whom.
#pragma once

#include <optional>
#include <string_view>

#include <ferry/detail/export.hpp>

namespace ferry
{

/// The twelve classic socket types. The values are those of libzmq's `ZMQ_*` constants and of
/// byte 11 in a ZMTP 2.0 greeting.
///
/// Spec:   RFC 28, 29, 30, 31 and 37 "Socket-Type".
/// libzmq: ZMQ_PAIR ... ZMQ_STREAM.
enum class socket_type
{
    pair = 0,
    pub = 1,
    sub = 2,
    req = 3,
    rep = 4,
    dealer = 5,
    router = 6,
    pull = 7,
    push = 8,
    xpub = 9,
    xsub = 10,
    stream = 11,
};

/// The name a READY command carries ("DEALER"); never empty.
[[nodiscard]] FERRY_API std::string_view to_string(socket_type type) noexcept;

/// The type with that wire name, exact upper case; empty for an unknown name.
[[nodiscard]] FERRY_API std::optional<socket_type> parse_socket_type(
    std::string_view name) noexcept;

/// Whether a socket of type `own` accepts a peer of type `peer` (symmetric). RFC 37 "Socket-Type".
[[nodiscard]] FERRY_API bool are_compatible(socket_type own, socket_type peer) noexcept;

}  // namespace ferry
