// What a socket tells of its traffic, its drops and its peers; and the end of one peer.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

const endpoint_options quickly{.reconnect_interval = 5ms, .reconnect_interval_max = 20ms};

/// Whether it becomes true while a test has patience.
template <class Condition>
bool eventually(Condition condition)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition())
    {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::yield();
    }
    return true;
}

template <class Socket>
bool drops(const Socket& socket, drop_reason why, std::uint64_t messages)
{
    return eventually([&] { return socket.stats().dropped(why) == messages; });
}

template <class Socket>
peer_stats only_peer(const Socket& socket)
{
    const std::vector<peer_stats> all = socket.peers();
    must(all.size() == 1, "there is not one peer");
    return all.front();
}

}  // namespace

// --- traffic -------------------------------------------------------------------------------------

TEST_CASE("messages and bytes are counted at both ends, both ways, the same over all transports")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pair_socket bound{context};
    pair_socket connected{context};
    join_over(transport, bound, connected);
    for (int i = 0; i < 10; ++i)
        connected.send(std::string(100, 'x'));
    connected.send(message::of(std::string(300, 'x'), "y"));
    for (int i = 0; i < 11; ++i)
        (void)take(bound);
    bound.send(std::string(100'000, 'z'));
    (void)take(connected);

    constexpr std::uint64_t there = 10 * 102 + 309 + 3;  // a header of 2 or 9 octets per frame
    constexpr std::uint64_t back = 100'009;
    for (const traffic_stats& of : {connected.stats().traffic, only_peer(connected).traffic})
    {
        CHECK(of.messages_sent == 11);
        CHECK(of.bytes_sent == there);
        CHECK(of.messages_received == 1);
        CHECK(of.bytes_received == back);
    }
    for (const traffic_stats& of : {bound.stats().traffic, only_peer(bound).traffic})
    {
        CHECK(of.messages_sent == 1);
        CHECK(of.bytes_sent == back);
        CHECK(of.messages_received == 11);
        CHECK(of.bytes_received == there);
    }
    CHECK(bound.stats().dropped() == 0);
}

TEST_CASE("nothing is lost from the counts in a flood")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr std::uint64_t messages = 100'000;
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);
    background_call sending([&] {
        for (std::uint64_t i = 0; i < messages; ++i)
            sender.send("0123456789");
    });
    for (std::uint64_t i = 0; i < messages; ++i)
        (void)take(sink);
    sending.finish();
    CHECK(sender.stats().traffic.messages_sent == messages);
    CHECK(sender.stats().traffic.bytes_sent == messages * 12);
    CHECK(sink.stats().traffic.messages_received == messages);
    CHECK(sink.stats().traffic.bytes_received == messages * 12);
    const queue_stats queued = sink.stats().queued;
    CHECK(queued.to_receive == 0);
    CHECK(queued.most_to_receive >= 1);
    CHECK(queued.most_to_receive <= (transport == "inproc" ? 2000u : 1000u));
    // A run of encoded messages takes a place beside them.
    CHECK(sender.stats().queued.most_to_send <= (transport == "inproc" ? 2001u : 1001u));
}

TEST_CASE("the traffic of connections that are gone stays in the socket's count")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    const std::string endpoint = sink.bind(anywhere(transport));
    for (int life = 0; life < 3; ++life)
    {
        push_socket sender{context};
        sender.connect(endpoint);
        sender.send("12345");
        (void)take(sink);
        CHECK(sender.close() == 0);
        CHECK(sender.stats().traffic.messages_sent == 1);
        CHECK(sender.stats().traffic.bytes_sent == 7);
        CHECK(eventually([&] { return sink.peers().empty(); }));
    }
    CHECK(sink.stats().traffic.messages_received == 3);
    CHECK(sink.stats().traffic.bytes_received == 21);
    CHECK(sink.stats().connections == 3);
    CHECK(sink.stats().peers == 0);
}

