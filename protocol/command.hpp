// READY ERROR SUBSCRIBE CANCEL PING PONG JOIN LEAVE: the bodies of command frames, read and
// written. RFC 37 "Commands".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

namespace ferry::protocol
{

enum class command_kind : std::uint8_t
{
    unknown,  ///< well formed, but of no name that concerns us: to be ignored
    ready,
    error,
    subscribe,
    cancel,
    ping,
    pong,
    join,
    leave,
};

/// A command, looked at in place.
struct command_view
{
    command_kind kind = command_kind::unknown;
    std::string_view name;
    std::span<const std::byte> data;  ///< what follows the name
};

/// Splits a body into name and data. Names count upper and lower case. Empty: there is no name, or
/// its length leads beyond the body.
[[nodiscard]] std::optional<command_view> parse_command(std::span<const std::byte> body) noexcept;

/// What is wrong with a frame that came before the end of the handshake and is none of the
/// mechanism's commands: traffic_before_ready for message data (anything that does not parse) and
/// for commands of the traffic, else unexpected_command.
[[nodiscard]] std::error_code why_not_in_handshake(
    const std::optional<command_view>& command) noexcept;

struct ping_view
{
    std::uint16_t ttl_deciseconds = 0;
    std::span<const std::byte> context;  ///< to be echoed; cut to 16 octets, as libzmq does
};

inline constexpr std::size_t max_ping_context = 16;

/// The data of a PING; empty when it is too short to hold a TTL.
[[nodiscard]] std::optional<ping_view> parse_ping(std::span<const std::byte> data) noexcept;
/// The reason in the data of an ERROR; empty when it is cut off. Octets behind it are tolerated.
[[nodiscard]] std::optional<std::string_view> parse_error(std::span<const std::byte> data) noexcept;

/// Bodies of commands, ready for frame_encoder::command.
[[nodiscard]] std::vector<std::byte> make_command(
    std::string_view name, std::span<const std::byte> data);
[[nodiscard]] std::vector<std::byte> make_ready(std::span<const std::byte> metadata);
/// A reason is cut to 255 octets.
[[nodiscard]] std::vector<std::byte> make_error(std::string_view reason);
[[nodiscard]] std::vector<std::byte> make_subscribe(std::string_view topic);
[[nodiscard]] std::vector<std::byte> make_cancel(std::string_view topic);
[[nodiscard]] std::vector<std::byte> make_ping(
    std::uint16_t ttl_deciseconds, std::span<const std::byte> context = {});
[[nodiscard]] std::vector<std::byte> make_pong(std::span<const std::byte> context);
[[nodiscard]] std::vector<std::byte> make_join(std::string_view group);
[[nodiscard]] std::vector<std::byte> make_leave(std::string_view group);

}  // namespace ferry::protocol
