// A bound peer that goes and comes back: what survives, and what is said again.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

const endpoint_options quickly{.reconnect_interval = 5ms, .reconnect_interval_max = 20ms};

}  // namespace

TEST_CASE("messages queued while the peer is away are delivered when it is back, in order")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const place here{transport};
    context context;
    push_socket sender{context};
    monitor events{sender};
    sender.connect(here.endpoint(), quickly);
    {
        pull_socket sink{context};
        sink.bind(here.endpoint());
        sender.send("before");
        CHECK(take(sink) == "before");
    }
    await_event(events, monitor_event_type::disconnected);
    for (int i = 0; i < 100; ++i)
        sender.send(std::to_string(i));

    pull_socket sink{context};
    sink.bind(here.endpoint());
    for (int i = 0; i < 100; ++i)
        REQUIRE(take(sink) == message(std::to_string(i)));
}

TEST_CASE("subscriptions are repeated to a publisher that comes back")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const place here{transport};
    context context;
    sub_socket subscriber{context};
    subscriber.connect(here.endpoint(), quickly);
    subscriber.subscribe("a");
    subscriber.subscribe("given up");
    for (int life = 0; life < 3; ++life)
    {
        xpub_socket publisher{context, {.linger = 0ms}};
        publisher.bind(here.endpoint());
        REQUIRE(publisher.wait_for_subscribers(1, "a", patience));
        const bool first = life == 0;
        const bool wanted = publisher.wait_for_subscribers(1, "given up", first ? patience : 0ms);
        CHECK(wanted == first);
        publisher.send("b");
        publisher.send("a " + std::to_string(life));
        CHECK(take(subscriber) == message("a " + std::to_string(life)));
        subscriber.unsubscribe("given up");  // while it is there, and in vain later
        const std::string mark = "mark " + std::to_string(life);
        subscriber.subscribe(mark);
        REQUIRE(publisher.wait_for_subscribers(1, mark, patience));
    }
}

TEST_CASE("a subscription made while the publisher is away reaches it when it is back")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const place here{transport};
    context context;
    sub_socket subscriber{context};
    monitor events{subscriber};
    subscriber.connect(here.endpoint(), quickly);
    {
        pub_socket publisher{context};
        publisher.bind(here.endpoint());
        REQUIRE(publisher.wait_for_peers(1, patience));
    }
    await_event(events, monitor_event_type::disconnected);
    subscriber.subscribe("new");

    pub_socket publisher{context};
    publisher.bind(here.endpoint());
    CHECK(publisher.wait_for_subscribers(1, "new", patience));
}

TEST_CASE("a relaxed REQ asks on after its server was restarted")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const place here{transport};
    context context;
    req_socket client{context, {.req_correlate = true, .req_relaxed = true}};
    monitor events{client};
    client.connect(here.endpoint(), quickly);
    {
        rep_socket server{context};
        server.bind(here.endpoint());
        client.send("lost with the server");
        CHECK(take(server) == "lost with the server");
    }
    await_event(events, monitor_event_type::disconnected);

    rep_socket server{context};
    server.bind(here.endpoint());
    client.send("again");
    CHECK(take(server) == "again");
    server.send("answer");
    CHECK(take(client) == "answer");
}

TEST_CASE("a ROUTER knows its reconnected peer by the same name")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const place here{transport};
    context context;
    dealer_socket dealer{context, {.routing_id = "alice"}};
    dealer.connect(here.endpoint(), quickly);
    for (int life = 0; life < 3; ++life)
    {
        router_socket router{context, {.router_mandatory = true}};
        router.bind(here.endpoint());
        REQUIRE(router.wait_for_peers(1, patience));
        router.send(message::of("alice", "hello"));
        CHECK(take(dealer) == "hello");
    }
}

TEST_CASE("what was read before the connection was lost can still be received after")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    monitor events{sink};
    const std::string endpoint = sink.bind(anywhere(transport));
    {
        push_socket sender{context};
        sender.connect(endpoint);
        for (int i = 0; i < 100; ++i)
            sender.send(std::to_string(i));
        CHECK(sender.close() == 0);
    }
    await_event(events, monitor_event_type::disconnected);
    for (int i = 0; i < 100; ++i)
        REQUIRE(take(sink) == message(std::to_string(i)));
}

TEST_CASE("an unfinished message is not delivered when its sender dies")
{
    context context;
    pull_socket sink{context};
    monitor events{sink};
    const std::string endpoint = sink.bind(anywhere("tcp"));
    {
        raw_peer peer = raw_peer::connect(endpoint);
        peer.handshake("PUSH");
        peer.send(wire::frame(wire::last, "whole"));
        peer.send(wire::frame(wire::more, "first half"));
    }
    await_event(events, monitor_event_type::disconnected);
    raw_peer peer = raw_peer::connect(endpoint);
    peer.handshake("PUSH");
    peer.send(wire::frame(wire::last, "the next"));
    CHECK(take(sink) == "whole");
    CHECK(take(sink) == "the next");
}

TEST_CASE("an inproc peer that binds again gets nothing from those who knew the first")
{
    context context;
    push_socket sender{context};
    std::string endpoint;
    {
        pull_socket sink{context};
        endpoint = join_over("inproc", sink, sender);
        sender.send("hello");
        CHECK(take(sink) == "hello");
    }
    CHECK_FALSE(sender.try_send("nobody is there"));
    pull_socket sink{context};
    sink.bind(endpoint);
    CHECK_FALSE(sender.try_send("nobody it knows"));
    CHECK_FALSE(sink.try_receive());
}
