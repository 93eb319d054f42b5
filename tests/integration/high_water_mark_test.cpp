// High-water marks: who waits, who drops, and when there is room again.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a peer that is not there yet may be sent as much as its mark, and no more")
{
    const auto type = GENERATE(socket_type::push, socket_type::dealer, socket_type::pair);
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(to_string(type), transport);
    const place nobody{transport};
    context context;
    ferry::socket sender{context, type, {.send_hwm = 10, .linger = 0ms}};
    sender.connect(nobody.endpoint());
    for (int i = 0; i < 10; ++i)
        REQUIRE(sender.try_send("message"));
    CHECK_FALSE(sender.try_send("one too many"));
}

TEST_CASE("inproc adds the marks of both ends")
{
    context context;
    push_socket sender{context, {.send_hwm = 3}};
    pull_socket sink{context, {.receive_hwm = 5}};
    join_over("inproc", sink, sender);
    for (int i = 0; i < 8; ++i)
        REQUIRE(sender.try_send(std::to_string(i)));
    CHECK_FALSE(sender.try_send("one too many"));
    for (int i = 0; i < 8; ++i)
        CHECK(take(sink) == message(std::to_string(i)));
    CHECK(sender.try_send("room again"));
}

TEST_CASE("a mark of zero has no end")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int count = 100'000;
    const place here{transport};
    context context;
    push_socket sender{context, {.send_hwm = 0}};
    sender.connect(here.endpoint(), {.reconnect_interval = 5ms});
    for (int i = 0; i < count; ++i)
        REQUIRE(sender.try_send(std::to_string(i)));
    pull_socket sink{context};
    sink.bind(here.endpoint());
    for (int i = 0; i < count; ++i)
        REQUIRE(take(sink) == message(std::to_string(i)));
}

TEST_CASE("a receiver that does not read holds its sender up, and loses nothing")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    push_socket sender{context, {.send_hwm = 10}};
    pull_socket sink{context, {.receive_hwm = 10}};
    join_over(transport, sink, sender);
    REQUIRE(sender.wait_for_peers(1, patience));

    const std::string body(10'000, 'x');
    int sent = 0;
    while (sent < 100'000 && sender.send_for(message::of(std::to_string(sent), body), 50ms))
        ++sent;
    CHECK(sent >= 10);
    CHECK(sent < 100'000);
    for (int i = 0; i < sent; ++i)
        REQUIRE(take(sink).front() == std::to_string(i));
    CHECK(sender.try_send("room again"));
    CHECK(take(sink) == "room again");
}

TEST_CASE("a sender that waits goes on as soon as there is room")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int count = 5000;
    context context;
    push_socket sender{context, {.send_hwm = 2}};
    pull_socket sink{context, {.receive_hwm = 2}};
    join_over(transport, sink, sender);
    background_call sending([&] {
        for (int i = 0; i < count; ++i)
            give(sender, std::to_string(i));
    });
    for (int i = 0; i < count; ++i)
        REQUIRE(take(sink) == message(std::to_string(i)));
    sending.finish();
}

TEST_CASE("a full worker is passed over while others have room")
{
    context context;
    push_socket sender{context, {.send_hwm = 1}};
    const std::string endpoint = sender.bind(anywhere("inproc"));
    pull_socket busy{context, {.receive_hwm = 1}};
    busy.connect(endpoint);
    sender.send("1");
    sender.send("2");  // busy is full

    pull_socket idle{context, {.receive_hwm = 1}};
    idle.connect(endpoint);
    sender.send("3");
    sender.send("4");
    CHECK(take(idle) == "3");
    CHECK(take(idle) == "4");
    CHECK(take(busy) == "1");
    CHECK(take(busy) == "2");
}

TEST_CASE("a publisher does not wait: a full subscriber misses messages, and they are counted")
{
    context context;
    pub_socket publisher{context, {.send_hwm = 5}};
    sub_socket slow{context, {.receive_hwm = 5}};
    slow.subscribe("");
    join_over("inproc", publisher, slow);
    REQUIRE(publisher.wait_for_subscribers(1, "", patience));
    for (int i = 0; i < 100; ++i)
        publisher.send(std::to_string(i));
    CHECK(publisher.dropped_messages() == 90);
    for (int i = 0; i < 10; ++i)
        CHECK(take(slow) == message(std::to_string(i)));
    publisher.send("room again");
    CHECK(take(slow) == "room again");
}

TEST_CASE("one slow subscriber costs the others nothing")
{
    context context;
    pub_socket publisher{context, {.send_hwm = 10}};
    sub_socket slow{context, {.receive_hwm = 10}};
    sub_socket quick{context, {.receive_hwm = 0}};
    for (sub_socket* subscriber : {&slow, &quick})
    {
        subscriber->subscribe("");
        join_over("inproc", publisher, *subscriber);
    }
    REQUIRE(publisher.wait_for_subscribers(2, "", patience));
    for (int i = 0; i < 1000; ++i)
        publisher.send(std::to_string(i));
    for (int i = 0; i < 1000; ++i)
        REQUIRE(take(quick) == message(std::to_string(i)));
}

TEST_CASE("a ROUTER drops for a full peer, or waits for it if mandatory")
{
    context context;
    router_socket router{context, {.send_hwm = 2}};
    dealer_socket dealer{context, {.receive_hwm = 2, .routing_id = "alice"}};
    join_over("inproc", router, dealer);
    REQUIRE(router.wait_for_peers(1, patience));
    for (int i = 0; i < 6; ++i)
        router.send(message::of("alice", std::to_string(i)));
    CHECK(router.dropped_messages() == 2);

    router.set_router_mandatory(true);
    CHECK_FALSE(router.try_send(message::of("alice", "no room")));
    background_call sending([&] { give(router, message::of("alice", "waits")); });
    for (int i = 0; i < 4; ++i)
        CHECK(take(dealer) == message(std::to_string(i)));
    CHECK(take(dealer) == "waits");
    sending.finish();
}

TEST_CASE("marks may change later, and count at once")
{
    context context;
    push_socket sender{context, {.send_hwm = 2}};
    pull_socket sink{context, {.receive_hwm = 2}};
    join_over("inproc", sink, sender);
    for (int i = 0; i < 4; ++i)
        REQUIRE(sender.try_send("message"));
    REQUIRE_FALSE(sender.try_send("one too many"));
    sender.set_send_hwm(4);
    CHECK(sender.try_send("room"));
    CHECK(sender.try_send("room"));
    CHECK_FALSE(sender.try_send("one too many"));
    sink.set_receive_hwm(3);
    CHECK(sender.try_send("room"));
}

TEST_CASE("a conflating socket holds the newest message only, of any number of frames")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    const bool at_sender = GENERATE(true, false);
    CAPTURE(transport, at_sender);
    constexpr int count = 1000;
    context context;
    push_socket sender{context, {.conflate = at_sender}};
    pull_socket sink{context, {.conflate = !at_sender}};
    join_over(transport, sink, sender);
    for (int i = 0; i < count; ++i)
        sender.send(message::of(std::to_string(i), "and", std::to_string(i)));

    int last = -1;
    while (last != count - 1)
    {
        const message m = take(sink);
        REQUIRE(m.size() == 3);
        REQUIRE(m[0] == m[2]);
        const int number = std::stoi(m[0].string());
        REQUIRE(number > last);
        last = number;
    }
    CHECK_FALSE(sink.try_receive());
}

