#include "protocol/legacy/zmtp_1_frame.hpp"

#include <array>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"

using namespace ferry::protocol;
using namespace ferry::protocol::legacy;
using ferry::protocol_errc;
using ferry::test::octet_vector;
using ferry::test::octets;

namespace
{

octet_vector written(const frame_header& header)
{
    std::array<std::byte, zmtp_1_long_header_size> out;
    const std::size_t size = write_zmtp_1_header(out, header);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace

TEST_CASE("a ZMTP 1.0 length counts the flags octet (RFC 13)")
{
    const auto r = parse_zmtp_1_header(octets("09 00 61 6e 79 74 68 69 6e 67"), no_limit);
    CHECK(r.consumed == 2);
    CHECK(r.header.body_size == 8);
    CHECK(!r.header.more);
    CHECK(parse_zmtp_1_header(octets("01 00"), no_limit).consumed == 2);
    CHECK(parse_zmtp_1_header(octets("fe 00"), no_limit).header.body_size == 253);
}

TEST_CASE("of a ZMTP 1.0 flags octet only MORE counts, whatever the other bits are")
{
    for (unsigned flags = 0; flags < 256; ++flags)
    {
        for (const char* start : {"05", "ff 00 00 00 00 00 00 00 05"})
        {
            auto whole = octets(start);
            whole.push_back(std::byte(flags));
            const auto r = parse_zmtp_1_header(whole, no_limit);
            CHECK(!r.error);
            CHECK(r.consumed == whole.size());
            CHECK(r.header.more == bool(flags & 0x01));
            CHECK(!r.header.command);
            CHECK(r.header.body_size == 4);
        }
    }
}

TEST_CASE("a ZMTP 1.0 header cut at any octet asks for more and consumes nothing")
{
    for (const char* text : {"05 01", "ff 00 00 00 00 00 01 00 00 01"})
    {
        const auto whole = octets(text);
        for (std::size_t cut = 0; cut < whole.size(); ++cut)
        {
            const auto r = parse_zmtp_1_header(std::span(whole).first(cut), no_limit);
            CHECK(!r.error);
            CHECK(r.consumed == 0);
        }
        CHECK(parse_zmtp_1_header(whole, no_limit).consumed == whole.size());
    }
}

TEST_CASE("a ZMTP 1.0 length of zero is refused as soon as it is known")
{
    CHECK(parse_zmtp_1_header(octets("00"), no_limit).error == protocol_errc::malformed_frame);
    CHECK(parse_zmtp_1_header(octets("ff 00 00 00 00 00 00 00 00"), no_limit).error ==
        protocol_errc::malformed_frame);
}

TEST_CASE("a ZMTP 1.0 length beyond the limit or 2^63 is refused as soon as it is known")
{
    CHECK(!parse_zmtp_1_header(octets("0b"), 10).error);
    CHECK(parse_zmtp_1_header(octets("0c"), 10).error == protocol_errc::frame_too_large);
    CHECK(parse_zmtp_1_header(octets("ff 00 00 00 00 00 00 00 0c"), 10).error ==
        protocol_errc::frame_too_large);
    CHECK(parse_zmtp_1_header(octets("ff 80 00 00 00 00 00 00 00 00"), no_limit).header.body_size ==
        max_wire_size);
    CHECK(parse_zmtp_1_header(octets("ff 80 00 00 00 00 00 00 01"), no_limit).error ==
        protocol_errc::frame_size_overflow);
    CHECK(parse_zmtp_1_header(octets("ff ff ff ff ff ff ff ff ff"), no_limit).error ==
        protocol_errc::frame_size_overflow);
}

TEST_CASE("a ZMTP 1.0 body of 253 octets has a short header, one of 254 a long one")
{
    CHECK(written({false, false, 0}) == octets("01 00"));
    CHECK(written({true, false, 253}) == octets("fe 01"));
    CHECK(written({false, false, 254}) == octets("ff 00 00 00 00 00 00 00 ff 00"));
    CHECK(written({true, false, 65'535}) == octets("ff 00 00 00 00 00 01 00 00 01"));
}

TEST_CASE("what was written for ZMTP 1.0 parses as itself")
{
    for (unsigned bit = 0; bit < 63; ++bit)
        for (const std::uint64_t size : {(std::uint64_t{1} << bit) - 1, std::uint64_t{1} << bit})
            for (const bool more : {false, true})
            {
                const auto out = written({more, false, size});
                const auto r = parse_zmtp_1_header(out, no_limit);
                CHECK(r.consumed == out.size());
                CHECK(r.header.more == more);
                CHECK(r.header.body_size == size);
            }
}
