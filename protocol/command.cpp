#include "protocol/command.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <ferry/error.hpp>

#include "protocol/octets.hpp"

namespace ferry::protocol
{

namespace
{

constexpr std::size_t max_short_text = 255;  // behind a length of one octet

constexpr std::array<std::pair<std::string_view, command_kind>, 8> known_commands{{
    {"READY", command_kind::ready},
    {"ERROR", command_kind::error},
    {"SUBSCRIBE", command_kind::subscribe},
    {"CANCEL", command_kind::cancel},
    {"PING", command_kind::ping},
    {"PONG", command_kind::pong},
    {"JOIN", command_kind::join},
    {"LEAVE", command_kind::leave},
}};

command_kind kind_of(std::string_view name) noexcept
{
    for (const auto& [known, kind] : known_commands)
    {
        if (known == name)
            return kind;
    }
    return command_kind::unknown;
}

}  // namespace

std::optional<command_view> parse_command(std::span<const std::byte> body) noexcept
{
    octet_reader reader(body);
    const auto name = reader.read_counted(1);
    if (!name || name->empty())
        return std::nullopt;
    return command_view{kind_of(as_text(*name)), as_text(*name), reader.rest()};
}

std::error_code why_not_in_handshake(const std::optional<command_view>& command) noexcept
{
    if (!command)
        return protocol_errc::traffic_before_ready;
    switch (command->kind)
    {
    case command_kind::unknown:
    case command_kind::ready:
    case command_kind::error: return protocol_errc::unexpected_command;
    case command_kind::subscribe:
    case command_kind::cancel:
    case command_kind::ping:
    case command_kind::pong:
    case command_kind::join:
    case command_kind::leave: return protocol_errc::traffic_before_ready;
    }
    return protocol_errc::unexpected_command;
}

std::optional<ping_view> parse_ping(std::span<const std::byte> data) noexcept
{
    octet_reader reader(data);
    const auto ttl = reader.read_integer(2);
    if (!ttl)
        return std::nullopt;
    const std::size_t context_size = std::min(reader.rest().size(), max_ping_context);
    return ping_view{static_cast<std::uint16_t>(*ttl), reader.rest().first(context_size)};
}

std::optional<std::string_view> parse_error(std::span<const std::byte> data) noexcept
{
    const auto reason = octet_reader(data).read_counted(1);
    if (!reason)
        return std::nullopt;
    return as_text(*reason);
}

std::vector<std::byte> make_command(std::string_view name, std::span<const std::byte> data)
{
    octet_writer body;
    body.write_integer(name.size(), 1).write(name).write(data);
    return body.take();
}

std::vector<std::byte> make_ready(std::span<const std::byte> metadata)
{
    return make_command("READY", metadata);
}

std::vector<std::byte> make_error(std::string_view reason)
{
    reason = reason.substr(0, max_short_text);
    octet_writer data;
    data.write_integer(reason.size(), 1).write(reason);
    return make_command("ERROR", data.take());
}

std::vector<std::byte> make_subscribe(std::string_view topic)
{
    return make_command("SUBSCRIBE", as_octets(topic));
}

std::vector<std::byte> make_cancel(std::string_view topic)
{
    return make_command("CANCEL", as_octets(topic));
}

std::vector<std::byte> make_ping(std::uint16_t ttl_deciseconds, std::span<const std::byte> context)
{
    octet_writer data;
    data.write_integer(ttl_deciseconds, 2).write(context);
    return make_command("PING", data.take());
}

std::vector<std::byte> make_pong(std::span<const std::byte> context)
{
    return make_command("PONG", context);
}

std::vector<std::byte> make_join(std::string_view group)
{
    return make_command("JOIN", as_octets(group));
}

std::vector<std::byte> make_leave(std::string_view group)
{
    return make_command("LEAVE", as_octets(group));
}

}  // namespace ferry::protocol