TEST_CASE("subscriptions and heartbeats are no messages")
{
    context context;
    pub_socket publisher{context};
    sub_socket subscriber{context, {.heartbeat_interval = 10ms}};
    subscriber.subscribe("a");
    join_over("tcp", publisher, subscriber);
    REQUIRE(publisher.wait_for_subscribers(1, "a", patience));
    CHECK(eventually(
        [&] { return only_peer(subscriber).heartbeat_round_trip > std::chrono::nanoseconds{0}; }));
    CHECK_FALSE(only_peer(publisher).heartbeat_round_trip);
    CHECK(subscriber.stats().traffic.messages_sent == 0);
    CHECK(subscriber.stats().traffic.bytes_sent == 0);
    CHECK(subscriber.stats().queued.most_to_send == 0);
    CHECK(publisher.stats().traffic.messages_received == 0);
    CHECK(publisher.stats().traffic.bytes_received == 0);
}

TEST_CASE("what waits is told, and the most that ever did")
{
    context context;
    push_socket sender{context, {.send_hwm = 7, .linger = 0ms}};
    const place nowhere{"tcp"};
    sender.connect(nowhere.endpoint());
    while (sender.try_send("x"))
    {
    }
    CHECK(sender.stats().queued.to_send == 7);
    CHECK(sender.stats().queued.most_to_send == 7);
    CHECK(sender.peers().empty());
    CHECK(sender.stats().peers == 0);

    pull_socket sink{context};
    sink.bind(nowhere.endpoint());
    CHECK(eventually([&] { return sink.stats().queued.to_receive == 7; }));
    CHECK(sink.stats().queued.most_to_receive <= 7);
    for (int i = 0; i < 7; ++i)
        (void)take(sink);
    CHECK(sink.stats().queued.to_receive == 0);
    CHECK(sink.stats().queued.most_to_receive >= 1);
    CHECK(sender.stats().queued.to_send == 0);
    CHECK(sender.stats().queued.most_to_send == 7);
}

// --- drops ---------------------------------------------------------------------------------------

TEST_CASE("PUB: nobody wants it (no_subscriber)")
{
    context context;
    pub_socket publisher{context};
    for (int i = 0; i < 5; ++i)
        publisher.send("x");
    CHECK(publisher.stats().dropped(drop_reason::no_subscriber) == 5);
    CHECK(publisher.stats().dropped() == 5);
    CHECK(publisher.dropped_messages() == 5);
}

