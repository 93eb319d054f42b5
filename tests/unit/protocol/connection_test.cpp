// The facade: one connection from the first octet to the last, as a driver sees it.
#include "protocol/connection.hpp"

#include <string>
#include <utility>

#include <ferry/detail/message_access.hpp>
#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_peer.hpp"

using namespace ferry;
using namespace ferry::protocol;
using namespace ferry::test;
using namespace std::chrono_literals;

TEST_CASE("a DEALER greets a 3.1 peer as libzmq does, octet by octet (transcript)")
{
    scripted_peer peer(socket_type::dealer);
    peer.expects("ff 00 00 00 00 00 00 00 01 7f");
    peer.sends("ff 00*8 7f").expects("03");
    peer.sends("03").expects("01 4e 55 4c 4c 00*16 00*32");
    peer.sends("01 4e 55 4c 4c 00*16 00*32");
    peer.expects("04 29 05 52 45 41 44 59"
                 " 0b 53 6f 63 6b 65 74 2d 54 79 70 65 00 00 00 06 44 45 41 4c 45 52"
                 " 08 49 64 65 6e 74 69 74 79 00 00 00 00");
    CHECK_FALSE(peer.subject.is_ready());
    peer.sends(ready("REP")).expects_nothing();

    const event got = peer.hears();
    CHECK(got.kind == event_kind::ready);
    CHECK(got.handshake.version == zmtp_version{3, 1});
    CHECK(got.handshake.mechanism == "NULL");
    CHECK(got.handshake.type == socket_type::rep);
    CHECK(got.handshake.routing_id.empty());
    CHECK(got.handshake.properties == peer_properties::list{{"Socket-Type", "REP"}});
    CHECK_FALSE(got.handshake.subscribes_to_all);
    CHECK(peer.subject.is_ready());
}

TEST_CASE("READY of SUB, and of ROUTER with a routing id, as seen on the wire")
{
    scripted_peer sub(socket_type::sub);
    sub.sends(greeting())
        .expects(join(greeting(),
            octets(
                "04 19 05 52 45 41 44 59 0b 53 6f 63 6b 65 74 2d 54 79 70 65 00 00 00 03 53 55 42")));

    scripted_peer router({.type = socket_type::router, .routing_id = "R"});
    router.sends(greeting());
    const auto said = router.takes_all();
    CHECK(to_text(std::span(said).first(10)) == "ff 00 00 00 00 00 00 00 02 7f");
    CHECK(to_text(std::span(said).subspan(64)) ==
        to_text(octets("04 2a 05 52 45 41 44 59 0b 'Socket-Type' 00 00 00 06 'ROUTER'"
                       " 08 'Identity' 00 00 00 01 52")));
}

TEST_CASE("a whole conversation comes out the same wherever it is cut")
{
    const auto all = join(greeting(), ready("PUSH"), frame(0, "one"), frame(1, "two"), frame(0, ""),
        command("PING", octets("00 00 'x'")), frame(0, std::string(300, 'y')));
    const auto check = [](scripted_peer& peer) {
        CHECK(peer.hears().kind == event_kind::ready);
        peer.hears_message("one");
        peer.hears_message(message::of("two", ""));
        peer.hears_message(std::string(300, 'y'));
        peer.hears_nothing();
        peer.expects(join(greeting(), ready("PULL"), command("PONG", octets("'x'"))));
    };
    for (std::size_t cut = 0; cut <= all.size(); ++cut)
    {
        scripted_peer peer(socket_type::pull);
        const auto middle = all.begin() + static_cast<std::ptrdiff_t>(cut);
        peer.sends({all.begin(), middle}).sends({middle, all.end()});
        check(peer);
    }
    for (std::size_t size = 1; size < 20; ++size)
    {
        scripted_peer peer(socket_type::pull);
        peer.piece_size = size;
        peer.sends(all);
        check(peer);
    }
}

TEST_CASE("messages go out in frames: MORE, long from 256 octets on (edge case 13)")
{
    scripted_peer peer(socket_type::push);
    peer.is_ready_as("PULL");

    peer.subject.send(message::of("a", "", "b"));
    peer.expects("01 01 'a' 01 00 00 01 'b'");
    peer.subject.send(message(std::string(255, 'x')));
    peer.expects(join(octets("00 ff"), octet_vector(255, std::byte{'x'})));
    peer.subject.send(message(std::string(256, 'x')));
    peer.expects(join(octets("02 00*6 01 00"), octet_vector(256, std::byte{'x'})));
}

TEST_CASE("a message without frames is not sent, and neither is anything before ready")
{
    scripted_peer peer(socket_type::push);
    peer.takes_all();
    peer.subject.send("too early");
    peer.expects_nothing();

    peer.is_ready_as("PULL");
    peer.subject.send(message{});
    peer.expects_nothing();
}

