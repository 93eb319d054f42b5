// What a message tells of the peer it came from.

#include <unistd.h>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a message received over tcp carries its sender's address, type, name and own properties")
{
    context context;
    router_socket server{context};
    dealer_socket client{
        context, {.routing_id = "alice", .properties = {{"X-Colour", "blue"}, {"X-Empty", ""}}}};
    join_over("tcp", server, client);
    client.send("hello");
    const message m = take(server);
    CHECK(m.property("Peer-Address") == "127.0.0.1");
    CHECK(m.property("Socket-Type") == "DEALER");
    CHECK(m.property("Identity") == "alice");
    CHECK(m.property("X-Colour") == "blue");
    CHECK(m.property("X-Empty").empty());
    CHECK(m.property("X-Missing").empty());
    REQUIRE(m.peer());
    CHECK(m.peer()->find("X-Empty").data() != nullptr);
    CHECK(m.peer()->find("X-Missing").data() == nullptr);
}

TEST_CASE("over ipc the address says which process it was")
{
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over("ipc", sink, sender);
    sender.send("hello");
    const std::string expected = "localhost:" + std::to_string(::getuid()) + ":" +
        std::to_string(::getgid()) + ":" + std::to_string(::getpid());
    CHECK(take(sink).property("Peer-Address") == expected);
}

TEST_CASE("a peer cannot choose its own address")
{
    context context;
    pull_socket sink{context};
    raw_peer peer = raw_peer::connect(sink.bind(anywhere("tcp")));
    peer.handshake("PUSH", 1, wire::property("Peer-Address", "192.0.2.1"));
    peer.send(wire::frame(wire::last, "hello"));
    CHECK(take(sink).property("Peer-Address") == "127.0.0.1");
}

TEST_CASE("properties stay with a message when it is copied, cut and passed on")
{
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over("tcp", sink, sender);
    sender.send(message::of("a", "b"));
    message m = take(sink);
    const message copy = m;
    const message cut = m.slice(1);
    const message first = m.pop_front();
    for (const message& each : {m, copy, cut, first})
        CHECK(each.property("Socket-Type") == "PUSH");
}

TEST_CASE("a message that was not received has no peer")
{
    CHECK_FALSE(message("mine").peer());
    CHECK(message("mine").property("Peer-Address").empty());
}
