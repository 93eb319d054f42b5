// A connection with peers of every age: 1.0, 2.0, 3.0, 3.1, and revisions that nobody knows.
#include <memory>
#include <string>

#include <ferry/detail/encoded_run.hpp>
#include <ferry/detail/message_access.hpp>
#include <ferry/error.hpp>

#include "protocol/connection.hpp"
#include "tests/support/catch.hpp"
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

/// The next event is a subscription record.
void hears_subscription(scripted_peer& peer, message_role role, std::string_view topic)
{
    const event next = peer.hears();
    CHECK(next.kind == event_kind::message);
    CHECK(message_access::role(next.body) == role);
    CHECK(next.body == message(topic));
}

void send_subscription(scripted_peer& peer, message_role role, std::string_view topic)
{
    peer.subject.send(message_access::subscription(role, topic));
}

/// "a" "b" and then "c", as one run of encoded messages.
void send_run(scripted_peer& peer)
{
    detail::run_encoder maker;
    const auto first = maker.add(message::of("a", "b"));
    const auto second = maker.add("c");
    message slot;
    detail::encoded_run::begin(slot, first);
    detail::encoded_run::extend(slot, {static_cast<std::uint32_t>(second.end - first.begin), 2});
    peer.subject.send(detail::encoded_run::take(slot));
}

}  // namespace

TEST_CASE("a 2.0 peer: type octet, routing ids in frames, then messages (RFC 15)")
{
    scripted_peer peer({.type = socket_type::dealer, .routing_id = "us"});
    peer.expects("ff 00*7 03 7f");
    peer.sends("ff 00*8 7f").expects("03");
    peer.sends("01").expects("05");
    peer.sends("06").expects("00 02 'us'");
    peer.sends("00 04 'them'").expects_nothing();
    const event got = peer.hears();
    CHECK(got.kind == event_kind::ready);
    CHECK(got.handshake.version == zmtp_version{2, 0});
    CHECK(got.handshake.routing_id == "them");

    peer.sends("01 01 'a' 00 01 'b'").hears_message(message::of("a", "b"));
    peer.subject.send(message::of("c", ""));
    peer.expects("01 01 'c' 00 00");
}

TEST_CASE("a 2.0 peer's routing id may come in a long frame, and with MORE")
{
    for (const char* identity : {"00 01 'i'", "02 00*7 01 'i'", "01 01 'i'"})
    {
        scripted_peer peer(socket_type::router);
        peer.sends("ff 00*8 7f 01 05").sends(identity);
        CHECK(peer.hears().handshake.routing_id == "i");
        peer.sends("00 01 'm'").hears_message("m");
    }
}

TEST_CASE("commands of a 2.0 peer are not interpreted: dropped, never answered")
{
    scripted_peer peer({.type = socket_type::xpub, .heartbeat = {.interval = 1s, .timeout = 1s}});
    peer.sends("ff 00*8 7f 01 02 00 00").takes_all();
    CHECK(peer.hears().kind == event_kind::ready);

    peer.sends(command("PING", octets("00 01"))).expects_nothing().hears_nothing();
    peer.sends(command("SUBSCRIBE", octets("41"))).hears_nothing();
    peer.sends(command("READY")).hears_nothing();
    peer.passes(1h).expects_nothing().hears_nothing();
    CHECK(peer.subject.is_ready());
}

TEST_CASE("a 2.0 subscriber's messages reach the pattern as they are (edge case 53)")
{
    scripted_peer peer(socket_type::pub);
    peer.sends("ff 00*8 7f 01 02 00 00 00 02 01 41");
    CHECK(peer.hears().kind == event_kind::ready);

    const event got = peer.hears();
    CHECK(message_access::role(got.body) == message_role::data);
    CHECK(got.body ==
        message("\x01"
                "A"));
}

