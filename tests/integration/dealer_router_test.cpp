// DEALER and ROUTER: load balancing one way, routing ids the other.

#include <map>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a ROUTER knows a DEALER by the name it announces, and answers to it")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket router{context};
    dealer_socket dealer{context, {.routing_id = "alice"}};
    join_over(transport, router, dealer);

    dealer.send(message::of("a", "", "b"));
    CHECK(take(router) == message::of("alice", "a", "", "b"));
    router.send(message::of("alice", "", "c"));
    CHECK(take(dealer) == message::of("", "c"));
}

TEST_CASE("a name may begin with 00, unless a ROUTER might have made it up")
{
    using namespace std::string_literals;
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket router{context};
    dealer_socket dealer{context, {.routing_id = "\0alice"s}};
    join_over(transport, router, dealer);

    dealer.send("a");
    CHECK(take(router) == message::of("\0alice"s, "a"));
}

TEST_CASE("an inproc name has the options that its bind was given")
{
    context context;
    dealer_socket bound{context};
    router_socket router{context};
    bound.bind("inproc://named", {.send_hwm = 1, .routing_id = "bob"});
    router.connect("inproc://named", {.receive_hwm = 2});

    router.send(message::of("bob", "hello"));
    CHECK(take(bound) == "hello");
    for (int i = 0; i < 3; ++i)
        CHECK(bound.try_send("x"));
    CHECK_FALSE(bound.try_send("one too many"));
}

TEST_CASE("a ROUTER makes a name up for a peer that has none: five octets, the first of them 00")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket router{context};
    dealer_socket dealer{context};
    join_over(transport, router, dealer);

    dealer.send("hello");
    const message received = take(router);
    REQUIRE(received.size() == 2);
    CHECK(received[0].size() == 5);
    CHECK(received[0].text()[0] == '\0');

    router.send(message::of(received[0].text(), "hello yourself"));
    CHECK(take(dealer) == "hello yourself");
}

TEST_CASE("a ROUTER drops what is for nobody it knows, and counts it")
{
    context context;
    router_socket router{context};
    router.send(message::of("nobody", "lost"));
    CHECK(router.dropped_messages() == 1);
}

TEST_CASE("a mandatory ROUTER says that there is no route, and leaves the message with the caller")
{
    context context;
    router_socket router{context, {.router_mandatory = true}};
    message m = message::of("nobody", "kept");
    std::error_code error;
    router.send(offered(m), error);
    CHECK(error == errc::no_route);
    CHECK(m == message::of("nobody", "kept"));

    router.set_router_mandatory(false);
    router.send(offered(m), error);
    CHECK_FALSE(error);
}

TEST_CASE("a mandatory ROUTER finds its route once the peer is there")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket router{context, {.router_mandatory = true}};
    dealer_socket dealer{context, {.routing_id = "alice"}};
    join_over(transport, router, dealer);
    REQUIRE(router.wait_for_peers(1, patience));

    router.send(message::of("alice", "hello"));
    CHECK(take(dealer) == "hello");
}

TEST_CASE("a second peer of the same name is turned away, without handover")
{
    context context;
    router_socket router{context};
    dealer_socket first{context, {.routing_id = "alice"}};
    const std::string endpoint = join_over("tcp", router, first);
    first.send("from the first");
    CHECK(take(router) == message::of("alice", "from the first"));

    dealer_socket second{context, {.routing_id = "alice"}};
    monitor events{second};
    second.connect(endpoint);
    await_event(events, monitor_event_type::disconnected);

    router.send(message::of("alice", "to the first"));
    CHECK(take(first) == "to the first");
    CHECK_FALSE(second.try_receive());
}

TEST_CASE("a second peer of the same name takes it over, with handover")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    router_socket router{context, {.router_handover = true}};
    dealer_socket first{context, {.routing_id = "alice"}};
    monitor events{first};
    const std::string endpoint = router.bind(anywhere(transport));
    first.connect(endpoint, {.reconnect_interval = 0ms});  // else it would take its name back
    first.send("from the first");
    CHECK(take(router) == message::of("alice", "from the first"));

    dealer_socket second{context, {.routing_id = "alice"}};
    second.connect(endpoint);
    second.send("from the second");
    CHECK(take(router) == message::of("alice", "from the second"));
    router.send(message::of("alice", "to the second"));
    CHECK(take(second) == "to the second");
    CHECK_FALSE(first.try_receive());
    await_event(events, monitor_event_type::disconnected);
}

TEST_CASE("a name given at connect is good before the peer is there, whatever it announces")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    const place here{transport};
    context context;
    router_socket router{context, {.router_mandatory = true}};
    router.connect(here.endpoint(), {.connect_routing_id = "bob"});
    router.send(message::of("bob", "early"));

    dealer_socket dealer{context, {.routing_id = "robert"}};
    dealer.bind(here.endpoint());
    CHECK(take(dealer) == "early");
    dealer.send("hello");
    CHECK(take(router) == message::of("bob", "hello"));
}

TEST_CASE("two ROUTERs talk once each knows the other's name")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket one{context, {.routing_id = "one", .router_mandatory = true}};
    router_socket two{context, {.routing_id = "two", .router_mandatory = true}};
    join_over(transport, one, two);
    REQUIRE(one.wait_for_peers(1, patience));
    REQUIRE(two.wait_for_peers(1, patience));

    one.send(message::of("two", "hello two"));
    CHECK(take(two) == message::of("one", "hello two"));
    two.send(message::of("one", "hello one"));
    CHECK(take(one) == message::of("two", "hello one"));
}

TEST_CASE("a probe tells a ROUTER of its peer before either says anything")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket router{context};
    dealer_socket dealer{context, {.routing_id = "alice", .probe_router = true}};
    join_over(transport, router, dealer);

    CHECK(take(router) == message::of("alice", ""));
    router.send(message::of("alice", "I saw you"));
    CHECK(take(dealer) == "I saw you");
}

TEST_CASE("a DEALER deals in turn, and takes from all in turn")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    dealer_socket dealer{context};
    dealer_socket one{context};
    dealer_socket two{context};
    const std::string endpoint = dealer.bind(anywhere(transport));
    one.connect(endpoint);
    two.connect(endpoint);
    REQUIRE(dealer.wait_for_peers(2, patience));

    for (int i = 0; i < 6; ++i)
        dealer.send(std::to_string(i));
    for (dealer_socket* peer : {&one, &two})
    {
        const int first = std::stoi(take(*peer).front().string());
        CHECK(std::stoi(take(*peer).front().string()) == first + 2);
        CHECK(std::stoi(take(*peer).front().string()) == first + 4);
        CHECK_FALSE(peer->try_receive());
        peer->send("done");
    }
    CHECK(take(dealer) == "done");
    CHECK(take(dealer) == "done");
}

TEST_CASE("a ROUTER tells its peers' messages apart, and keeps the order of each")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int messages = 200;
    context context;
    router_socket router{context};
    const std::string endpoint = router.bind(anywhere(transport));
    dealer_socket alice{context, {.routing_id = "alice"}};
    dealer_socket bob{context, {.routing_id = "bob"}};
    alice.connect(endpoint);
    bob.connect(endpoint);
    for (int i = 0; i < messages; ++i)
    {
        alice.send(std::to_string(i));
        bob.send(std::to_string(i));
    }

    std::map<std::string, int> next;
    for (int i = 0; i < 2 * messages; ++i)
    {
        const message m = take(router);
        REQUIRE(m[1] == std::to_string(next[m[0].string()]++));
    }
    CHECK(next == std::map<std::string, int>{{"alice", messages}, {"bob", messages}});
}
