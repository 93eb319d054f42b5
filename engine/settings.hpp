// The options of socket, bind and connect, checked and sorted by the room that obeys them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <ferry/options.hpp>
#include <ferry/socket_type.hpp>

#include "patterns/pattern.hpp"
#include "protocol/connection.hpp"
#include "transports/registry.hpp"

namespace ferry::detail
{

/// What is wrong with an option: "heartbeat_ttl must be 0 to 65500 ms". Empty: nothing.
[[nodiscard]] std::optional<std::string> find_mistake(
    socket_type type, const socket_options& options);
[[nodiscard]] std::optional<std::string> find_mistake(
    socket_type type, const socket_options& socket, const endpoint_options& options);

/// The socket's options with what one bind or connect overrides.
[[nodiscard]] socket_options merge(const socket_options& socket, const endpoint_options& overrides);

[[nodiscard]] patterns::pattern_options pattern_settings(
    const socket_options& options, std::uint32_t seed);
[[nodiscard]] protocol::connection_options connection_settings(
    socket_type type, const socket_options& options);
[[nodiscard]] transports::transport_options transport_settings(const socket_options& options);
/// Whether this socket's queues conflate: the option counts for some types only.
[[nodiscard]] bool conflates(socket_type type, const socket_options& options) noexcept;
/// Whether connections with these options carry octets without the protocol.
[[nodiscard]] bool is_raw(socket_type type, const socket_options& options) noexcept;
/// The linger in force: the option, or its default for the type.
[[nodiscard]] std::chrono::milliseconds effective_linger(
    socket_type type, const socket_options& options) noexcept;

/// The same after a raw peer was let go. Where sockets do not linger, answers are delivered all
/// the same.
[[nodiscard]] std::chrono::milliseconds farewell_limit(const socket_options& options) noexcept;

}  // namespace ferry::detail
