// Greeting, mechanism, READY.
#include "protocol/handshake.hpp"

#include <string>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/pretend_security.hpp"

using namespace ferry;
using namespace ferry::protocol;
using namespace ferry::test;
using state = handshake::state;

namespace
{

/// A handshake and what it writes.
struct rig
{
    explicit rig(handshake_options options) : subject(std::move(options), out) { said(); }
    explicit rig(socket_type type) : rig(handshake_options{.type = type}) {}

    octet_vector said()
    {
        octet_vector all;
        for (const auto& part : out.output(64))
            all.insert(all.end(), part.begin(), part.end());
        out.written(out.size());
        return all;
    }
    rig& greets(const octet_vector& in)
    {
        CHECK(subject.receive(in, out) <= in.size());
        return *this;
    }
    rig& frame(const octet_vector& body)
    {
        subject.on_frame(body, out);
        return *this;
    }
    rig& is_ready_with(const octet_vector& metadata)
    {
        return greets(greeting()).frame(command_body("READY", metadata));
    }

    frame_encoder out;
    handshake subject;
};

handshake_options pretending(socket_type type)
{
    return {.type = type, .mechanism = std::make_shared<const pretend_factory>()};
}

}  // namespace

TEST_CASE("READY is sent as soon as the peer's greeting is in, without waiting for its READY "
          "(edge case 25)")
{
    rig r(socket_type::rep);
    r.greets(greeting());

    CHECK(to_text(r.said()) == to_text(join(octets("03 01 'NULL' 00*48"), ready("REP"))));
    CHECK(r.subject.current() == state::mechanism);
}

TEST_CASE("the handshake is done with the peer's READY, and tells what it said")
{
    rig r(socket_type::router);
    r.is_ready_with(join(
        property("Socket-Type", "DEALER"), property("Identity", "me"), property("X-trace", "on")));

    CHECK(r.subject.current() == state::ready);
    CHECK(r.subject.speaks() == dialect::zmtp_3_1);
    CHECK(r.subject.result().type == socket_type::dealer);
    CHECK(r.subject.result().routing_id == "me");
    CHECK(r.subject.result().mechanism == "NULL");
    CHECK(r.subject.result().properties ==
        peer_properties::list{{"Socket-Type", "DEALER"}, {"Identity", "me"}, {"X-trace", "on"}});
    CHECK(r.subject.protection() == nullptr);
}

TEST_CASE("a peer that does not say its type is accepted (edge case 27)")
{
    rig r(socket_type::req);
    r.is_ready_with(property("socket-type", "PUB"));

    CHECK(r.subject.current() == state::ready);
    CHECK_FALSE(r.subject.result().type);
}

TEST_CASE("every pair of socket types is accepted or refused with ERROR (RFC 37 'Socket-Type', "
          "edge case 30)")
{
    for (int own = 0; own <= static_cast<int>(socket_type::xsub); ++own)
    {
        for (int peer = 0; peer <= static_cast<int>(socket_type::xsub); ++peer)
        {
            const auto own_type = static_cast<socket_type>(own);
            const auto peer_type = static_cast<socket_type>(peer);
            rig r(own_type);
            r.greets(greeting()).said();
            r.frame(command_body("READY", property("Socket-Type", to_string(peer_type))));

            const bool suits = are_compatible(own_type, peer_type);
            CHECK(r.subject.current() == (suits ? state::ready : state::failed));
            CHECK((r.subject.error() == protocol_errc::incompatible_socket_type) == !suits);
            CHECK(to_text(r.said()) ==
                (suits ? "" : to_text(command("ERROR", octets("18 'Incompatible socket type'")))));
        }
    }
}

TEST_CASE("a socket type in lower case, and one nobody knows, are mismatches (edge case 27)")
{
    for (const char* type : {"pull", "CLIENT", "", "PULL "})
    {
        rig r(socket_type::push);
        r.is_ready_with(property("Socket-Type", type));
        CHECK(r.subject.error() == protocol_errc::incompatible_socket_type);
    }
}

