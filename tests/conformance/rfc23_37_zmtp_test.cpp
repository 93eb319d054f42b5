// RFC 23 (ZMTP 3.0) and RFC 37 (ZMTP 3.1), clause by clause, on one connection without a network.
#include <array>
#include <string>
#include <utility>

#include <ferry/detail/message_access.hpp>
#include <ferry/error.hpp>

#include "protocol/connection.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/connection_pair.hpp"
#include "tests/support/pretend_security.hpp"
#include "tests/support/scripted_peer.hpp"

using namespace ferry;
using namespace ferry::protocol;
using namespace ferry::test;
using namespace std::chrono_literals;
using ferry::detail::message_access;
using ferry::detail::message_role;

namespace
{

connection_options pretending(socket_type type)
{
    return {.type = type, .mechanism = std::make_shared<const pretend_factory>()};
}

}  // namespace

// --- Formal Grammar, Greeting -----------------------------------------------------------------

TEST_CASE("RFC 37 'Formal Grammar': a connection is a greeting, a handshake, then traffic")
{
    scripted_peer peer(socket_type::push);
    peer.sends(join(greeting(), ready("PULL")));
    CHECK(peer.hears().kind == event_kind::ready);
    peer.subject.send("traffic");

    peer.expects(join(greeting(), ready("PUSH"), frame(0, "traffic")));
}

TEST_CASE("RFC 37 'Greeting': 64 octets: signature, version 3.1, mechanism, as-server, filler")
{
    scripted_peer peer(socket_type::pair);
    peer.sends(greeting());
    const auto said = peer.takes_all();

    REQUIRE(said.size() > 64);
    CHECK(to_text(std::span(said).first(64)) ==
        to_text(octets("ff 00*7 01 7f 03 01 'NULL' 00*16 00 00*31")));
}

TEST_CASE("RFC 37 'Greeting': mechanisms that differ end the connection")
{
    scripted_peer peer(socket_type::pair);
    peer.sends(greeting(3, 1, "CURVE")).hears_end(protocol_errc::mechanism_mismatch);
}

TEST_CASE("RFC 37 'Greeting': the mechanism's name is in capitals and compared as it stands")
{
    scripted_peer peer(socket_type::pair);
    peer.sends(greeting(3, 1, "null")).hears_end(protocol_errc::mechanism_mismatch);
}

// --- Version Negotiation ------------------------------------------------------------------------

TEST_CASE("RFC 37 'Version Negotiation': either side sends part of its greeting first and waits")
{
    scripted_peer peer(socket_type::pair);

    peer.expects("ff 00*7 01 7f");
}

TEST_CASE("RFC 37 'Version Negotiation': a higher version is met with our own highest")
{
    scripted_peer peer(socket_type::pair);
    peer.sends(join(greeting(3, 9), ready("PAIR"))).expects(join(greeting(), ready("PAIR")));

    CHECK(peer.hears().handshake.version == zmtp_version{3, 9});
}

TEST_CASE("RFC 37 'Version Negotiation': a lower version is met with that version: 3.0")
{
    scripted_peer peer(socket_type::sub);
    peer.minor_version = 0;
    peer.is_ready_as("PUB");
    peer.subject.send(message_access::subscription(message_role::subscribe, "A"));

    peer.expects(frame(0, octets("01 'A'")));
}

TEST_CASE("RFC 37 'Version Negotiation', RFC 15: a lower version is met with that version: 2.0")
{
    scripted_peer peer(socket_type::push);
    peer.sends("ff 00*8 7f 01 07 00 00");
    CHECK(peer.hears().kind == event_kind::ready);

    peer.expects("ff 00*7 01 7f 03 08 00 00");
}

TEST_CASE("RFC 37 'Version Negotiation', RFC 13: a peer without a signature is met with 1.0")
{
    scripted_peer peer(socket_type::push);
    peer.sends("01 00");
    CHECK(peer.hears().kind == event_kind::ready);
    peer.subject.send("hello");

    peer.expects("ff 00*7 01 7f 06 00 'hello'");
}