TEST_CASE("PUB: a subscriber that does not read misses messages (subscriber_full)")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context, {.send_hwm = 10, .linger = 0ms}};
    sub_socket subscriber{context, {.receive_hwm = 10}};
    subscriber.subscribe("");
    join_over(transport, publisher, subscriber);
    REQUIRE(publisher.wait_for_subscribers(1, "", patience));
    const std::string large(60'000, 'x');
    std::uint64_t sent = 0;
    for (; publisher.dropped_messages() < 20 && sent < 10'000; ++sent)
        publisher.send(large);
    CHECK(publisher.stats().dropped(drop_reason::subscriber_full) == 20);
    CHECK(publisher.stats().dropped() == 20);
    CHECK(only_peer(publisher).drops == 20);
    const std::size_t most = only_peer(publisher).queued.most_to_send;
    CHECK(most >= (transport == "inproc" ? 20u : 1u));  // a session may be taking some just then
    CHECK(most <= (transport == "inproc" ? 20u : 10u));
    CHECK(sent > 20);
}

TEST_CASE("ROUTER: nobody has that id, or there is nothing behind it (unroutable)")
{
    context context;
    router_socket router{context};
    router.send(message::of("nobody", "x"));
    router.send("lonely");
    CHECK(router.stats().dropped(drop_reason::unroutable) == 2);
}

TEST_CASE("ROUTER: that peer's queue is full (peer_full)")
{
    context context;
    router_socket router{context, {.send_hwm = 1}};
    dealer_socket dealer{context, {.receive_hwm = 1, .routing_id = "d"}};
    join_over("inproc", router, dealer);
    for (int i = 0; i < 5; ++i)
        router.send(message::of("d", "x"));
    CHECK(router.stats().dropped(drop_reason::peer_full) == 3);
    CHECK(only_peer(router).drops == 3);
}

TEST_CASE("REP: who asked is gone (peer_gone)")
{
    context context;
    rep_socket server{context};
    const std::string endpoint = server.bind(anywhere("tcp"));
    {
        req_socket client{context};
        client.connect(endpoint);
        client.send("?");
        (void)take(server);
    }
    CHECK(eventually([&] { return server.peer_count() == 0; }));
    server.send("!");
    CHECK(server.stats().dropped(drop_reason::peer_gone) == 1);
}

TEST_CASE("SUB: the publisher sends what was not asked for (not_subscribed)")
{
    context context;
    sub_socket subscriber{context};
    subscriber.subscribe("a");
    raw_peer publisher = raw_peer::connect(subscriber.bind(anywhere("tcp")));
    publisher.handshake("PUB");
    publisher.send(wire::frame(wire::last, "b") + wire::frame(wire::last, "a"));
    CHECK(take(subscriber) == "a");
    CHECK(subscriber.stats().dropped(drop_reason::not_subscribed) == 1);
    CHECK(only_peer(subscriber).drops == 1);
    CHECK(subscriber.stats().traffic.messages_received == 2);
}

TEST_CASE("REP: there is no envelope (malformed)")
{
    context context;
    rep_socket server{context};
    raw_peer client = raw_peer::connect(server.bind(anywhere("tcp")));
    client.handshake("REQ");
    client.send(wire::frame(wire::last, "x") + wire::frame(wire::more, "") +
        wire::frame(wire::last, "well-formed"));
    CHECK(take(server) == "well-formed");
    CHECK(server.stats().dropped(drop_reason::malformed) == 1);
    CHECK(only_peer(server).drops == 1);
}

TEST_CASE("REQ: the answer to a request that was given up (stale_reply)")
{
    context context;
    req_socket client{context, {.req_correlate = true, .req_relaxed = true}};
    router_socket server{context};
    join_over("inproc", server, client);
    client.send("1");
    const message first = take(server);
    client.send("2");
    const message second = take(server);
    server.send(first);
    server.send(second);
    CHECK(take(client) == "2");
    CHECK(client.stats().dropped(drop_reason::stale_reply) == 1);
}

TEST_CASE("PUB: a message from a subscriber (unexpected_input)")
{
    context context;
    pub_socket publisher{context};
    raw_peer subscriber = raw_peer::connect(publisher.bind(anywhere("tcp")));
    subscriber.handshake("SUB");
    subscriber.send(wire::frame(wire::last, "hello"));
    CHECK(drops(publisher, drop_reason::unexpected_input, 1));
    CHECK(only_peer(publisher).drops == 1);
}

TEST_CASE("a newer message replaces one that was not sent yet (conflated)")
{
    context context;
    push_socket sender{context, {.linger = 0ms, .conflate = true}};
    const place nowhere{"tcp"};
    sender.connect(nowhere.endpoint());
    for (int i = 0; i < 3; ++i)
        sender.send("x");
    CHECK(sender.stats().dropped(drop_reason::conflated) == 2);
    CHECK(sender.stats().queued.to_send == 1);
}

TEST_CASE("a newer message replaces one that was not received yet (conflated)")
{
    context context;
    pull_socket sink{context, {.conflate = true}};
    raw_peer sender = raw_peer::connect(sink.bind(anywhere("tcp")));
    sender.handshake("PUSH");
    const std::string one = wire::frame(wire::last, "x");
    sender.send(one + one + one);
    CHECK(drops(sink, drop_reason::conflated, 2));
    CHECK(only_peer(sink).drops == 2);
    CHECK(only_peer(sink).traffic.messages_received == 3);
    CHECK(only_peer(sink).traffic.bytes_received == 9);
}

TEST_CASE("what is queued for a peer that is given up is dropped (disconnected)")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    push_socket sender{context, {.linger = 0ms}};
    const place nowhere{transport};
    sender.connect(nowhere.endpoint());
    for (int i = 0; i < 5; ++i)
        sender.send("x");
    sender.disconnect(nowhere.endpoint());
    if (transport == "inproc")  // it waits there for whoever binds
        pull_socket{context}.bind(nowhere.endpoint());
    else
        CHECK(drops(sender, drop_reason::disconnected, 5));
    CHECK(sender.stats().dropped() == sender.dropped_messages());
}

TEST_CASE("what close gives up is told")
{
    context context;
    push_socket sender{context, {.linger = 0ms}};
    const place nowhere{"tcp"};
    sender.connect(nowhere.endpoint());
    sender.send("x");
    sender.send("y");
    CHECK(sender.stats().given_up == 0);
    CHECK(sender.close() == 2);
    CHECK(sender.stats().given_up == 2);
    CHECK(sender.stats().dropped(drop_reason::disconnected) == 2);
    CHECK(sender.stats().queued.to_send == 0);
    CHECK(sender.stats().queued.most_to_send == 2);
}

