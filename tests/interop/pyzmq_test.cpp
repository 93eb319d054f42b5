// pyzmq in a process of its own: every pattern, and a peer that stands still.

#include "tests/interop/foreign_peer.hpp"

using namespace ferry;
using namespace ferry::test;
using namespace std::chrono_literals;

TEST_CASE("Ferry and pyzmq talk in every pattern, either side bound")
{
    check_every_conversation(pyzmq(), "pyzmq");
}

TEST_CASE("a process that stands still is noticed by heartbeats, and found again when it goes on")
{
    const peer_command command = pyzmq();
    if (!command)
        return skip("pyzmq");
    const socket_options nervous{
        .reconnect_interval = 10ms, .heartbeat_interval = 50ms, .heartbeat_timeout = 500ms};
    foreign_conversation met(*command, socket_type::pub, false, nervous);
    CHECK(met.socket().wait_for_peers(1, 3 * patience));
    monitor events{met.socket()};
    met.peer().stop();
    std::optional<monitor_event> event;
    do
        event = events.receive_for(patience);
    while (event && event->type != monitor_event_type::disconnected);
    REQUIRE(event);
    CHECK(event->error == errc::heartbeat_timed_out);

    met.peer().go_on();
    do
        event = events.receive_for(patience);
    while (event && event->type != monitor_event_type::handshake_succeeded);
    REQUIRE(event);
    const std::optional<message> heard = met.socket().receive_for(patience);
    REQUIRE(heard);
    CHECK(heard->front().text().starts_with("a"));
}
