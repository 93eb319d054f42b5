#include "protocol/frame.hpp"

#include <array>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"

using namespace ferry::protocol;
using ferry::protocol_errc;
using ferry::test::octet_vector;
using ferry::test::octets;

namespace
{

octet_vector written(const frame_header& header)
{
    std::array<std::byte, long_header_size> out;
    const std::size_t size = write_frame_header(out, header);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace

TEST_CASE("every flags octet is accepted or refused as RFC 37 'Framing' says")
{
    for (unsigned flags = 0; flags < 256; ++flags)
    {
        const std::array one{std::byte(flags)};
        const auto r = parse_frame_header(one, no_limit);

        const bool legal = (flags & 0x05) != 0x05;  // reserved bits are ignored, as libzmq does
        CHECK(!r.error == legal);
        CHECK(r.consumed == 0);
    }
}

TEST_CASE("every legal flags octet means what its three low bits say (RFC 37 'Framing')")
{
    for (unsigned flags = 0; flags < 256; ++flags)
    {
        if ((flags & 0x05) == 0x05)
            continue;
        const bool is_long = flags & 0x02;
        auto whole = octets(is_long ? "00 00 00 00 00 00 00 00 07 61" : "00 07 61");
        whole[0] = std::byte(flags);
        const auto r = parse_frame_header(whole, no_limit);
        CHECK(r.header.more == bool(flags & 0x01));
        CHECK(r.header.command == bool(flags & 0x04));
        CHECK(r.header.body_size == 7);
        CHECK(r.consumed == (is_long ? 9 : 2));
    }
}

TEST_CASE("a header cut at any octet asks for more and consumes nothing")
{
    const auto whole = octets("03  00 00 00 00 00 01 00 00");  // LONG|MORE, 65,536 octets
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
    {
        const auto r = parse_frame_header(std::span(whole).first(cut), no_limit);
        CHECK(!r.error);
        CHECK(r.consumed == 0);
    }
    CHECK(parse_frame_header(whole, no_limit).header.body_size == 65'536);
}

TEST_CASE("a size above 2^63-1 is refused even without a limit (RFC 37 'Formal Grammar')")
{
    const auto largest = parse_frame_header(octets("02 7f ff ff ff ff ff ff ff"), no_limit);
    CHECK(largest.header.body_size == 0x7fff'ffff'ffff'ffff);
    CHECK(parse_frame_header(octets("02 80 00 00 00 00 00 00 00"), no_limit).error ==
        protocol_errc::frame_size_overflow);
    CHECK(parse_frame_header(octets("02 ff ff ff ff ff ff ff ff"), no_limit).error ==
        protocol_errc::frame_size_overflow);
}

TEST_CASE("a size above the limit is refused, in either form and for commands too")
{
    CHECK(!parse_frame_header(octets("00 0a"), 10).error);
    CHECK(parse_frame_header(octets("00 0b"), 10).error == protocol_errc::frame_too_large);
    CHECK(parse_frame_header(octets("04 0b"), 10).error == protocol_errc::frame_too_large);
    CHECK(!parse_frame_header(octets("02 00 00 00 00 00 00 00 0a"), 10).error);
    CHECK(parse_frame_header(octets("02 00 00 00 00 00 00 00 0b"), 10).error ==
        protocol_errc::frame_too_large);
    CHECK(!parse_frame_header(octets("00 00"), 0).error);
}

TEST_CASE("a body of 255 octets has a short header, one of 256 a long one")
{
    CHECK(written({false, false, 0}) == octets("00 00"));
    CHECK(written({false, false, 255}) == octets("00 ff"));
    CHECK(written({false, false, 256}) == octets("02 00 00 00 00 00 00 01 00"));
    CHECK(written({true, false, 255}) == octets("01 ff"));
    CHECK(written({true, false, 256}) == octets("03 00 00 00 00 00 00 01 00"));
    CHECK(written({false, true, 255}) == octets("04 ff"));
    CHECK(written({false, true, 256}) == octets("06 00 00 00 00 00 00 01 00"));
}

TEST_CASE("what was written parses as itself")
{
    for (unsigned bit = 0; bit < 63; ++bit)
        for (const std::uint64_t size : {(std::uint64_t{1} << bit) - 1, std::uint64_t{1} << bit})
            for (const frame_header header : {frame_header{false, false, size},
                     frame_header{true, false, size}, frame_header{false, true, size}})
            {
                const auto out = written(header);
                const auto r = parse_frame_header(out, no_limit);
                CHECK(r.consumed == out.size());
                CHECK(r.header.more == header.more);
                CHECK(r.header.command == header.command);
                CHECK(r.header.body_size == size);
            }
}