TEST_CASE("the last Identity counts, up to 255 octets; a longer one ends the handshake")
{
    rig two(socket_type::router);
    two.is_ready_with(join(property("Identity", "first"), property("Identity", "last")));
    CHECK(two.subject.result().routing_id == "last");

    rig longest(socket_type::router);
    longest.is_ready_with(property("Identity", std::string(255, 'i')));
    CHECK(longest.subject.result().routing_id.size() == 255);

    rig too_long(socket_type::router);
    too_long.is_ready_with(property("Identity", std::string(256, 'i')));
    CHECK(too_long.subject.error() == protocol_errc::invalid_identity);
}

TEST_CASE("metadata that does not parse ends the handshake (edge case 28)")
{
    rig r(socket_type::pull);
    r.is_ready_with(join(property("Socket-Type", "PUSH"), octets("00")));

    CHECK(r.subject.current() == state::failed);
    CHECK(r.subject.error() == protocol_errc::malformed_metadata);
}

TEST_CASE("ERROR instead of READY ends the handshake with its reason (edge case 33)")
{
    rig r(socket_type::pull);
    r.greets(greeting()).frame(octets("05 'ERROR' 03 '400'"));

    CHECK(r.subject.error() == protocol_errc::error_received);
    CHECK(r.subject.reason() == "400");
}

TEST_CASE("after the end no frame changes anything for the better")
{
    rig r(socket_type::pull);
    r.greets(greeting()).frame(command_body("HELLO"));
    CHECK(r.subject.error() == protocol_errc::unexpected_command);

    r.frame(command_body("READY"));
    CHECK(r.subject.current() == state::failed);

    rig done(socket_type::pull);
    done.is_ready_with({}).frame(command_body("READY"));
    CHECK(done.subject.current() == state::failed);
    CHECK(done.subject.error() == protocol_errc::unexpected_command);
}

TEST_CASE("a 2.0 peer gets our routing id as a frame at once, and is ready with its own")
{
    rig r({.type = socket_type::dealer, .routing_id = "us"});
    r.greets(octets("ff 00*8 7f 01 06"));
    CHECK(r.said() == octets("03 05 00 02 'us'"));
    CHECK(r.subject.current() == state::identity);

    r.frame(octets_of("them"));
    CHECK(r.subject.current() == state::ready);
    CHECK(r.subject.speaks() == dialect::zmtp_2_0);
    CHECK(r.subject.result().version == zmtp_version{2, 0});
    CHECK(r.subject.result().routing_id == "them");
    CHECK(r.subject.result().type == socket_type::router);
    CHECK(r.subject.result().mechanism.empty());
    CHECK(r.subject.result().properties.empty());
    CHECK_FALSE(r.subject.result().subscribes_to_all);
}

TEST_CASE("a 2.0 peer gets an empty frame where we have no routing id (octets seen on the wire)")
{
    rig r(socket_type::dealer);
    r.greets(octets("ff 00*8 7f 01 06"));

    CHECK(r.said() == octets("03 05 00 00"));
}

TEST_CASE("a 1.0 peer gets the octets of our routing id, whose header the signature was")
{
    rig named({.type = socket_type::dealer, .routing_id = "us"});
    CHECK(named.greets(octets("05")).said() == octets("'us'"));
    CHECK(to_text(named.subject.first_frame()) == "05");

    rig nameless(socket_type::dealer);
    CHECK(nameless.greets(octets("ff 00*7 01 00")).said().empty());
    CHECK(nameless.subject.first_frame().size() == 10);
    nameless.frame({});
    CHECK(nameless.subject.current() == state::ready);
    CHECK(nameless.subject.result().version == zmtp_version{1, 0});
}

TEST_CASE("revision 0 exchanges routing ids as 2.0 does, in frames of 1.0")
{
    rig r({.type = socket_type::pair, .routing_id = "us"});
    r.greets(octets("ff 00*8 7f 00 00"));

    CHECK(r.said() == octets("03 00 03 00 'us'"));
    CHECK(r.subject.current() == state::identity);
}

