// One frame header of ZMTP 1.0: every RFC 13 framing rule is here.
#include "protocol/legacy/zmtp_1_frame.hpp"

#include <ferry/error.hpp>

#include "protocol/octets.hpp"

namespace ferry::protocol::legacy
{

namespace
{

constexpr std::byte long_length_mark{0xff};
constexpr std::byte flag_more{0x01};  // the others are reserved, and ignored as libzmq does

}  // namespace

// length(1) flags(1), or FF length(8) flags(1); the length counts the flags octet.
frame_header_result parse_zmtp_1_header(
    std::span<const std::byte> in, std::uint64_t max_body_size) noexcept
{
    if (in.empty())
        return {};

    const bool is_long = in[0] == long_length_mark;
    const std::size_t header_size = is_long ? zmtp_1_long_header_size : zmtp_1_short_header_size;
    if (in.size() < header_size - 1)
        return {};

    const std::uint64_t length =
        load_big_endian(is_long ? in.subspan(1, header_size - 2) : in.first(1));
    if (length == 0)
        return {{}, 0, protocol_errc::malformed_frame};
    const std::uint64_t body_size = length - 1;
    if (body_size > max_wire_size)
        return {{}, 0, protocol_errc::frame_size_overflow};
    if (body_size > max_body_size)
        return {{}, 0, protocol_errc::frame_too_large};

    if (in.size() < header_size)
        return {};
    const bool more = (in[header_size - 1] & flag_more) != std::byte{};
    return {{more, false, body_size}, header_size, {}};
}

std::size_t write_zmtp_1_header(
    std::span<std::byte, zmtp_1_long_header_size> out, const frame_header& header) noexcept
{
    const bool is_long = header.body_size > zmtp_1_max_short_body_size;
    const std::size_t size = is_long ? zmtp_1_long_header_size : zmtp_1_short_header_size;
    out[0] = long_length_mark;
    store_big_endian(is_long ? std::span<std::byte>(out).subspan(1, size - 2)
                             : std::span<std::byte>(out).first(1),
        header.body_size + 1);
    out[size - 1] = header.more ? flag_more : std::byte{};
    return size;
}

}  // namespace ferry::protocol::legacy
