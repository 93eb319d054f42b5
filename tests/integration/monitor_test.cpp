// What a monitor tells of a socket's connections.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

std::vector<monitor_event_type> read_until(monitor& events, monitor_event_type last)
{
    std::vector<monitor_event_type> types;
    while (types.empty() || types.back() != last)
    {
        const std::optional<monitor_event> event = events.receive_for(patience);
        must(event.has_value(), "an event is missing");
        types.push_back(event->type);
    }
    return types;
}

using enum monitor_event_type;

}  // namespace

TEST_CASE("a connection's life as its two monitors see it")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    monitor bound{sink};
    const std::string endpoint = sink.bind(anywhere(transport));
    auto sender = std::make_unique<push_socket>(context);
    monitor connecting_end{*sender};
    sender->connect(endpoint);
    REQUIRE(sink.wait_for_peers(1, patience));
    REQUIRE(sender->wait_for_peers(1, patience));  // its monitor ends with it
    sender.reset();
    CHECK(read_until(bound, disconnected) ==
        std::vector{listening, accepted, handshake_succeeded, disconnected});
    sink.unbind(endpoint);
    CHECK(read_until(bound, closed) == std::vector{closed});
    CHECK(read_until(connecting_end, handshake_succeeded) ==
        std::vector{connecting, connected, handshake_succeeded});
}

TEST_CASE("events name the endpoint, the other end, and what the peer announced")
{
    context context;
    router_socket server{context};
    monitor events{server};
    const std::string endpoint = server.bind(anywhere("tcp"));
    CHECK(await_event(events, listening).endpoint == endpoint);

    dealer_socket client{context, {.routing_id = "alice", .properties = {{"X-Colour", "blue"}}}};
    client.connect(endpoint);
    const monitor_event event = await_event(events, handshake_succeeded);
    CHECK(event.endpoint == endpoint);
    CHECK(event.peer_address.starts_with("tcp://127.0.0.1:"));
    CHECK(event.peer_address != endpoint);
    REQUIRE(event.peer);
    CHECK(event.peer->find("Socket-Type") == "DEALER");
    CHECK(event.peer->find("Identity") == "alice");
    CHECK(event.peer->find("X-Colour") == "blue");
}

TEST_CASE("a peer that is not there is retried, after pauses that are told")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const place nowhere{transport};
    context context;
    push_socket sender{context};
    monitor events{sender};
    sender.connect(
        nowhere.endpoint(), {.reconnect_interval = 10ms, .reconnect_interval_max = 40ms});
    for (int i = 0; i < 5; ++i)
    {
        const monitor_event event = await_event(events, retrying);
        CHECK(event.endpoint == nowhere.endpoint());
        CHECK(event.outgoing);
        CHECK(event.error ==
            (transport == "tcp" ? std::errc::connection_refused
                                : std::errc::no_such_file_or_directory));
        CHECK(event.delay > 0ms);
        CHECK(event.delay <= 40ms);
    }
}

TEST_CASE("an interval of zero tries once, says why that failed, and never again")
{
    const place nowhere{"tcp"};
    context context;
    push_socket sender{context};
    monitor events{sender};
    sender.connect(nowhere.endpoint(), {.reconnect_interval = 0ms});
    CHECK(await_event(events, connecting).endpoint == nowhere.endpoint());
    const std::optional<monitor_event> end = events.receive_for(patience);
    REQUIRE(end);
    CHECK(end->type == given_up);
    CHECK(end->error == std::errc::connection_refused);
    CHECK_FALSE(events.receive_for(100ms));
}

TEST_CASE("pauses grow until a handshake succeeds, then start over")
{
    const raw_listener listener;
    context context;
    push_socket sender{context};
    monitor events{sender};
    sender.connect(
        listener.endpoint(), {.reconnect_interval = 1ms, .reconnect_interval_max = 500ms});
    bool grown = false;
    for (int i = 0; i < 10 && !grown; ++i)
    {
        (void)listener.accept();  // connected, and closed at once
        grown = await_event(events, retrying).delay > 1ms;
    }
    CHECK(grown);
    {
        raw_peer peer = listener.accept();
        peer.handshake("PULL");
        await_event(events, handshake_succeeded);
    }
    CHECK(await_event(events, retrying).delay == 1ms);
}

