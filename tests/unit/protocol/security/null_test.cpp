// NULL: READY each way, and nothing else.
#include "protocol/security/null.hpp"

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"

using namespace ferry;
using namespace ferry::protocol::security;
using namespace ferry::test;

namespace
{

std::unique_ptr<mechanism> make_null()
{
    mechanism_setup setup;
    setup.metadata = property("Socket-Type", "PAIR");
    return null_factory{}.make(std::move(setup));
}

}  // namespace

TEST_CASE("NULL has a name, and lets in peers that know no security")
{
    CHECK(null_factory{}.name() == "NULL");
    CHECK(null_factory{}.admits_old_peers());
}

TEST_CASE("NULL sends READY at once, and once (edge case 25)")
{
    const auto null = make_null();

    CHECK(null->produce() == command_body("READY", property("Socket-Type", "PAIR")));
    CHECK_FALSE(null->produce());
    CHECK(null->status() == mechanism_status::handshaking);
}

TEST_CASE("NULL is ready when READY was sent and received, in whichever order")
{
    const auto first_sent = make_null();
    static_cast<void>(first_sent->produce());
    CHECK_FALSE(first_sent->consume(command_body("READY")));
    CHECK(first_sent->status() == mechanism_status::ready);

    const auto first_received = make_null();
    CHECK_FALSE(first_received->consume(command_body("READY", property("X", "y"))));
    CHECK(first_received->status() == mechanism_status::handshaking);
    CHECK(to_text(*first_received->peer_metadata()) == to_text(property("X", "y")));
    static_cast<void>(first_received->produce());
    CHECK(first_received->status() == mechanism_status::ready);
}

TEST_CASE("a second READY is not expected, and neither is any other name (edge case 32)")
{
    const auto null = make_null();
    CHECK(null->consume(command_body("HELLO")) == protocol_errc::unexpected_command);
    CHECK_FALSE(null->consume(command_body("READY")));
    CHECK(null->consume(command_body("READY")) == protocol_errc::unexpected_command);
}

TEST_CASE("traffic before READY is told apart from a wrong command (edge case 24)")
{
    const auto null = make_null();
    CHECK(null->consume(command_body("SUBSCRIBE")) == protocol_errc::traffic_before_ready);
    CHECK(null->consume(octets_of("hello")) == protocol_errc::traffic_before_ready);
    CHECK(null->consume({}) == protocol_errc::traffic_before_ready);
}

TEST_CASE("ERROR ends the handshake and keeps its reason; one that is cut off is malformed "
          "(edge case 33)")
{
    const auto null = make_null();
    CHECK(null->consume(octets("05 'ERROR' 03 '400'")) == protocol_errc::error_received);
    CHECK(null->reason() == "400");

    CHECK(make_null()->consume(octets("05 'ERROR'")) == protocol_errc::malformed_command);
    CHECK(make_null()->consume(octets("05 'ERROR' 04 '400'")) == protocol_errc::malformed_command);
    CHECK(make_null()->consume(octets("05 'ERROR' 03 '400' 00")) == protocol_errc::error_received);
}

TEST_CASE("NULL asks nothing, protects nothing, and says why it refuses a peer")
{
    const auto null = make_null();

    CHECK(null->request() == nullptr);
    CHECK_FALSE(null->authenticated({}));
    CHECK(null->protection() == nullptr);
    CHECK(null->refuse("no") == octets("05 'ERROR' 02 'no'"));
}
