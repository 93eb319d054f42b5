#include "protocol/metadata.hpp"

#include <algorithm>

#include <ferry/error.hpp>

#include "protocol/octets.hpp"

namespace ferry::protocol
{

namespace
{

constexpr std::size_t name_count_size = 1;
constexpr std::size_t value_count_size = 4;
constexpr std::size_t max_name_size = 255;
constexpr std::size_t max_value_size = 0x7fff'ffff;

bool announces_identity(socket_type type) noexcept
{
    return type == socket_type::req || type == socket_type::dealer || type == socket_type::router;
}

void write_property(octet_writer& out, std::string_view name, std::string_view value)
{
    if (name.empty() || name.size() > max_name_size || value.size() > max_value_size)
        return;
    out.write_integer(name.size(), name_count_size).write(name);
    out.write_integer(value.size(), value_count_size).write(value);
}

auto has_name(std::string_view name) noexcept
{
    return [name](const auto& property) { return property.first == name; };
}

}  // namespace

metadata_result parse_metadata(std::span<const std::byte> octets)
{
    metadata_result result;
    octet_reader reader(octets);
    while (!reader.is_at_end())
    {
        const auto name = reader.read_counted(name_count_size);
        const auto value = name ? reader.read_counted(value_count_size) : std::nullopt;
        if (!value)
            return {{}, protocol_errc::malformed_metadata};
        if (result.properties.size() == max_properties)
            return {{}, protocol_errc::handshake_too_large};
        result.properties.emplace_back(as_text(*name), as_text(*value));
    }
    return result;
}

std::optional<std::string_view> find_first(
    const peer_properties::list& properties, std::string_view name) noexcept
{
    const auto found = std::find_if(properties.begin(), properties.end(), has_name(name));
    if (found == properties.end())
        return std::nullopt;
    return found->second;
}

std::optional<std::string_view> find_last(
    const peer_properties::list& properties, std::string_view name) noexcept
{
    const auto found = std::find_if(properties.rbegin(), properties.rend(), has_name(name));
    if (found == properties.rend())
        return std::nullopt;
    return found->second;
}

bool suits(const peer_properties::list& properties, socket_type own) noexcept
{
    return std::ranges::all_of(properties, [own](const auto& property) {
        if (property.first != socket_type_property)
            return true;
        const auto peer = parse_socket_type(property.second);
        return peer && are_compatible(own, *peer);
    });
}

std::vector<std::byte> encode_metadata(
    socket_type type, std::string_view routing_id, const peer_properties::list& further)
{
    octet_writer out;
    write_property(out, socket_type_property, to_string(type));
    if (announces_identity(type))
        write_property(out, identity_property, routing_id);
    for (const auto& [name, value] : further)
        write_property(out, name, value);
    return out.take();
}

}  // namespace ferry::protocol