TEST_CASE("conflating swallows no subscription")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context};
    sub_socket subscriber{context, {.conflate = true}};
    for (int i = 0; i < 100; ++i)
        subscriber.subscribe(std::to_string(i));
    join_over(transport, publisher, subscriber);
    for (int i = 0; i < 100; ++i)
        CHECK(publisher.wait_for_subscribers(1, std::to_string(i), patience));
    publisher.send("7");
    CHECK(take(subscriber) == "7");
}

TEST_CASE("an immediate socket gives nothing to peers that are not there")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const place here{transport};
    const place nowhere{transport};
    context context;
    push_socket sender{context, {.immediate = true}};
    sender.connect(nowhere.endpoint());
    CHECK_FALSE(sender.try_send("to nobody"));

    pull_socket sink{context};
    sink.bind(here.endpoint());
    sender.connect(here.endpoint());
    for (int i = 0; i < 10; ++i)
        give(sender, std::to_string(i));
    for (int i = 0; i < 10; ++i)
        CHECK(take(sink) == message(std::to_string(i)));
}

TEST_CASE("an immediate socket gives up what was queued for a peer that is lost")
{
    const raw_listener listener;
    context context;
    push_socket sender{context, {.send_hwm = 10, .immediate = true}};
    monitor events{sender};
    sender.connect(listener.endpoint(), {.reconnect_interval = 5ms});
    {
        raw_peer mute = listener.accept();
        mute.handshake("PULL");
        REQUIRE(sender.wait_for_peers(1, patience));
        int sent = 0;
        while (sent < 10'000 && sender.send_for(std::string(100'000, 'x'), 200ms))
            ++sent;
        CHECK(sent < 10'000);
    }
    await_event(events, monitor_event_type::retrying);
    CHECK(sender.dropped_messages() > 0);
    CHECK_FALSE(sender.try_send("to nobody"));

    raw_peer next = listener.accept();
    next.handshake("PULL");
    give(sender, "hello");
    CHECK(next.read_frame() == raw_frame{wire::last, "hello"});
}