TEST_CASE("a 1.0 peer of a publisher subscribes to all, a 2.0 peer and others do not "
          "(edge case 11)")
{
    for (int own = 0; own <= static_cast<int>(socket_type::xsub); ++own)
    {
        const auto type = static_cast<socket_type>(own);
        const bool publishes = type == socket_type::pub || type == socket_type::xpub;
        rig one(type);
        one.greets(octets("01")).frame({});
        CHECK(one.subject.result().subscribes_to_all == publishes);

        rig two(type);
        two.greets(octets("ff 00*8 7f 01 02")).frame({});
        CHECK_FALSE(two.subject.result().subscribes_to_all);
    }
}

TEST_CASE("a routing id of an old peer may have 255 octets, and not more")
{
    rig fits(socket_type::router);
    fits.greets(octets("01")).frame(octet_vector(255));
    CHECK(fits.subject.current() == state::ready);

    rig too_long(socket_type::router);
    too_long.greets(octets("01")).frame(octet_vector(256));
    CHECK(too_long.subject.error() == protocol_errc::invalid_identity);
}

TEST_CASE("where security is asked for, old peers and other mechanisms are refused "
          "(edge cases 8 and 10)")
{
    for (const char* old : {"01", "ff 00*8 00", "ff 00*8 7f 01"})
    {
        rig r(pretending(socket_type::pull));
        r.greets(octets(old));
        CHECK(r.subject.error() == protocol_errc::unsupported_version);
    }
    rig r(pretending(socket_type::pull));
    r.greets(greeting());
    CHECK(r.subject.error() == protocol_errc::mechanism_mismatch);
}

TEST_CASE("a mechanism may ask about its peer and go on when the answer comes")
{
    rig r(pretending(socket_type::pull));
    r.greets(greeting(3, 1, "PRETEND")).said();
    CHECK(r.subject.request() == nullptr);

    r.frame(command_body("HELLO", octets_of("ada")));
    REQUIRE(r.subject.request() != nullptr);
    CHECK(r.subject.request()->credentials.at(0) == "ada");
    CHECK(r.said().empty());

    r.subject.on_authenticated({200, "Ada", {{"X-role", "admin"}}}, r.out);
    CHECK(r.subject.request() == nullptr);
    CHECK(r.said() == command("WELCOME"));

    r.frame(command_body("INITIATE", property("Socket-Type", "PUSH")));
    CHECK(r.said() == ready("PULL"));
    CHECK(r.subject.current() == state::ready);
    CHECK(r.subject.protection() != nullptr);
    CHECK(r.subject.result().mechanism == "PRETEND");
    CHECK(r.subject.result().properties ==
        peer_properties::list{{"User-Id", "Ada"}, {"X-role", "admin"}, {"Socket-Type", "PUSH"}});
}

TEST_CASE("a mechanism that refuses may have a last word")
{
    rig told(pretending(socket_type::pull));
    told.greets(greeting(3, 1, "PRETEND")).frame(command_body("HELLO")).said();
    told.subject.on_authenticated({.status = 400}, told.out);
    CHECK(told.subject.error() == protocol_errc::authentication_failed);
    CHECK(told.said() == command("ERROR", octets("03 '400'")));

    rig silent(pretending(socket_type::pull));
    silent.greets(greeting(3, 1, "PRETEND")).frame(command_body("HELLO")).said();
    silent.subject.on_authenticated({.status = 300}, silent.out);
    CHECK(silent.subject.current() == state::failed);
    CHECK(silent.said().empty());
}

TEST_CASE("an answer that nobody waits for is ignored")
{
    rig r(socket_type::pull);
    r.subject.on_authenticated({}, r.out);
    r.greets(greeting());
    r.subject.on_authenticated({}, r.out);

    CHECK(r.subject.current() == state::mechanism);
}

TEST_CASE("under another mechanism, too, a socket type that does not suit is refused")
{
    rig r(pretending(socket_type::pull));
    r.greets(greeting(3, 1, "PRETEND")).frame(command_body("HELLO"));
    r.subject.on_authenticated({.status = 200}, r.out);
    r.said();
    r.frame(command_body("INITIATE", property("Socket-Type", "PUB")));

    CHECK(r.subject.error() == protocol_errc::incompatible_socket_type);
    CHECK(r.said().empty());
}
