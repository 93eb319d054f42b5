// Behind the facade: what traffic and handshakes may and may not be, two of us, and security.
#include "protocol/connection_state.hpp"

#include <string>

#include <ferry/detail/message_access.hpp>
#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/connection_pair.hpp"
#include "tests/support/pretend_security.hpp"
#include "tests/support/scripted_peer.hpp"
#include "tests/unit/protocol/allocation_count.hpp"

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

}  // namespace

// --- what traffic may be -------------------------------------------------------------------------

TEST_CASE("SUBSCRIBE and CANCEL reach publishers as subscription records (edge case 53)")
{
    for (const auto type : {socket_type::pub, socket_type::xpub})
    {
        for (const unsigned minor : {0u, 1u})
        {
            scripted_peer peer(type);
            peer.minor_version = minor;
            peer.is_ready_as("SUB");
            peer.sends(join(command("SUBSCRIBE", octets_of("top")), command("CANCEL")));
            hears_subscription(peer, message_role::subscribe, "top");
            hears_subscription(peer, message_role::cancel, "");

            peer.sends(frame(0, octets("01 'x'")));
            const event as_message = peer.hears();
            CHECK(message_access::role(as_message.body) == message_role::data);
        }
    }
}

TEST_CASE("SUBSCRIBE and CANCEL are ignored by every other type (edge case 104)")
{
    for (const auto& [own, peer_type] : {std::pair{socket_type::pull, "PUSH"},
             std::pair{socket_type::sub, "PUB"}, std::pair{socket_type::xsub, "XPUB"},
             std::pair{socket_type::router, "DEALER"}, std::pair{socket_type::pair, "PAIR"}})
    {
        scripted_peer peer(own);
        peer.is_ready_as(peer_type);
        peer.sends(join(command("SUBSCRIBE", octets_of("a")), command("CANCEL"))).hears_nothing();
        CHECK(peer.subject.is_ready());
    }
}

TEST_CASE("unknown, empty and overlong commands are ignored, and so is wrong case "
          "(edge cases 20 and 21)")
{
    scripted_peer peer(socket_type::xpub);
    peer.is_ready_as("SUB");

    for (const char* body : {"", "00", "ff 'X'", "05 'HELLO'", "04 'ping' 00 00", "04 'JOIN' 'g'",
             "05 'LEAVE' 'g'", "09 'subscribe' 'a'"})
        peer.sends(frame(4, octets(body))).hears_nothing().expects_nothing();
    CHECK(peer.subject.is_ready());
}

TEST_CASE("commands between the frames of a message leave it whole (edge case 19)")
{
    scripted_peer peer(socket_type::xpub);
    peer.is_ready_as("XSUB");
    peer.sends(join(frame(1, "a"), command("PING", octets("00 00")), frame(1, "b"),
        command("SUBSCRIBE", octets_of("t")), frame(0, "c")));

    hears_subscription(peer, message_role::subscribe, "t");
    peer.hears_message(message::of("a", "b", "c"));
    peer.expects(command("PONG"));
}

TEST_CASE("a command frame with MORE ends the connection (edge case 22)")
{
    scripted_peer peer(socket_type::pull);
    peer.is_ready_as("PUSH");

    peer.sends("05 05 04 'PING'").hears_end(protocol_errc::more_on_command);
}

TEST_CASE("the long form of a small frame, and reserved flags, are accepted (edge cases 14, 15)")
{
    scripted_peer peer(socket_type::pull);
    peer.is_ready_as("PUSH");
    peer.sends("02 00*7 01 'a'").hears_message("a");
    peer.sends("f8 01 'b'").hears_message("b");
    peer.sends("06 00*7 07 04 'PING' 00 00").expects(command("PONG"));
}

TEST_CASE("frames of length zero are legal everywhere (edge case 16)")
{
    scripted_peer peer(socket_type::pull);
    peer.is_ready_as("PUSH");

    peer.sends("01 00 01 00 00 00").hears_message(message::of("", "", ""));
    peer.sends("00 00").hears_message("");
}

