// PING/PONG/TTL deadlines.
#include "protocol/heartbeat.hpp"

#include "tests/support/catch.hpp"

using namespace ferry::protocol;
using namespace std::chrono_literals;

namespace
{

constexpr time_point start{std::chrono::hours{1}};

}  // namespace

TEST_CASE("without an interval there is no PING and no deadline")
{
    heartbeat peer{{.interval = 0s, .timeout = 3s}, start};

    CHECK_FALSE(peer.deadline());
    CHECK(peer.on_deadline(start + 24h) == heartbeat_action::none);
}

TEST_CASE("a heartbeat that was never started never acts")
{
    heartbeat none;

    CHECK_FALSE(none.deadline());
    CHECK(none.on_deadline(start) == heartbeat_action::none);
    none.set_reading_paused(true, start);
    none.set_reading_paused(false, start);
    CHECK_FALSE(none.deadline());
}

TEST_CASE("a PING is due every interval, not one tick earlier, whether or not there is traffic")
{
    heartbeat peer{{.interval = 1s}, start};

    for (int i = 1; i <= 5; ++i)
    {
        CHECK(peer.deadline() == start + i * 1s);
        CHECK(peer.on_deadline(start + i * 1s - 1ns) == heartbeat_action::none);
        CHECK(peer.on_deadline(start + i * 1s) == heartbeat_action::send_ping);
        CHECK(peer.on_deadline(start + i * 1s) == heartbeat_action::none);
        peer.on_received();
    }
}

TEST_CASE("a peer silent past the timeout is closed, and not one tick earlier "
          "(RFC 37 'Connection Heartbeating')")
{
    heartbeat peer{{.interval = 5s, .timeout = 3s}, start};

    CHECK(peer.on_deadline(start + 5s) == heartbeat_action::send_ping);
    CHECK(peer.deadline() == start + 8s);
    CHECK(peer.on_deadline(start + 8s - 1ns) == heartbeat_action::none);
    CHECK(peer.on_deadline(start + 8s) == heartbeat_action::close);
}

TEST_CASE("the timeout runs since the first PING that nothing followed, not since the last")
{
    heartbeat peer{{.interval = 1s, .timeout = 3s}, start};

    for (auto tick : {1s, 2s, 3s})
        CHECK(peer.on_deadline(start + tick) == heartbeat_action::send_ping);
    CHECK(peer.on_deadline(start + 4s) == heartbeat_action::close);
}

TEST_CASE("a timeout that is not set is the interval; zero waits for ever")
{
    heartbeat as_interval{{.interval = 2s}, start};
    CHECK(as_interval.on_deadline(start + 2s) == heartbeat_action::send_ping);
    CHECK(as_interval.on_deadline(start + 4s) == heartbeat_action::close);

    heartbeat patient{{.interval = 2s, .timeout = 0s}, start};
    for (int i = 1; i < 100; ++i)
        CHECK(patient.on_deadline(start + i * 2s) == heartbeat_action::send_ping);
}

TEST_CASE("anything that arrives stops the timeout, not only a PONG (edge case 47)")
{
    heartbeat peer{{.interval = 10s, .timeout = 3s}, start};

    CHECK(peer.on_deadline(start + 10s) == heartbeat_action::send_ping);
    peer.on_received();
    CHECK(peer.deadline() == start + 20s);
    CHECK(peer.on_deadline(start + 13s) == heartbeat_action::none);
}

TEST_CASE("a peer that stays silent longer than the TTL it announced is closed")
{
    heartbeat peer{{}, start};

    peer.on_ping(15, start);
    CHECK(peer.deadline() == start + 1500ms);
    CHECK(peer.on_deadline(start + 1500ms - 1ns) == heartbeat_action::none);
    CHECK(peer.on_deadline(start + 1500ms) == heartbeat_action::close);
}

TEST_CASE("whatever follows a PING stops its TTL, a PING without one too; a PING starts it anew")
{
    heartbeat peer{{}, start};

    peer.on_ping(10, start);
    peer.on_received();
    CHECK_FALSE(peer.deadline());

    peer.on_ping(10, start);
    peer.on_ping(0, start + 500ms);
    CHECK_FALSE(peer.deadline());

    peer.on_ping(10, start + 1s);
    peer.on_ping(20, start + 2s);
    CHECK(peer.deadline() == start + 4s);
}