TEST_CASE("a peer with another mechanism is reported, and tried again")
{
    const raw_listener listener;
    context context;
    push_socket sender{context};
    monitor events{sender};
    sender.connect(listener.endpoint(), {.reconnect_interval = 5ms});
    {
        raw_peer stranger = listener.accept();
        stranger.greet(1, "PLAIN");
        CHECK(stranger.wait_for_end());
    }
    const monitor_event failed = await_event(events, handshake_failed);
    CHECK(failed.error == protocol_errc::mechanism_mismatch);
    CHECK(failed.endpoint == listener.endpoint());
    await_event(events, retrying);

    raw_peer friendly = listener.accept();
    friendly.handshake("PULL");
    await_event(events, handshake_succeeded);
    sender.send("hello");
    CHECK(friendly.read_frame() == raw_frame{wire::last, "hello"});
}

TEST_CASE("a peer of the wrong type is reported at both ends")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context};
    push_socket sender{context};
    monitor bound{publisher};
    monitor connecting_end{sender};
    join_over(transport, publisher, sender);
    CHECK(await_event(bound, handshake_failed).error == protocol_errc::incompatible_socket_type);
    CHECK(await_event(connecting_end, handshake_failed).error);
    await_event(connecting_end, retrying);
}

TEST_CASE("the reason in a peer's ERROR is passed on (RFC 37 'ERROR')")
{
    const raw_listener listener;
    context context;
    push_socket sender{context};
    monitor events{sender};
    sender.connect(listener.endpoint());
    raw_peer peer = listener.accept();
    peer.greet();
    peer.read_frame();
    peer.send(wire::command("ERROR", wire::integer(9, 1).append("not today")));
    const monitor_event event = await_event(events, handshake_failed);
    CHECK(event.error == protocol_errc::error_received);
    CHECK(event.reason == "not today");
}

TEST_CASE("what goes wrong after the handshake is the reason of the disconnection")
{
    const raw_listener listener;
    context context;
    pull_socket sink{context};
    monitor events{sink};
    sink.connect(listener.endpoint(), {.max_message_size = 1000});
    raw_peer peer = listener.accept();
    peer.handshake("PUSH");
    peer.send(wire::frame(wire::last, std::string(1001, 'x')));
    CHECK(await_event(events, disconnected).error == protocol_errc::frame_too_large);
    await_event(events, retrying);
}

TEST_CASE("a monitor nobody reads skips what does not fit, counts it, and says where")
{
    context context;
    pull_socket sink{context};
    monitor events{sink, 2};
    for (int i = 0; i < 5; ++i)
        sink.bind(anywhere("tcp"));
    CHECK(events.missed() == 3);
    CHECK(events.try_receive()->type == listening);
    CHECK(events.try_receive()->type == listening);
    CHECK_FALSE(events.try_receive());
    sink.bind(anywhere("tcp"));
    const std::optional<monitor_event> next = events.try_receive();
    REQUIRE(next);
    CHECK(next->type == listening);
    CHECK(next->skipped_before == 3);
}

TEST_CASE("several monitors of one socket all hear everything")
{
    context context;
    pull_socket sink{context};
    monitor one{sink};
    monitor two{sink};
    const std::string endpoint = sink.bind(anywhere("tcp"));
    CHECK(await_event(one, listening).endpoint == endpoint);
    CHECK(await_event(two, listening).endpoint == endpoint);
}

TEST_CASE("a monitor outlives its socket, and then comes to an end")
{
    context context;
    auto sink = std::make_unique<pull_socket>(context);
    monitor events{*sink};
    sink->bind(anywhere("tcp"));
    sink.reset();
    CHECK(read_until(events, closed) == std::vector{listening, closed});
    CHECK_FALSE(events.receive_for(patience));
}