TEST_CASE("a 1.0 peer: routing ids, then frames that count their flags (RFC 13)")
{
    scripted_peer peer({.type = socket_type::pull, .routing_id = "us"});
    peer.expects("ff 00*7 03 7f");
    peer.sends("01").expects("'us'");
    peer.sends("00").expects_nothing();
    const event got = peer.hears();
    CHECK(got.kind == event_kind::ready);
    CHECK(got.handshake.version == zmtp_version{1, 0});
    CHECK(got.handshake.mechanism.empty());
    CHECK_FALSE(got.handshake.type);

    peer.sends("09 00 'anything'").hears_message("anything");
    peer.subject.send(message::of("a", "b"));
    peer.expects("02 01 'a' 02 00 'b'");
}

TEST_CASE("a 1.0 peer's identity and messages come out the same wherever they are cut "
          "(edge cases 1 and 3)")
{
    for (const char* identity : {"03 00 'me'", "ff 00*7 03 00 'me'"})
    {
        const auto all = join(octets(identity), octets("04 00 'one' 04 01 'two' 01 00"));
        for (std::size_t cut = 0; cut <= all.size(); ++cut)
        {
            scripted_peer peer(socket_type::router);
            const auto middle = all.begin() + static_cast<std::ptrdiff_t>(cut);
            peer.sends({all.begin(), middle}).sends({middle, all.end()});

            const event got = peer.hears();
            CHECK(got.kind == event_kind::ready);
            CHECK(got.handshake.routing_id == "me");
            peer.hears_message("one").hears_message(message::of("two", ""));
        }
    }
}

TEST_CASE("an anonymous 1.0 peer with a long header, and messages right behind it")
{
    scripted_peer peer(socket_type::pull);
    peer.sends("ff 00*7 01 00 02 00 'a'");

    CHECK(peer.hears().kind == event_kind::ready);
    peer.hears_message("a");
}

TEST_CASE("a 1.0 subscriber is subscribed to everything before its first message (edge case 11)")
{
    scripted_peer peer(socket_type::xpub);
    peer.sends("01 00 02 00 'm'");

    const event got = peer.hears();
    CHECK(got.kind == event_kind::ready);
    CHECK(got.handshake.subscribes_to_all);
    hears_subscription(peer, message_role::subscribe, "");
    peer.hears_message("m").hears_nothing();
}

TEST_CASE("a 1.0 peer of a socket that does not publish subscribes to nothing (edge case 11)")
{
    scripted_peer peer(socket_type::sub);
    peer.sends("01 00");

    CHECK_FALSE(peer.hears().handshake.subscribes_to_all);
    peer.hears_nothing();
}

TEST_CASE("an HTTP answer is taken for the frame of a 1.0 peer, and does no harm (edge case 2)")
{
    scripted_peer peer(socket_type::pull);
    peer.sends(octets_of("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n"
                         "Connection: close\r\n\r\n400 Bad Request"));

    CHECK(peer.hears().kind == event_kind::ready);
}

TEST_CASE("an old peer is ready for ever: its handshake timer does not run on (edge case 12)")
{
    for (const char* old : {"01 00", "ff 00*8 7f 01 08 00 00"})
    {
        scripted_peer peer(socket_type::pull);
        peer.sends(old);
        CHECK(peer.hears().kind == event_kind::ready);
        CHECK_FALSE(peer.subject.deadline());
        peer.passes(24h).hears_nothing();
    }
}

TEST_CASE("a 1.0 frame of length zero ends the connection")
{
    scripted_peer peer(socket_type::pull);
    peer.sends("01 00 00");

    CHECK(peer.hears().kind == event_kind::ready);
    peer.hears_end(protocol_errc::malformed_frame);
}

TEST_CASE("peers of revision 2 and of 4.0 and later are answered with 3.1 (edge case 6)")
{
    for (const unsigned major : {2u, 4u, 255u})
    {
        scripted_peer peer(socket_type::sub);
        peer.sends(join(greeting(major, 7), ready("PUB"))).takes_all();
        CHECK(peer.hears().kind == event_kind::ready);
        send_subscription(peer, message_role::subscribe, "A");
        peer.expects("04 0b 09 'SUBSCRIBE' 'A'");
    }
}