TEST_CASE("a frame above the limit ends the connection before it is stored (edge case 17)")
{
    scripted_peer peer({.type = socket_type::pull, .max_message_size = 3});
    peer.is_ready_as("PUSH");
    peer.sends("00 03 'abc'").hears_message("abc");

    peer.sends("00 04").hears_end(protocol_errc::frame_too_large);
}

TEST_CASE("where only frames are limited, their sum is not")
{
    scripted_peer peer(
        {.type = socket_type::pull, .max_message_size = 3, .limit_frames_only = true});
    peer.is_ready_as("PUSH");
    peer.sends("01 03 'abc' 00 03 'def'").hears_message(message::of("abc", "def"));

    peer.sends("01 03 'abc' 00 04").hears_end(protocol_errc::frame_too_large);
}

TEST_CASE("a message above the limit ends the connection, and so do too many frames")
{
    scripted_peer size({.type = socket_type::pull, .max_message_size = 3});
    size.is_ready_as("PUSH");
    size.sends("01 02 'ab' 00 02").hears_end(protocol_errc::message_too_large);

    scripted_peer count({.type = socket_type::pull, .max_message_frames = 2});
    count.is_ready_as("PUSH");
    count.sends("01 00 01 00 00 00").hears_end(protocol_errc::too_many_frames);
}

TEST_CASE("an announced size beyond all reason does no harm (edge case 18)")
{
    scripted_peer negative(socket_type::pull);
    negative.is_ready_as("PUSH");
    negative.sends("02 ff*8").hears_end(protocol_errc::frame_size_overflow);

    scripted_peer huge(socket_type::pull);
    huge.is_ready_as("PUSH");
    huge.sends("02 7f ff*7 'start'").hears_nothing();
    CHECK(huge.subject.is_ready());
}

TEST_CASE("the limits of messages do not bind the handshake, which has its own (edge case 17)")
{
    scripted_peer small({.type = socket_type::pull, .max_message_size = 1});
    small.is_ready_as("PUSH");

    scripted_peer large({.type = socket_type::pull, .max_handshake_size = 100});
    large.sends(greeting()).sends("04 65").hears_end(protocol_errc::handshake_too_large);

    scripted_peer old({.type = socket_type::pull, .max_handshake_size = 100});
    old.sends("ff 00*8 7f 01 08").sends("02 00*7 65").hears_end(protocol_errc::handshake_too_large);
}

// --- what a handshake may not be -----------------------------------------------------------------

TEST_CASE("READY is accepted with and without the COMMAND flag, short and long (edge case 26)")
{
    const auto body = command_body("READY", property("Socket-Type", "PUSH"));
    for (const unsigned flags : {0u, 4u, 1u})
    {
        scripted_peer peer(socket_type::pull);
        peer.sends(greeting()).sends(frame(flags, body));
        CHECK(peer.hears().kind == event_kind::ready);
        peer.sends(frame(0, "m")).hears_message("m");
    }
    scripted_peer longer(socket_type::pull);
    longer.sends(greeting()).sends(join(octets("06"), integer(body.size(), 8), body));
    CHECK(longer.hears().kind == event_kind::ready);
}

TEST_CASE("traffic before READY ends the connection (edge case 24)")
{
    for (const auto& early : {frame(0, "hello"), command("SUBSCRIBE", octets("41")),
             command("PING", octets("00 00")), frame(0, "")})
    {
        scripted_peer peer(socket_type::xpub);
        peer.sends(greeting()).sends(early).hears_end(protocol_errc::traffic_before_ready);
    }
}

TEST_CASE("we are silent between READY and the peer's READY (edge case 24)")
{
    scripted_peer peer({.type = socket_type::sub, .heartbeat = {.interval = 1s}});
    peer.sends(greeting()).expects(join(greeting(), ready("SUB")));
    send_subscription(peer, message_role::subscribe, "A");
    peer.subject.send("m");
    peer.passes(29s).expects_nothing();

    peer.sends(ready("PUB"));
    CHECK(peer.hears().kind == event_kind::ready);
}

TEST_CASE("READY and traffic in one segment are taken apart (edge case 1)")
{
    scripted_peer peer(socket_type::pull);
    peer.sends(join(greeting(), ready("PUSH"), frame(0, "m")));

    CHECK(peer.hears().kind == event_kind::ready);
    peer.hears_message("m");
}