// --- handshakes and peers ------------------------------------------------------------------------

TEST_CASE("types that cannot talk are counted at both ends")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context};
    push_socket sender{context};
    sender.connect(publisher.bind(anywhere(transport)), quickly);
    using enum handshake_failure;
    CHECK(eventually([&] { return publisher.stats().failed(incompatible_type) >= 2; }));
    const auto failures = [&] {
        const socket_stats all = sender.stats();
        return all.failed(incompatible_type) + all.failed(refused_by_peer) +
            all.failed(connection_lost);
    };
    CHECK(eventually([&] { return failures() >= 2; }));
    CHECK(publisher.stats().connections == 0);
    CHECK(sender.stats().connections == 0);
    CHECK(sender.peers().empty());
}

TEST_CASE("types that cannot talk over inproc are counted, whoever comes first")
{
    context context;
    pub_socket publisher{context};
    push_socket sender{context};
    const place here{"inproc"};
    sender.connect(here.endpoint());
    publisher.bind(here.endpoint());
    CHECK(publisher.stats().failed(handshake_failure::incompatible_type) == 1);
    CHECK(sender.stats().failed(handshake_failure::incompatible_type) == 1);
}

TEST_CASE("handshakes fail for what the peer does, and for what it does not do")
{
    context context;
    pull_socket sink{context, {.handshake_timeout = 50ms}};
    const std::string endpoint = sink.bind(anywhere("tcp"));
    using enum handshake_failure;
    const auto fails = [&](handshake_failure why) {
        return eventually([&] { return sink.stats().failed(why) == 1; });
    };
    raw_peer mute = raw_peer::connect(endpoint);
    CHECK(fails(timed_out));
    raw_peer::connect(endpoint).send("GET / HTTP/1.1\r\n\r\n");
    CHECK(eventually([&] {
        return sink.stats().failed(broke_protocol) + sink.stats().failed(connection_lost) == 1;
    }));
    raw_peer stranger = raw_peer::connect(endpoint);
    stranger.greet(1, "PLAIN");
    CHECK(fails(mechanism_mismatch));
    raw_peer unwilling = raw_peer::connect(endpoint);
    unwilling.greet();
    unwilling.send(wire::command("ERROR", wire::integer(2, 1).append("no")));
    CHECK(fails(refused_by_peer));
}

TEST_CASE("a peer that the socket does not want is counted as refused")
{
    context context;
    pair_socket bound{context};
    const std::string endpoint = bound.bind(anywhere("tcp"));
    pair_socket first{context};
    first.connect(endpoint);
    REQUIRE(bound.wait_for_peers(1, patience));
    pair_socket second{context};
    second.connect(endpoint, quickly);
    CHECK(eventually([&] { return bound.stats().failed(handshake_failure::refused_here) >= 2; }));
    CHECK(bound.peers().size() == 1);
}

TEST_CASE("an endpoint that connects again counts that, and has a new peer")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const place here{transport};
    context context;
    push_socket sender{context};
    sender.connect(here.endpoint(), quickly);
    peer_id last{};
    for (std::uint64_t life = 0; life < 3; ++life)
    {
        pull_socket sink{context};
        sink.bind(here.endpoint());
        REQUIRE(eventually([&] { return sender.stats().connections == life + 1; }));
        CHECK(sender.stats().reconnects == life);
        const peer_id now = only_peer(sender).id;
        CHECK(now != last);
        last = now;
        sink.close();
        REQUIRE(eventually([&] { return sender.peers().empty(); }));
    }
}

