// One frame header: every RFC 37 framing rule is here.
#include "protocol/frame.hpp"

#include <ferry/error.hpp>

#include "protocol/octets.hpp"

namespace ferry::protocol
{

namespace
{

constexpr std::uint8_t flag_more = 0x01;
constexpr std::uint8_t flag_long = 0x02;
constexpr std::uint8_t flag_command = 0x04;  // the others are reserved, and ignored as libzmq does

frame_header_result fail(protocol_errc code) noexcept
{
    return {{}, 0, code};
}

}  // namespace

frame_header_result parse_frame_header(
    std::span<const std::byte> in, std::uint64_t max_body_size) noexcept
{
    if (in.empty())
        return {};

    const auto flags = std::to_integer<std::uint8_t>(in[0]);
    const bool more = flags & flag_more;
    const bool command = flags & flag_command;
    if (more && command)
        return fail(protocol_errc::more_on_command);

    const std::size_t header_size = flags & flag_long ? long_header_size : short_header_size;
    if (in.size() < header_size)
        return {};

    const std::uint64_t body_size = load_big_endian(in.subspan(1, header_size - 1));
    if (body_size > max_wire_size)
        return fail(protocol_errc::frame_size_overflow);
    if (body_size > max_body_size)
        return fail(protocol_errc::frame_too_large);

    return {{more, command, body_size}, header_size, {}};
}

std::size_t write_frame_header(
    std::span<std::byte, long_header_size> out, const frame_header& header) noexcept
{
    const bool is_long = header.body_size > max_short_body_size;
    const std::size_t size = is_long ? long_header_size : short_header_size;
    out[0] = static_cast<std::byte>(
        (header.more ? flag_more : 0) | (is_long ? flag_long : 0) |
        (header.command ? flag_command : 0));
    store_big_endian(out.subspan(1, size - 1), header.body_size);
    return size;
}

}  // namespace ferry::protocol