TEST_CASE("a second READY ends the connection (edge case 32)")
{
    scripted_peer peer(socket_type::pull);
    peer.is_ready_as("PUSH");

    peer.sends(ready("PUSH")).hears_end(protocol_errc::unexpected_command);
}

TEST_CASE("ERROR ends the connection with its reason, before READY and after (edge cases 33, 34)")
{
    const auto error = octets("04 0a 05 45 52 52 4f 52 03 34 30 30");
    scripted_peer before(socket_type::pull);
    before.sends(greeting()).sends(error);
    const event first = before.hears();
    CHECK(first.error == protocol_errc::error_received);
    CHECK(first.reason == "400");

    scripted_peer after(socket_type::pull);
    after.is_ready_as("PUSH");
    after.sends(error);
    const event second = after.hears();
    CHECK(second.kind == event_kind::closed);
    CHECK(second.error == protocol_errc::error_received);
    CHECK(second.reason == "400");
}

TEST_CASE("a handshake that takes too long is given up, in the greeting and after it "
          "(edge case 36)")
{
    for (const auto& so_far : {octets(""), octets("ff"), octets("ff 00*8 7f"), greeting(),
             join(greeting(), octets("04 19 05 'REA'"))})
    {
        scripted_peer peer({.type = socket_type::pull, .handshake_timeout = 5s});
        peer.passes(3s).sends(so_far);
        peer.passes(2s - 1ns).hears_nothing();
        peer.passes(1ns).hears_end(errc::handshake_timed_out);
    }
}

TEST_CASE("without a handshake timeout a silent peer is waited for")
{
    scripted_peer peer({.type = socket_type::pull, .handshake_timeout = 0s});
    CHECK_FALSE(peer.subject.deadline());
    peer.passes(24h).sends(join(greeting(), ready("PUSH")));

    CHECK(peer.hears().kind == event_kind::ready);
}

// --- out of memory -------------------------------------------------------------------------------

