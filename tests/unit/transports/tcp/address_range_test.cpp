#include "transports/tcp/address_range.hpp"

#include <string>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "transports/tcp/interfaces.hpp"

using namespace ferry::transports;

namespace
{

address_range range_of(std::string_view text)
{
    failure why;
    const auto range = parse_address_range(text, why);
    CAPTURE(text, why.detail);
    REQUIRE(range);
    CHECK(!why);
    return *range;
}

bool contains(std::string_view range, const std::string& address)
{
    failure why;
    const auto where = parse_tcp_connect_address("[" + address + "]:1", why);
    REQUIRE(where);
    const auto socket_address = literal_address(where->host, 1, why);
    REQUIRE(socket_address);
    return range_of(range).contains(*socket_address);
}

}  // namespace

TEST_CASE("a range holds the addresses that begin with the same bits, and no others")
{
    CHECK(contains("10.0.0.0/8", "10.0.0.0"));
    CHECK(contains("10.0.0.0/8", "10.255.255.255"));
    CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
    CHECK_FALSE(contains("10.0.0.0/8", "9.255.255.255"));
    CHECK(contains("192.0.2.4/31", "192.0.2.5"));
    CHECK_FALSE(contains("192.0.2.4/31", "192.0.2.6"));
    CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
    CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
}

TEST_CASE("of one address, every bit counts; of none, no bit")
{
    CHECK(contains("192.0.2.7", "192.0.2.7"));
    CHECK_FALSE(contains("192.0.2.7", "192.0.2.6"));
    CHECK(contains("192.0.2.7/32", "192.0.2.7"));
    CHECK_FALSE(contains("::1", "::2"));
    CHECK(contains("0.0.0.0/0", "203.0.113.9"));
    CHECK(contains("::/0", "2001:db8::1"));
}

TEST_CASE("bits set behind those that count do not matter")
{
    CHECK(contains("10.9.8.7/8", "10.1.2.3"));
    CHECK_FALSE(contains("10.9.8.7/8", "11.9.8.7"));
}

TEST_CASE("every length of a range ends where it says")
{
    for (unsigned bits = 1; bits <= 32; ++bits)
    {
        const std::uint32_t outside = std::uint32_t{1} << (32 - bits);
        std::string other;
        for (int shift = 24; shift >= 0; shift -= 8)
            other += (other.empty() ? "" : ".") + std::to_string(outside >> shift & 0xff);
        CAPTURE(bits, other);
        CHECK_FALSE(contains("0.0.0.0/" + std::to_string(bits), other));
        CHECK(contains("0.0.0.0/" + std::to_string(bits - 1), other));
    }
}

TEST_CASE("an IPv4 range is one of IPv4 addresses, whichever family the socket is of")
{
    CHECK(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
    CHECK_FALSE(contains("10.0.0.0/8", "::ffff:127.0.0.1"));
    CHECK_FALSE(contains("0.0.0.0/0", "::1"));
    CHECK_FALSE(contains("::1", "127.0.0.1"));
    CHECK(contains("::/0", "127.0.0.1"));
    CHECK(range_of("::ffff:10.0.0.0/104") == range_of("10.0.0.0/8"));
}

TEST_CASE("an address of no IP family is in no range")
{
    CHECK_FALSE(range_of("::/0").contains(socket_address::local("/tmp/socket")));
    CHECK_FALSE(range_of("::/0").contains(socket_address{}));
}

TEST_CASE("what is no range is refused, and named")
{
    using namespace std::string_literals;
    for (const std::string& text : {""s, "/8"s, "localhost"s, "*"s, "10.0.0.0/"s, "10.0.0.0/33"s,
             "10.0.0.0/-1"s, "10.0.0.0/+8"s, "10.0.0.0/8/8"s, "10.0.0.0/8 "s, " 10.0.0.0"s, "10/8"s,
             "10.0.0.0/x"s, "::1/129"s, "[::1]"s, "fe80::1%lo"s, "10.0.0.0\0/8"s,
             "10.0.0.0/4294967297"s, std::string(300, '1')})
    {
        failure why;
        CAPTURE(text);
        CHECK_FALSE(parse_address_range(text, why));
        CHECK(why.error == ferry::errc::invalid_argument);
        CHECK(why.detail.size() < 200);
        CHECK(why.detail.front() == '\'');
    }
}