TEST_CASE("peers tells who is there")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    const auto before = std::chrono::system_clock::now();
    context context;
    router_socket server{context};
    const std::string endpoint = server.bind(anywhere(transport));
    dealer_socket alice{context, {.routing_id = "alice"}};
    alice.connect(endpoint);
    REQUIRE(server.wait_for_peers(1, patience));
    {
        req_socket bob{context};
        bob.connect(endpoint);
        REQUIRE(server.wait_for_peers(2, patience));
        const std::vector<peer_stats> peers = server.peers();
        REQUIRE(peers.size() == 2);
        CHECK(server.stats().peers == 2);
        CHECK(peers[0].id != peers[1].id);
        CHECK(peers[0].routing_id == "alice");
        CHECK(peers[0].type == socket_type::dealer);
        CHECK(peers[1].routing_id.empty());
        CHECK(peers[1].type == socket_type::req);
        for (const peer_stats& each : peers)
        {
            CHECK(each.endpoint == endpoint);
            CHECK(each.peer_address.empty() == (transport == "inproc"));
            CHECK(each.zmtp_major == (transport == "inproc" ? 0 : 3));
            CHECK(each.zmtp_minor == (transport == "inproc" ? 0 : 1));
            CHECK(each.connected_since >= before);
            CHECK(each.connected_since <= std::chrono::system_clock::now());
        }
    }
    CHECK(eventually([&] { return server.peers().size() == 1; }));
    CHECK(only_peer(server).routing_id == "alice");
    REQUIRE(alice.wait_for_peers(1, patience));
    CHECK(only_peer(alice).type == socket_type::router);
    CHECK(only_peer(alice).endpoint == endpoint);
}

// --- the end of one peer -------------------------------------------------------------------------

TEST_CASE("an accepted peer that is disconnected is gone, and only that one")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket server{context};
    const std::string endpoint = server.bind(anywhere(transport));
    dealer_socket alice{context, {.routing_id = "alice", .reconnect_interval = 0ms}};
    alice.connect(endpoint);
    REQUIRE(server.wait_for_peers(1, patience));
    REQUIRE(alice.wait_for_peers(1, patience));
    dealer_socket bob{context, {.routing_id = "bob"}};
    bob.connect(endpoint);
    REQUIRE(server.wait_for_peers(2, patience));

    const peer_id first = server.peers()[0].id;
    CHECK(server.disconnect(first));
    CHECK_FALSE(server.disconnect(first));
    CHECK(only_peer(server).routing_id == "bob");
    CHECK(eventually([&] { return server.peer_count() == 1 && alice.peer_count() == 0; }));
    CHECK_FALSE(server.disconnect(first));
    bob.send("still here");
    CHECK(take(server)[1].text() == "still here");
}

TEST_CASE("a peer that was connected to is connected to again when it is disconnected")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    sender.connect(sink.bind(anywhere(transport)), quickly);
    REQUIRE(sender.wait_for_peers(1, patience));
    const peer_id first = only_peer(sender).id;
    CHECK(sender.disconnect(first));
    CHECK(eventually([&] { return sender.stats().reconnects == 1; }));
    CHECK(only_peer(sender).id != first);
    CHECK_FALSE(sender.disconnect(first));
    sender.send("back again");
    CHECK(take(sink) == "back again");
}

TEST_CASE("an inproc peer that is disconnected is gone at both ends, with what it sent")
{
    const bool by_sender = GENERATE(false, true);
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over("inproc", sink, sender);
    sender.send("x");
    const bool found =
        by_sender ? sender.disconnect(only_peer(sender).id) : sink.disconnect(only_peer(sink).id);
    CHECK(found);
    CHECK(sender.peers().empty());
    CHECK(sender.peer_count() == 0);
    CHECK(sink.stats().traffic.messages_received == 1);
    CHECK(sink.try_receive().has_value() == by_sender);
    CHECK(sink.stats().dropped(drop_reason::disconnected) == (by_sender ? 0u : 1u));
    CHECK(sink.peers().empty());
}

TEST_CASE("nobody is disconnected by an id that is no peer's, nor after close")
{
    context context;
    push_socket sender{context};
    CHECK_FALSE(sender.disconnect(peer_id{}));
    CHECK_FALSE(sender.disconnect(peer_id{12'345}));
    sender.close();
    std::error_code code;
    CHECK_FALSE(sender.disconnect(peer_id{1}, code));
    CHECK(code == errc::closed);
    CHECK(error_of([&] { sender.disconnect(peer_id{1}); }) == errc::closed);
    CHECK(sender.peers().empty());
}

TEST_CASE("all reasons have names")
{
    for (std::size_t i = 0; i < drop_reason_count; ++i)
        CHECK(to_string(static_cast<drop_reason>(i)) != std::string("unknown"));
    for (std::size_t i = 0; i < handshake_failure_count; ++i)
        CHECK(to_string(static_cast<handshake_failure>(i)) != std::string("unknown"));
}