TEST_CASE("wherever memory runs out, the connection ends with out_of_memory, or send() throws and "
          "has sent nothing")
{
    const auto in = join(greeting(), ready("XSUB", property("X-long", std::string(100, 'v'))),
        command("SUBSCRIBE", octets_of(std::string(200, 't'))),
        command("PING", octets("00 00 'c'")), frame(1, std::string(100, 'a')),
        frame(0, std::string(200'000, 'b')));
    message sent;
    for (int i = 0; i < 100; ++i)
        sent.append(std::string(1000, 'c'));

    std::size_t ends = 0;
    std::size_t throws = 0;
    bool survived = false;
    for (std::size_t successes = 0; !survived; ++successes)
    {
        REQUIRE(successes < 10'000);
        connection subject({.type = socket_type::xpub}, time_point{});
        event out;
        event last;
        std::size_t before = 0;
        bool thrown = false;
        {
            const failing_allocations limit(successes);
            for (std::size_t at = 0; at < in.size(); at += 60'000)
            {
                const auto piece =
                    std::span(in).subspan(at, std::min<std::size_t>(60'000, in.size() - at));
                subject.receive(piece, time_point{});
                while (subject.next_event(out) != event_kind::none)
                    last.kind = out.kind, last.error = out.error;
            }
            before = subject.output_size();
            message copy = sent;
            try
            {
                subject.send(std::move(copy));
            }
            catch (const std::bad_alloc&)
            {
                thrown = true;
            }
            if (subject.next_output().empty())
                subject.next_event(out);
        }
        const bool closed = last.kind == event_kind::closed || out.kind == event_kind::closed;
        if (last.kind == event_kind::closed)
            CHECK(last.error == errc::out_of_memory);
        if (thrown)
            CHECK(subject.output_size() == before);
        ends += closed;
        throws += thrown;
        survived = !closed && !thrown;
    }
    CHECK(ends > 5);
    CHECK(throws > 0);
}

// --- two of us -----------------------------------------------------------------------------------

TEST_CASE("two connections understand each other in pieces of any size")
{
    for (unsigned seed = 0; seed < 200; ++seed)
    {
        connection_pair pair(socket_type::dealer, socket_type::router);
        pair.exchange_in_pieces(1 + seed % 40, seed);
        CHECK(pair.left.hears().kind == event_kind::ready);
        CHECK(pair.right.hears().kind == event_kind::ready);

        const message m = message::of("", std::string(seed * 100, 'a'), "end");
        pair.left.subject.send(message(m));
        pair.right.subject.send(message(m));
        pair.right.subject.send("second");
        pair.exchange_in_pieces(1 + seed * 50, seed);

        CHECK(pair.right.hears().body == m);
        CHECK(pair.left.hears().body == m);
        CHECK(pair.left.hears().body == message("second"));
    }
}

TEST_CASE("two of us that announce different minor versions speak the older one")
{
    connection_pair pair(
        {.type = socket_type::sub, .minor_version = 0}, {.type = socket_type::xpub});
    REQUIRE(pair.is_ready());
    pair.left.subject.send(message_access::subscription(message_role::subscribe, "A"));
    pair.exchange();

    const event got = pair.right.hears();
    CHECK(message_access::role(got.body) == message_role::data);
    CHECK(got.body ==
        message("\x01"
                "A"));
}

// --- security --------------------------------------------------------------------------------------

TEST_CASE("a mechanism that asks about its peer waits for the answer, then protects the traffic")
{
    scripted_peer peer(
        {.type = socket_type::xpub, .mechanism = std::make_shared<const pretend_factory>()});
    peer.sends(greeting(3, 1, "PRETEND")).takes_all();
    CHECK(peer.subject.pending_authentication() == nullptr);
    peer.sends(command("HELLO", octets("'ada'"))).expects_nothing().hears_nothing();
    REQUIRE(peer.subject.pending_authentication() != nullptr);
    CHECK(peer.subject.pending_authentication()->credentials.at(0) == "ada");

    peer.subject.authenticated({200, "Ada", {}}, peer.now);
    peer.expects(command("WELCOME"));
    peer.sends(command("INITIATE", property("Socket-Type", "XSUB")));
    peer.expects(ready("XPUB"));
    CHECK(peer.hears().handshake.properties.at(0).second == "Ada");

    peer.subject.send(message::of("a", "b"));
    peer.expects(join(frame(0, hidden(1, octets_of("a"))), frame(0, hidden(0, octets_of("b")))));
    peer.sends(frame(0, hidden(1, octets_of("c"))));
    peer.sends(frame(0, hidden(2, command_body("PING", octets("00 00")))));
    peer.sends(frame(0, hidden(2, command_body("SUBSCRIBE", octets("'t'")))));
    peer.sends(frame(0, hidden(0, octets_of("d"))));
    peer.expects(frame(0, hidden(2, command_body("PONG"))));
    hears_subscription(peer, message_role::subscribe, "t");
    peer.hears_message(message::of("c", "d"));

    peer.sends(command("PING", octets("00 00")));
    peer.hears_end(protocol_errc::malformed_command);
}

TEST_CASE("a peer that is refused by the answer hears why, and the connection ends")
{
    scripted_peer peer(
        {.type = socket_type::pull, .mechanism = std::make_shared<const pretend_factory>()});
    peer.sends(greeting(3, 1, "PRETEND")).sends(command("HELLO")).takes_all();
    peer.subject.authenticated({.status = 400}, peer.now);
    peer.collect();

    peer.expects(command("ERROR", octets("03 '400'")));
    peer.hears_end(protocol_errc::authentication_failed);
}

TEST_CASE("while nobody answers, the handshake's time runs out")
{
    scripted_peer peer(
        {.type = socket_type::pull, .mechanism = std::make_shared<const pretend_factory>()});
    peer.sends(greeting(3, 1, "PRETEND")).sends(command("HELLO"));

    peer.passes(30s).hears_end(errc::handshake_timed_out);
}

TEST_CASE("old peers are refused where a mechanism is configured (edge case 10)")
{
    for (const char* old : {"01 00", "ff 00*8 7f 01 08 00 00", "ff 00*7 01 00"})
    {
        scripted_peer peer(
            {.type = socket_type::pull, .mechanism = std::make_shared<const pretend_factory>()});
        peer.sends(old).hears_end(protocol_errc::unsupported_version);
    }
}