TEST_CASE("RFC 37 'Version Negotiation': security is not negotiated away by an old version")
{
    scripted_peer peer(pretending(socket_type::pull));

    peer.sends("ff 00*8 7f 01").hears_end(protocol_errc::unsupported_version);
}

// --- Framing ------------------------------------------------------------------------------------

TEST_CASE("RFC 37 'Framing': short frames up to 255 octets, long frames above")
{
    scripted_peer peer(socket_type::push);
    peer.is_ready_as("PULL");

    for (const std::size_t size : {0u, 1u, 255u, 256u, 70'000u})
    {
        peer.subject.send(message(std::string(size, 'x')));
        const auto size_octets = size > 255 ? join(octets("02"), integer(size, 8))
                                            : join(octets("00"), integer(size, 1));
        peer.expects(join(size_octets, octet_vector(size, std::byte{'x'})));
    }
}

TEST_CASE("RFC 37 'Framing': every frame of a message but the last has MORE")
{
    scripted_peer peer(socket_type::pair);
    peer.is_ready_as("PAIR");
    peer.subject.send(message::of("1", "2", "3"));
    peer.expects("01 01 '1' 01 01 '2' 00 01 '3'");

    peer.sends("01 01 '1' 01 01 '2'").hears_nothing();
    peer.sends("00 01 '3'").hears_message(message::of("1", "2", "3"));
}

TEST_CASE("RFC 37 'Framing': a command frame never has MORE")
{
    scripted_peer peer(socket_type::pair);
    peer.is_ready_as("PAIR");

    peer.sends("05 00").hears_end(protocol_errc::more_on_command);
}

TEST_CASE("RFC 37 'Formal Grammar': a size is at most 2^63-1")
{
    scripted_peer peer(socket_type::pair);
    peer.is_ready_as("PAIR");

    peer.sends("02 80 00*7").hears_end(protocol_errc::frame_size_overflow);
}

TEST_CASE("RFC 37 'Framing': reserved bits are never set by us, and ignored from others")
{
    scripted_peer peer(socket_type::pair);
    peer.is_ready_as("PAIR");
    peer.sends("f8 01 'x'").hears_message("x");
    peer.subject.send("x");

    peer.expects("00 01 'x'");
}

// --- Commands -----------------------------------------------------------------------------------

TEST_CASE(
    "RFC 37 'Commands': a name of 1 to 255 octets behind its length; unknown ones are ignored")
{
    scripted_peer peer(socket_type::pair);
    peer.is_ready_as("PAIR");
    peer.sends(command("X")).sends(command(std::string(255, 'N'), octets("01 02"))).hears_nothing();

    CHECK(peer.subject.is_ready());
}

TEST_CASE("RFC 37 'Commands': they may come at any time between frames")
{
    scripted_peer peer(socket_type::pair);
    peer.is_ready_as("PAIR");
    peer.sends(join(frame(1, "a"), command("PING", octets("00 00")), frame(0, "b")));

    peer.expects(command("PONG")).hears_message(message::of("a", "b"));
}

// --- NULL ---------------------------------------------------------------------------------------

TEST_CASE("RFC 37 'NULL': READY carries the metadata, either way")
{
    scripted_peer peer({.type = socket_type::req, .properties = {{"X-who", "us"}}});
    peer.sends(join(greeting(), ready("REP", property("X-who", "them"))));
    peer.expects(
        join(greeting(), ready("REQ", join(property("Identity", ""), property("X-who", "us")))));

    CHECK(peer.hears().handshake.properties.at(1).second == "them");
}

TEST_CASE("RFC 23 'NULL': neither side waits for the other's READY")
{
    connection_pair pair(socket_type::pub, socket_type::sub);

    CHECK(pair.is_ready());
}

TEST_CASE("RFC 37 'NULL': no message travels before both READYs did")
{
    scripted_peer peer(socket_type::push);
    peer.sends(greeting()).takes_all();
    peer.subject.send("too early");
    peer.expects_nothing();

    peer.sends(frame(0, "too early")).hears_end(protocol_errc::traffic_before_ready);
}

TEST_CASE("RFC 37 'NULL': ERROR, with a reason of up to 255 octets, may stand instead of READY")
{
    scripted_peer peer(socket_type::push);
    const std::string reason(255, 'r');
    peer.sends(greeting()).sends(command("ERROR", join(octets("ff"), octets_of(reason))));

    const event end = peer.hears();
    CHECK(end.error == protocol_errc::error_received);
    CHECK(end.reason == reason);
}

TEST_CASE("RFC 37 'NULL': READY comes once")
{
    scripted_peer peer(socket_type::push);
    peer.is_ready_as("PULL");

    peer.sends(ready("PULL")).hears_end(protocol_errc::unexpected_command);
}

// --- Metadata -----------------------------------------------------------------------------------

TEST_CASE("RFC 37 'Metadata': names of 1 to 255 octets, values of any octets")
{
    scripted_peer peer(socket_type::push);
    const std::string name(255, 'n');
    const std::string value("\0\xff\r\n", 4);
    peer.sends(join(greeting(), ready("PULL", join(property(name, value), property("X", "")))));

    const auto properties = peer.hears().handshake.properties;
    CHECK(properties.at(1) == std::pair{name, value});
    CHECK(properties.at(2) == std::pair{std::string("X"), std::string()});
}

TEST_CASE("RFC 37 'Metadata': a list that does not end with a property ends the connection")
{
    for (const char* rest : {"00", "01", "01 'X'", "01 'X' 00 00 00", "01 'X' 00 00 00 01"})
    {
        scripted_peer peer(socket_type::push);
        peer.sends(join(greeting(), ready("PULL", octets(rest))));
        peer.hears_end(protocol_errc::malformed_metadata);
    }
}

TEST_CASE("RFC 37 'Socket-Type': the valid combinations, and no others")
{
    constexpr std::array<std::pair<socket_type, socket_type>, 16> valid{{
        {socket_type::req, socket_type::rep},
        {socket_type::req, socket_type::router},
        {socket_type::rep, socket_type::dealer},
        {socket_type::dealer, socket_type::dealer},
        {socket_type::dealer, socket_type::router},
        {socket_type::router, socket_type::router},
        {socket_type::pub, socket_type::sub},
        {socket_type::pub, socket_type::xsub},
        {socket_type::xpub, socket_type::sub},
        {socket_type::xpub, socket_type::xsub},
        {socket_type::push, socket_type::pull},
        {socket_type::pair, socket_type::pair},
        // and the other way round, where it is another one
        {socket_type::sub, socket_type::pub},
        {socket_type::xsub, socket_type::pub},
        {socket_type::sub, socket_type::xpub},
        {socket_type::xsub, socket_type::xpub},
    }};
    const auto is_valid = [&](socket_type a, socket_type b) {
        for (const auto& [one, other] : valid)
        {
            if ((one == a && other == b) || (one == b && other == a))
                return true;
        }
        return false;
    };
    for (int a = 0; a <= static_cast<int>(socket_type::xsub); ++a)
    {
        for (int b = 0; b <= static_cast<int>(socket_type::xsub); ++b)
        {
            const auto one = static_cast<socket_type>(a);
            const auto other = static_cast<socket_type>(b);
            connection_pair pair(one, other);
            CHECK(pair.is_ready() == is_valid(one, other));
        }
    }
}

TEST_CASE("RFC 37 'Socket-Type': a combination that is not valid is told by ERROR, then closed")
{
    scripted_peer peer(socket_type::push);
    peer.sends(join(greeting(), ready("PUB")));

    peer.expects(
        join(greeting(), ready("PUSH"), command("ERROR", octets("18 'Incompatible socket type'"))));
    peer.hears_end(protocol_errc::incompatible_socket_type);
}

TEST_CASE("RFC 37 'Identity': REQ, DEALER and ROUTER say theirs, up to 255 octets")
{
    const std::string longest(255, 'i');
    scripted_peer dealer({.type = socket_type::dealer, .routing_id = longest});
    dealer.sends(join(greeting(), ready("ROUTER", property("Identity", longest))));
    CHECK(dealer.hears().handshake.routing_id == longest);
    const auto said = dealer.takes_all();
    CHECK(to_text(std::span(said).subspan(64)) ==
        to_text(ready("DEALER", property("Identity", longest))));

    scripted_peer router(socket_type::router);
    router.sends(join(greeting(), ready("DEALER", property("Identity", longest + 'i'))));
    router.hears_end(protocol_errc::invalid_identity);
}

// --- Connection Heartbeating --------------------------------------------------------------------

TEST_CASE("RFC 37 'Connection Heartbeating': PING is answered by PONG with the same context")
{
    scripted_peer peer(socket_type::pair);
    peer.is_ready_as("PAIR");
    for (std::size_t size = 0; size <= 16; ++size)
    {
        const octet_vector context(size, std::byte{0xc7});
        peer.sends(command("PING", join(octets("00 00"), context)));
        peer.expects(command("PONG", context));
    }
}

TEST_CASE("RFC 37 'Connection Heartbeating': a peer may be given up when its TTL has passed")
{
    scripted_peer peer(socket_type::pair);
    peer.is_ready_as("PAIR");
    peer.sends(command("PING", octets("00 0a")));

    peer.passes(999ms).hears_nothing();
    peer.passes(1ms).hears_end(errc::heartbeat_timed_out);
}

TEST_CASE("RFC 37 'Connection Heartbeating': our TTL is in tenths of a second")
{
    scripted_peer peer({.type = socket_type::pair, .heartbeat = {.interval = 1s, .ttl = 2500ms}});
    peer.is_ready_as("PAIR");

    peer.passes(1s).expects(command("PING", octets("00 19")));
}

// --- The Publish-Subscribe Pattern --------------------------------------------------------------

TEST_CASE("RFC 37 'Publish-Subscribe': SUBSCRIBE and CANCEL carry the topic, and may be empty")
{
    connection_pair pair(socket_type::sub, socket_type::xpub);
    REQUIRE(pair.is_ready());
    for (const auto role : {message_role::subscribe, message_role::cancel})
    {
        for (const std::size_t size : {0u, 1u, 245u, 246u, 255u, 256u, 100'000u})
        {
            const std::string topic(size, 't');
            pair.left.subject.send(message_access::subscription(role, topic));
            pair.exchange();

            const event got = pair.right.hears();
            CHECK(message_access::role(got.body) == role);
            CHECK(got.body == message(topic));
        }
    }
}

TEST_CASE("RFC 23 'Publish-Subscribe': in 3.0 a subscription is a message of 01 or 00 and a topic")
{
    scripted_peer peer({.type = socket_type::sub, .minor_version = 0});
    peer.is_ready_as("XPUB");
    peer.subject.send(message_access::subscription(message_role::subscribe, "topic"));
    peer.expects(frame(0, octets("01 'topic'")));
    peer.subject.send(message_access::subscription(message_role::cancel, "topic"));

    peer.expects(frame(0, octets("00 'topic'")));
}

// --- Security Handshake -------------------------------------------------------------------------

TEST_CASE("RFC 37 'Security Handshake': a mechanism's commands come before any message")
{
    scripted_peer peer(pretending(socket_type::pull));
    peer.sends(greeting(3, 1, "PRETEND"));

    peer.sends(frame(0, "m")).hears_end(protocol_errc::traffic_before_ready);
}