TEST_CASE("large bodies are read straight into their message")
{
    scripted_peer peer(socket_type::pull);
    peer.is_ready_as("PUSH");
    CHECK(peer.subject.direct_buffer().empty());

    const std::string large(3'000'000, 'z');
    const auto octets_of_frame = frame(0, large);
    peer.sends({octets_of_frame.begin(), octets_of_frame.begin() + 1000});
    CHECK_FALSE(peer.subject.direct_buffer().empty());
    peer.piece_size = 65'536;
    peer.sends({octets_of_frame.begin() + 1000, octets_of_frame.end()});

    peer.hears_message(large);
    CHECK(peer.subject.direct_buffer().empty());
}

TEST_CASE("where a read is under way, neither a send nor a deadline nor the end moves its memory")
{
    scripted_peer peer({.type = socket_type::pair, .heartbeat = {.interval = 1s}});
    peer.is_ready_as("PAIR");
    const auto large = frame(0, std::string(100'000, 'z'));
    peer.sends({large.begin(), large.begin() + 100});

    const std::span<std::byte> before = peer.subject.direct_buffer();
    peer.subject.send("hello");
    peer.subject.on_deadline(peer.now + 1s);
    peer.takes_all();
    peer.subject.on_deadline(peer.now + 2s);
    std::fill(before.begin(), before.end(), std::byte{1});  // what a late read would do

    CHECK_FALSE(peer.subject.is_ready());
    CHECK(peer.subject.direct_buffer().empty());
}

TEST_CASE("output shown stays as it is while receiving adds to it")
{
    scripted_peer peer(socket_type::pair);
    peer.is_ready_as("PAIR");
    peer.subject.send("first");
    const auto shown = peer.subject.next_output();
    REQUIRE(shown.size() == 1);
    const std::span<const std::byte> first = shown[0];

    for (int i = 0; i < 100; ++i)
        peer.sends(command("PING", octets("00 00 'context'")));

    CHECK(to_text(first) == to_text(frame(0, "first")));
    peer.subject.written(first.size());
    octet_vector pongs;
    for (int i = 0; i < 100; ++i)
        pongs = join(pongs, command("PONG", octets_of("context")));
    peer.expects(pongs);
}

TEST_CASE("output may be written in any portions")
{
    scripted_peer peer(socket_type::push);
    peer.is_ready_as("PULL");
    for (int i = 0; i < 5; ++i)
        peer.subject.send(message::of("head", std::string(2000, 'b')));

    octet_vector all;
    while (peer.subject.output_size() > 0)
    {
        const auto part = peer.subject.next_output(1)[0];
        const std::size_t size = std::min<std::size_t>(part.size(), 7);
        all.insert(all.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(size));
        peer.subject.written(size);
    }
    octet_vector expected;
    for (int i = 0; i < 5; ++i)
        expected = join(expected, frame(1, "head"), frame(0, std::string(2000, 'b')));
    CHECK(all == expected);
    peer.subject.shrink();
    CHECK(peer.subject.output_size() == 0);
}

TEST_CASE("after the end every call is harmless and says nothing")
{
    scripted_peer peer({.type = socket_type::pull, .heartbeat = {.interval = 1s, .ttl = 1s}});
    peer.is_ready_as("PUSH");
    peer.sends(command("READY")).hears_end(protocol_errc::unexpected_command);

    peer.sends(frame(0, "more")).hears_nothing();
    peer.subject.send("hello");
    peer.subject.send(
        detail::message_access::subscription(detail::message_role::subscribe, "topic"));
    peer.subject.set_reading_paused(true, peer.now);
    peer.subject.on_deadline(peer.now + 24h);
    peer.subject.received_directly(10, peer.now);
    peer.subject.authenticated({}, peer.now);
    peer.subject.shrink();
    peer.collect();

    peer.hears_nothing().expects_nothing();
    CHECK_FALSE(peer.subject.deadline());
    CHECK(peer.subject.direct_buffer().empty());
    CHECK(peer.subject.pending_authentication() == nullptr);
}

TEST_CASE("what was said before the end can still be written after it")
{
    scripted_peer peer(socket_type::push);
    peer.takes_all();
    peer.sends(join(greeting(), ready("PUB")));

    peer.hears_end(protocol_errc::incompatible_socket_type);
    const auto said = peer.takes_all();
    CHECK(to_text(std::span(said).last(33)) ==
        to_text(command("ERROR", octets("18 'Incompatible socket type'"))));
}

TEST_CASE("a connection can be moved")
{
    connection first({.type = socket_type::pull}, time_point{});
    connection second(std::move(first));
    const auto octets = join(greeting(), ready("PUSH"));
    second.receive(octets, time_point{});
    event out;

    CHECK(second.next_event(out) == event_kind::ready);
    CHECK(second.next_event(out) == event_kind::none);
}