TEST_CASE("subscriptions to a 3.1 peer are commands, to 3.0 and older ones messages "
          "(octets seen on the wire)")
{
    scripted_peer newest(socket_type::sub);
    newest.is_ready_as("PUB");
    send_subscription(newest, message_role::subscribe, "A");
    newest.expects("04 0b 09 53 55 42 53 43 52 49 42 45 41");
    send_subscription(newest, message_role::cancel, "");
    newest.expects("04 07 06 43 41 4e 43 45 4c");

    scripted_peer older(socket_type::sub);
    older.minor_version = 0;
    older.is_ready_as("PUB");
    send_subscription(older, message_role::subscribe, "A");
    older.expects("00 02 01 41");
    send_subscription(older, message_role::cancel, "A");
    older.expects("00 02 00 41");

    scripted_peer oldest(socket_type::sub);
    oldest.sends("01 00").takes_all();
    send_subscription(oldest, message_role::subscribe, "A");
    oldest.expects("03 00 01 41");
}

TEST_CASE("what an XSUB application sends as 01 'top' stays a message (octets seen on the wire)")
{
    scripted_peer peer(socket_type::xsub);
    peer.is_ready_as("XPUB");
    peer.subject.send("\x01top");

    peer.expects("00 04 01 74 6f 70");
}

// --- runs of encoded messages ----------------------------------------------------------------------

TEST_CASE("a 1.0 peer takes no encoded messages, and gets frames of its own all the same")
{
    scripted_peer peer(socket_type::pub);
    CHECK_FALSE(peer.subject.takes_encoded());
    peer.sends("01 00").takes_all();
    CHECK(peer.hears().kind == event_kind::ready);
    CHECK_FALSE(peer.subject.takes_encoded());
    send_run(peer);
    peer.expects("02 01 'a' 02 00 'b' 02 00 'c'");
}

TEST_CASE("a 2.0 peer takes encoded messages once the handshake is done")
{
    scripted_peer peer(socket_type::pub);
    peer.sends("ff 00*8 7f 01 02");
    CHECK_FALSE(peer.subject.takes_encoded());
    peer.sends("00 00").takes_all();
    CHECK(peer.hears().kind == event_kind::ready);
    CHECK(peer.subject.takes_encoded());
    send_run(peer);
    peer.expects("01 01 'a' 00 01 'b' 00 01 'c'");
}

TEST_CASE("peers of 3.0 and 3.1 take encoded messages from the handshake to the end")
{
    for (const unsigned minor : {0u, 1u})
    {
        scripted_peer peer(socket_type::pub);
        peer.sends(greeting(3, minor)).takes_all();
        CHECK_FALSE(peer.subject.takes_encoded());
        send_run(peer);
        peer.expects_nothing();
        peer.sends(ready("SUB")).takes_all();
        CHECK(peer.hears().kind == event_kind::ready);
        CHECK(peer.subject.takes_encoded());
        send_run(peer);
        peer.expects("01 01 'a' 00 01 'b' 00 01 'c'");
        peer.sends("05 00").hears_end(protocol_errc::more_on_command);
        CHECK_FALSE(peer.subject.takes_encoded());
    }
}

TEST_CASE("a peer under protection takes no encoded messages, and gets protected frames all the "
          "same")
{
    scripted_peer peer(
        {.type = socket_type::pub, .mechanism = std::make_shared<const pretend_factory>()});
    peer.sends(greeting(3, 1, "PRETEND")).sends(command("HELLO", octets("'ada'")));
    peer.subject.authenticated({200, "Ada", {}}, peer.now);
    CHECK_FALSE(peer.subject.takes_encoded());
    peer.sends(command("INITIATE", property("Socket-Type", "SUB"))).takes_all();
    CHECK(peer.hears().kind == event_kind::ready);
    CHECK_FALSE(peer.subject.takes_encoded());
    send_run(peer);
    peer.expects(join(frame(0, hidden(1, octets_of("a"))), frame(0, hidden(0, octets_of("b"))),
        frame(0, hidden(0, octets_of("c")))));
}
