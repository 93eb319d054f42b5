// The bodies of command frames, read and written.
#include "protocol/command.hpp"

#include <array>
#include <string>
#include <utility>

#include <ferry/error.hpp>

#include "protocol/octets.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"

using namespace ferry::protocol;
using ferry::protocol_errc;
using ferry::test::octets;
using ferry::test::to_text;

namespace
{

constexpr std::array<std::pair<std::string_view, command_kind>, 8> names{{
    {"READY", command_kind::ready},
    {"ERROR", command_kind::error},
    {"SUBSCRIBE", command_kind::subscribe},
    {"CANCEL", command_kind::cancel},
    {"PING", command_kind::ping},
    {"PONG", command_kind::pong},
    {"JOIN", command_kind::join},
    {"LEAVE", command_kind::leave},
}};

}  // namespace

TEST_CASE("a command is a length, a name, and data (RFC 37 'Commands')")
{
    const auto body = octets("09 'SUBSCRIBE' 'topic'");
    const auto command = parse_command(body);

    REQUIRE(command);
    CHECK(command->kind == command_kind::subscribe);
    CHECK(command->name == "SUBSCRIBE");
    CHECK(as_text(command->data) == "topic");
}

TEST_CASE("every command that RFC 37 names is recognised, with and without data")
{
    for (const auto& [name, kind] : names)
    {
        CHECK(parse_command(make_command(name, {}))->kind == kind);
        CHECK(parse_command(make_command(name, octets("00 ff")))->kind == kind);
    }
}

TEST_CASE("names of commands count upper and lower case, and their whole length (edge case 21)")
{
    for (const char* body : {"04 'Ping'", "05 'ready'", "04 'PONg'", "05 'PING ' 00", "03 'PIN'"})
    {
        const auto octets_of_body = octets(body);
        CHECK(parse_command(octets_of_body)->kind == command_kind::unknown);
    }
}

TEST_CASE("an empty body, an empty name and a name beyond the body are no commands (edge case 20)")
{
    for (const char* body : {"", "00", "00 'PING'", "05 'PING'", "ff 'SUBSCRIBE'"})
        CHECK_FALSE(parse_command(octets(body)));
}

TEST_CASE("a command cut at any octet of its name is refused, and nothing beyond it is read")
{
    const auto whole = octets("05 'READY'");
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        CHECK_FALSE(parse_command(octets(to_text(std::span(whole).first(cut)))));
}

TEST_CASE("a PING has a TTL and a context of up to 16 octets; longer ones are cut (edge case 48)")
{
    const auto plain = octets("00 0f");
    CHECK(parse_ping(plain)->ttl_deciseconds == 15);
    CHECK(parse_ping(plain)->context.empty());

    for (std::size_t size : {1u, 15u, 16u, 17u, 300u})
    {
        auto data = octets("ff ff");
        data.resize(2 + size, std::byte{0x63});
        const auto ping = parse_ping(data);
        CHECK(ping->ttl_deciseconds == 65'535);
        CHECK(ping->context.size() == std::min<std::size_t>(size, 16));
    }
}

TEST_CASE("a PING too short to hold a TTL is malformed (edge case 48)")
{
    CHECK_FALSE(parse_ping({}));
    CHECK_FALSE(parse_ping(octets("01")));
}

TEST_CASE("the reason of an ERROR must be there; octets behind it are tolerated")
{
    const auto exact = octets("03 '400'");
    const auto trailing = octets("03 '400' 00 00");
    const auto empty = octets("00");
    CHECK(parse_error(exact) == "400");
    CHECK(parse_error(trailing) == "400");
    CHECK(parse_error(empty) == "");
    CHECK_FALSE(parse_error({}));
    CHECK_FALSE(parse_error(octets("03 '40'")));
}

TEST_CASE("commands are written as real peers write them (octets seen on the wire)")
{
    CHECK(make_subscribe("A") == octets("09 53 55 42 53 43 52 49 42 45 41"));
    CHECK(make_subscribe("") == octets("09 53 55 42 53 43 52 49 42 45"));
    CHECK(make_cancel("") == octets("06 43 41 4e 43 45 4c"));
    CHECK(make_ping(15) == octets("04 50 49 4e 47 00 0f"));
    CHECK(make_pong({}) == octets("04 50 4f 4e 47"));
    CHECK(make_error("400") == octets("05 45 52 52 4f 52 03 34 30 30"));
}

TEST_CASE("the other commands are a name and what it is about")
{
    CHECK(make_ready(octets("00 01")) == octets("05 'READY' 00 01"));
    CHECK(make_ping(0, octets("01 02")) == octets("04 'PING' 00 00 01 02"));
    CHECK(make_pong(octets("01 02")) == octets("04 'PONG' 01 02"));
    CHECK(make_join("group") == octets("04 'JOIN' 'group'"));
    CHECK(make_leave("group") == octets("05 'LEAVE' 'group'"));
}

TEST_CASE("a reason longer than its length octet can say is cut")
{
    const auto body = make_error(std::string(300, 'x'));

    CHECK(body.size() == 6 + 1 + 255);
    CHECK(parse_error(parse_command(body)->data) == std::string(255, 'x'));
}

TEST_CASE("frames that come before the end of the handshake are told apart")
{
    const auto why = [](std::string_view body) {
        const auto octets_of_body = octets(body);
        return why_not_in_handshake(parse_command(octets_of_body));
    };
    CHECK(why("'hello'") == protocol_errc::traffic_before_ready);
    CHECK(why("") == protocol_errc::traffic_before_ready);
    for (const char* name :
        {"09 'SUBSCRIBE'", "06 'CANCEL'", "04 'PING'", "04 'PONG'", "04 'JOIN'", "05 'LEAVE'"})
        CHECK(why(name) == protocol_errc::traffic_before_ready);
    for (const char* name : {"05 'READY'", "05 'ERROR'", "05 'HELLO'", "01 'x'"})
        CHECK(why(name) == protocol_errc::unexpected_command);
}
