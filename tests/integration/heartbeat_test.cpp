// Heartbeats: signs of life asked for, given, and missed (RFC 37 "Connection Heartbeating").

#include <algorithm>
#include <atomic>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr auto soon = std::chrono::seconds{1};
#else
constexpr auto soon = std::chrono::milliseconds{100};
#endif

}  // namespace

TEST_CASE("a peer that falls silent is given up, and tried again")
{
    const raw_listener listener;
    context context;
    pull_socket sink{context, {.heartbeat_interval = 20ms, .heartbeat_timeout = 60ms}};
    monitor events{sink};
    sink.connect(listener.endpoint(), {.reconnect_interval = 5ms});
    raw_peer mute = listener.accept();
    mute.handshake("PUSH");
    CHECK(await_event(events, monitor_event_type::disconnected).error == errc::heartbeat_timed_out);
    CHECK(mute.wait_for_end());
    raw_peer back = listener.accept();
    back.handshake("PUSH");
    back.send(wire::frame(wire::last, "I am back"));
    CHECK(take(sink) == "I am back");
}

TEST_CASE("a bound socket gives a silent peer up as well")
{
    context context;
    pull_socket sink{context, {.heartbeat_interval = 20ms}};
    monitor events{sink};
    raw_peer mute = raw_peer::connect(sink.bind(anywhere("tcp")));
    mute.handshake("PUSH");
    CHECK(mute.wait_for_end());
    CHECK(await_event(events, monitor_event_type::disconnected).error == errc::heartbeat_timed_out);
}

TEST_CASE("a peer that answers stays, and is told our patience in tenths of a second")
{
    context context;
    pull_socket sink{context,
        {.heartbeat_interval = 20ms, .heartbeat_timeout = patience, .heartbeat_ttl = 1250ms}};
    raw_peer peer = raw_peer::connect(sink.bind(anywhere("tcp")));
    peer.handshake("PUSH");
    for (int i = 0; i < 10; ++i)
    {
        CHECK(peer.read_frame() == raw_frame{wire::is_command, "\4PING" + wire::integer(12, 2)});
        peer.send(wire::command("PONG"));
    }
    peer.send(wire::frame(wire::last, "still here"));
    CHECK(take(sink) == "still here");
}

TEST_CASE("a PING is answered with its context, cut at sixteen octets, even between two frames")
{
    context context;
    pull_socket sink{context};
    raw_peer peer = raw_peer::connect(sink.bind(anywhere("tcp")));
    peer.handshake("PUSH");
    peer.send(wire::frame(wire::more, "first"));
    peer.send(wire::command("PING", wire::integer(0, 2).append("context")));
    CHECK(peer.read_frame() == raw_frame{wire::is_command, "\4PONGcontext"});
    peer.send(wire::command("PING", wire::integer(0, 2)));
    CHECK(peer.read_frame() == raw_frame{wire::is_command, "\4PONG"});
    peer.send(wire::frame(wire::last, "second"));
    CHECK(take(sink) == message::of("first", "second"));
}

TEST_CASE("a peer that said how long to wait for it is given up after that")
{
    context context;
    pull_socket sink{context};
    monitor events{sink};
    raw_peer peer = raw_peer::connect(sink.bind(anywhere("tcp")));
    peer.handshake("PUSH");
    peer.send(wire::command("PING", wire::integer(1, 2)));
    CHECK(peer.wait_for_end());
    CHECK(await_event(events, monitor_event_type::disconnected).error == errc::heartbeat_timed_out);
}

TEST_CASE("a peer is not given up for signs of life that lie unread behind our own full queue")
{
    context context;
    pull_socket sink{
        context, {.receive_hwm = 1, .heartbeat_interval = 20ms, .heartbeat_timeout = 40ms}};
    raw_peer peer = raw_peer::connect(sink.bind(anywhere("tcp")));
    peer.handshake("PUSH");
    for (int i = 0; i < 3; ++i)
        peer.send(wire::frame(wire::last, "message"));
    for (int i = 0; i < 8; ++i)
    {
        peer.read_frame();
        peer.send(wire::command("PONG"));
    }
    for (int i = 0; i < 3; ++i)
        CHECK(take(sink) == "message");
    peer.send(wire::frame(wire::last, "still here"));
    CHECK(take(sink) == "still here");
}

TEST_CASE("two Ferrys with heartbeats keep an idle connection")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    const socket_options nervous{
        .heartbeat_interval = 5ms, .heartbeat_timeout = 1000ms, .heartbeat_ttl = 1000ms};
    dealer_socket one{context, nervous};
    dealer_socket two{context, nervous};
    monitor events{one};
    join_over(transport, one, two);
    await_event(events, monitor_event_type::handshake_succeeded);
    CHECK_FALSE(events.receive_for(100ms));  // nothing happens
    two.send("still here");
    CHECK(take(one) == "still here");
}

TEST_CASE("a PING is answered soon although other peers flood the socket")
{
    context receiving;
    pull_socket sink{receiving};
    const std::string endpoint = sink.bind(anywhere("tcp"));
    raw_peer peer = raw_peer::connect(endpoint);
    peer.handshake("PUSH");
    context flooding;
    push_socket noisy{flooding};
    noisy.connect(endpoint);
    std::atomic<bool> enough{false};
    background_call flood([&] {
        while (!enough)
            (void)noisy.send_for(std::string(200, 'n'), 10ms);
    });
    background_call consumer([&] {
        while (!enough)
            (void)sink.receive_for(10ms);
    });
    // A machine busy with other things may be late once, or a few times.
    auto soonest = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 10; ++i)
    {
        const auto asked = std::chrono::steady_clock::now();
        peer.send(wire::command("PING", wire::integer(0, 2)));
        CHECK(peer.read_frame() == raw_frame{wire::is_command, "\4PONG"});
        soonest = std::min(soonest, std::chrono::steady_clock::now() - asked);
    }
    CHECK(soonest < soon);
    enough = true;
    consumer.finish();
    flood.finish();
}
