// Heartbeats between Ferry and libzmq: each asks, each answers, and nobody is given up for nothing.

#include "tests/interop/speaker.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

// Attends to both for a while, in which nothing should happen.
void idle(encounter& both, std::chrono::milliseconds length)
{
    const auto end = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < end)
        both.there.attend();
}

}  // namespace

TEST_CASE("an idle connection is kept by heartbeats, whoever sends them")
{
    const bool ferry_beats = GENERATE(true, false);
    const bool zmq_beats = GENERATE(true, false);
    const std::string transport = GENERATE(as<std::string>{}, "tcp", "ipc");
    CAPTURE(ferry_beats, zmq_beats, transport);
    const speaker_options nervous{
        .heartbeat_interval = 20ms, .heartbeat_timeout = 2000ms, .heartbeat_ttl = 2000ms};
    const speaker_options calm;
    encounter both(socket_type::dealer, socket_type::dealer, ferry_beats ? nervous : calm,
        zmq_beats ? nervous : calm);
    monitor events{both.here.socket()};
    both.join(true, transport);
    give(both.there, both.here, {"hello"});
    CHECK(take(both.here, both.there) == frames{"hello"});

    idle(both, 300ms);
    give(both.here, both.there, {"still there?"});
    CHECK(take(both.there, both.here) == frames{"still there?"});
    while (const std::optional<monitor_event> event = events.try_receive())
        CHECK(event->type != monitor_event_type::disconnected);
}

TEST_CASE("heartbeats do not come between the frames of large messages")
{
    const bool ferry_sends = GENERATE(true, false);
    CAPTURE(ferry_sends);
    const speaker_options nervous{.heartbeat_interval = 1ms, .heartbeat_timeout = 5000ms};
    encounter both(socket_type::dealer, socket_type::dealer, nervous, nervous);
    both.join(true, "tcp");
    speaker& sender = ferry_sends ? static_cast<speaker&>(both.here) : both.there;
    speaker& sink = ferry_sends ? static_cast<speaker&>(both.there) : both.here;
    const frames large{std::string(3'000'000, 'a'), "", std::string(3'000'000, 'b')};
    for (int i = 0; i < 5; ++i)
        give(sender, sink, large);
    for (int i = 0; i < 5; ++i)
        CHECK((take(sink, sender) == large));
}
