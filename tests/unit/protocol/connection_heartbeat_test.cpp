// A connection's heartbeats on a hand-driven clock. RFC 37 "Connection Heartbeating".
#include <string>

#include <ferry/error.hpp>

#include "protocol/connection.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/connection_pair.hpp"
#include "tests/support/scripted_peer.hpp"

using namespace ferry;
using namespace ferry::protocol;
using namespace ferry::test;
using namespace std::chrono_literals;

TEST_CASE("a PING goes out every interval, with our TTL and no context (edge case 49)")
{
    scripted_peer peer(
        {.type = socket_type::pull, .heartbeat = {.interval = 10s, .timeout = 60s, .ttl = 1500ms}});
    peer.is_ready_as("PUSH");
    CHECK(peer.subject.deadline() == peer.now + 10s);

    peer.passes(10s - 1ns).expects_nothing();
    peer.passes(1ns).expects("04 07 04 50 49 4e 47 00 0f");
    peer.passes(10s).expects("04 07 04 50 49 4e 47 00 0f");
}

TEST_CASE("PINGs go to 3.0 peers as well; none unless heartbeats are asked for "
          "(edge cases 49 and 50)")
{
    scripted_peer asked({.type = socket_type::pull, .heartbeat = {.interval = 1s}});
    asked.minor_version = 0;
    asked.is_ready_as("PUSH");
    asked.passes(1s).expects(command("PING", octets("00 00")));

    scripted_peer not_asked(socket_type::pull);
    not_asked.is_ready_as("PUSH");
    not_asked.passes(24h).expects_nothing().hears_nothing();
}

TEST_CASE("a peer that answers nothing is closed; any octet from it is an answer (edge case 47)")
{
    const connection_options options{
        .type = socket_type::pull, .heartbeat = {.interval = 10s, .timeout = 3s}};
    scripted_peer silent(options);
    silent.is_ready_as("PUSH");
    silent.passes(13s - 1ns).hears_nothing();
    silent.passes(1ns).hears_end(errc::heartbeat_timed_out);

    for (const char* sign : {"00 01 'm'", "00", "02 00*6 10 00 'part'", "04 05 04 'PONG'"})
    {
        scripted_peer alive(options);
        alive.is_ready_as("PUSH");
        alive.passes(12s).sends(sign).passes(5s);
        CHECK(alive.subject.is_ready());
    }
}

TEST_CASE("octets of a large body on its way are signs of life, too (edge case 47)")
{
    scripted_peer peer({.type = socket_type::pull, .heartbeat = {.interval = 2s, .timeout = 3s}});
    peer.is_ready_as("PUSH");
    const auto large = frame(0, std::string(100'000, 'x'));
    for (std::size_t at = 0; at < large.size(); at += 10'000)
    {
        const auto size =
            static_cast<std::ptrdiff_t>(std::min<std::size_t>(10'000, large.size() - at));
        const auto first = large.begin() + static_cast<std::ptrdiff_t>(at);
        peer.sends({first, first + size}).passes(2s);
    }

    CHECK(peer.hears().kind == event_kind::message);
    CHECK(peer.subject.is_ready());
}

TEST_CASE("a PING is answered at once, with its context; one without a TTL not at all "
          "(edge case 48)")
{
    scripted_peer peer(socket_type::pull);
    peer.is_ready_as("PUSH");

    peer.sends("04 07 04 'PING' 00 00").expects("04 05 04 50 4f 4e 47");
    peer.sends(command("PING", octets("00 00 'ctx'"))).expects(command("PONG", octets("'ctx'")));
    peer.sends(command("PING", octets("00 00 'x'*20"))).expects(command("PONG", octets("'x'*16")));
    peer.sends(command("PING", octets("00"))).expects_nothing();
    peer.sends(command("PING")).expects_nothing();
    peer.hears_nothing();
    CHECK(peer.subject.is_ready());
}

TEST_CASE("a peer that stays silent longer than its own TTL is closed (edge case 46)")
{
    scripted_peer peer(socket_type::pull);
    peer.is_ready_as("PUSH");
    peer.sends(command("PING", octets("02 90")));  // 65.6 s, which libzmq takes for 64 ms
    peer.passes(65s).hears_nothing();

    peer.passes(600ms).hears_end(errc::heartbeat_timed_out);
}

TEST_CASE("what follows a PING in the same read stops its TTL (edge case 47)")
{
    scripted_peer peer(socket_type::pull);
    peer.is_ready_as("PUSH");
    peer.sends(join(command("PING", octets("00 01")), frame(0, "m")));

    CHECK_FALSE(peer.subject.deadline());
}

TEST_CASE("a PONG tells the round trip; one nobody asked for is ignored")
{
    scripted_peer peer({.type = socket_type::pull, .heartbeat = {.interval = 1s}});
    peer.is_ready_as("PUSH");
    peer.sends(command("PONG")).hears_nothing();
    peer.passes(1s + 30ms).sends(command("PONG"));

    const event got = peer.hears();
    CHECK(got.kind == event_kind::pong);
    CHECK(got.round_trip == 30ms);
    peer.hears_nothing();
}

TEST_CASE("back-pressure is not silence: paused, nobody is given up, and PINGs of the peer are "
          "answered before it asks (edge case 101)")
{
    scripted_peer peer({.type = socket_type::pull, .heartbeat = {.interval = 10s, .timeout = 1s}});
    peer.is_ready_as("PUSH");
    peer.passes(2s).sends(command("PING", octets("00 00"))).expects(command("PONG"));

    peer.subject.set_reading_paused(true, peer.now);
    peer.passes(1s).expects(command("PONG"));
    peer.passes(1s).expects(command("PONG"));
    peer.passes(60s);
    CHECK(peer.subject.is_ready());
    peer.takes_all();

    peer.subject.set_reading_paused(false, peer.now);
    peer.sends(command("PONG")).passes(5s);
    CHECK(peer.subject.is_ready());
}

TEST_CASE("two connections with heartbeats keep each other alive, and notice when one falls silent")
{
    connection_pair pair({.type = socket_type::push, .heartbeat = {.interval = 1s, .ttl = 2s}},
        {.type = socket_type::pull, .heartbeat = {.interval = 3s, .timeout = 1s}});
    REQUIRE(pair.is_ready());
    pair.passes(1h);
    CHECK(pair.left.subject.is_ready());
    CHECK(pair.right.subject.is_ready());

    pair.left.subject.on_deadline(pair.now + 1s);
    pair.left.subject.on_deadline(pair.now + 2s);
    pair.left.collect();
    CHECK(pair.left.events.back().kind == event_kind::closed);
    CHECK(pair.left.events.back().error == errc::heartbeat_timed_out);
}