TEST_CASE("the largest TTL on the wire is counted in full: 6553.5 s (edge case 46)")
{
    heartbeat peer{{}, start};

    peer.on_ping(656, start);
    CHECK(peer.deadline() == start + 65'600ms);
    peer.on_ping(65'535, start);
    CHECK(peer.deadline() == start + 6'553'500ms);
}

TEST_CASE("our TTL travels in tenths of a second, rounded down, at most 655 (edge case 46)")
{
    const auto wire_ttl = [](duration ttl) {
        return heartbeat{{.interval = 1s, .timeout = 1s, .ttl = ttl}, start}.wire_ttl();
    };
    CHECK(wire_ttl(0s) == 0);
    CHECK(wire_ttl(99ms) == 0);
    CHECK(wire_ttl(100ms) == 1);
    CHECK(wire_ttl(1599ms) == 15);
    CHECK(wire_ttl(65'500ms) == 655);
    CHECK(wire_ttl(24h) == 655);
    CHECK(wire_ttl(-1s) == 0);
}

TEST_CASE("a PONG tells the time since our last PING, once")
{
    heartbeat peer{{.interval = 1s, .timeout = 10s}, start};

    CHECK_FALSE(peer.on_pong(start + 500ms));
    CHECK(peer.on_deadline(start + 1s) == heartbeat_action::send_ping);
    CHECK(peer.on_pong(start + 1020ms) == 20ms);
    CHECK_FALSE(peer.on_pong(start + 1030ms));
}

TEST_CASE("a round trip longer than the interval is measured whole, by one PING at a time")
{
    heartbeat peer{{.interval = 1s, .timeout = 10s}, start};
    const auto ping = [&](duration at) {
        CHECK(peer.on_deadline(start + at) == heartbeat_action::send_ping);
    };
    ping(1s);
    ping(2s);
    ping(3s);
    CHECK(peer.on_pong(start + 3500ms) == 2500ms);
    CHECK_FALSE(peer.on_pong(start + 3600ms));  // of those sent meanwhile
    ping(4s);
    CHECK_FALSE(peer.on_pong(start + 4100ms));
    CHECK_FALSE(peer.on_pong(start + 4200ms));
    ping(5s);
    CHECK(peer.on_pong(start + 5100ms) == 100ms);
}

TEST_CASE("while reading is paused no silence closes, and afterwards patience starts anew")
{
    heartbeat peer{{.interval = 60s, .timeout = 3s}, start};
    CHECK(peer.on_deadline(start + 60s) == heartbeat_action::send_ping);
    peer.on_ping(20, start + 60s);

    peer.set_reading_paused(true, start + 61s);
    CHECK(peer.on_deadline(start + 100s) != heartbeat_action::close);
    peer.set_reading_paused(false, start + 110s);

    CHECK(peer.deadline() == start + 112s);
    CHECK(peer.on_deadline(start + 112s - 1ns) == heartbeat_action::none);
    CHECK(peer.on_deadline(start + 112s) == heartbeat_action::close);
}

TEST_CASE("our own PINGs go on while reading is paused: the peer may watch us by our TTL")
{
    heartbeat peer{{.interval = 1s, .timeout = 1s, .ttl = 2s}, start};
    peer.set_reading_paused(true, start);

    for (int i = 1; i <= 5; ++i)
        CHECK(peer.on_deadline(start + i * 1s) == heartbeat_action::send_ping);
}

TEST_CASE("a peer that sent PINGs gets PONGs while reading is paused, two per interval of its own "
          "(edge case 101)")
{
    heartbeat peer{{}, start};
    peer.on_ping(0, start + 2s);
    peer.on_ping(0, start + 4s);

    peer.set_reading_paused(true, start + 4s);
    CHECK(peer.deadline() == start + 5s);
    CHECK(peer.on_deadline(start + 5s) == heartbeat_action::send_pong);
    CHECK(peer.on_deadline(start + 5s) == heartbeat_action::none);
    CHECK(peer.deadline() == start + 6s);
    CHECK(peer.on_deadline(start + 6s) == heartbeat_action::send_pong);

    peer.set_reading_paused(false, start + 7s);
    CHECK_FALSE(peer.deadline());
}

TEST_CASE("one PING is enough to know its spacing: it counts since the handshake")
{
    heartbeat peer{{}, start};
    peer.on_ping(0, start + 3s);

    peer.set_reading_paused(true, start + 10s);

    CHECK(peer.deadline() == start + 10s);
    CHECK(peer.on_deadline(start + 10s) == heartbeat_action::send_pong);
    CHECK(peer.deadline() == start + 11500ms);
}

TEST_CASE("a peer that never sent a PING gets no PONG while reading is paused")
{
    heartbeat peer{{}, start};
    peer.set_reading_paused(true, start + 1s);

    CHECK_FALSE(peer.deadline());
}

TEST_CASE("PINGs read in one go, or across a pause, do not pass for the peer's spacing")
{
    heartbeat peer{{}, start};
    peer.on_ping(0, start + 2s);
    for (int i = 0; i < 5; ++i)
        peer.on_ping(0, start + 2s);
    peer.set_reading_paused(true, start + 3s);
    peer.set_reading_paused(false, start + 1h);
    peer.on_ping(0, start + 1h);

    peer.set_reading_paused(true, start + 1h);

    CHECK(peer.deadline() == start + 1h + 1s);
}

TEST_CASE("a deadline too far away to count to never comes")
{
    heartbeat peer{{.interval = duration::max()}, start};

    CHECK_FALSE(peer.deadline());
}
