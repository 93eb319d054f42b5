// What the events of a connection carry: who the peer is, and why it ended.

#include <unistd.h>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

using enum monitor_event_type;

std::string expected_peer_address(std::string_view transport, const std::string& endpoint)
{
    if (transport == "tcp")
        return "127.0.0.1";
    if (transport == "inproc")
        return endpoint;
    return "localhost:" + std::to_string(::getuid()) + ":" + std::to_string(::getgid()) + ":" +
        std::to_string(::getpid());
}

}  // namespace

TEST_CASE("a handshake tells version, mechanism, type, routing id and all properties, at both ends")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket server{context, {.routing_id = "desk", .properties = {{"X-Floor", "2"}}}};
    dealer_socket client{context, {.routing_id = "alice", .properties = {{"X-Colour", "blue"}}}};
    monitor bound{server};
    monitor connecting_end{client};
    const std::string endpoint = join_over(transport, server, client);

    const monitor_event of_client = await_event(bound, handshake_succeeded);
    const monitor_event of_server = await_event(connecting_end, handshake_succeeded);
    for (const monitor_event& each : {of_client, of_server})
    {
        CHECK(each.endpoint == endpoint);
        CHECK(each.version.has_value() == (transport != "inproc"));
        CHECK(each.version.value_or(zmtp_version{3, 1}) == zmtp_version{3, 1});
        CHECK(each.mechanism == (transport == "inproc" ? "" : "NULL"));
        CHECK_FALSE(each.error);
        REQUIRE(each.peer);
        CHECK(each.peer->find("Peer-Address") == expected_peer_address(transport, endpoint));
    }
    CHECK_FALSE(of_client.outgoing);
    CHECK(of_client.peer_type == socket_type::dealer);
    CHECK(of_client.routing_id == "alice");
    CHECK(of_client.peer->find("Socket-Type") == "DEALER");
    CHECK(of_client.peer->find("Identity") == "alice");
    CHECK(of_client.peer->find("X-Colour") == "blue");
    CHECK(of_server.outgoing);
    CHECK(of_server.peer_type == socket_type::router);
    CHECK(of_server.routing_id == "desk");
    CHECK(of_server.peer->find("X-Floor") == "2");
}

TEST_CASE("a handshake tells the version of an older peer")
{
    context context;
    pull_socket sink{context};
    monitor events{sink};
    raw_peer peer = raw_peer::connect(sink.bind(anywhere("tcp")));
    peer.handshake("PUSH", 0);
    const monitor_event event = await_event(events, handshake_succeeded);
    CHECK(event.version == zmtp_version{3, 0});
    CHECK(event.peer_type == socket_type::push);
    CHECK(event.routing_id.empty());
}

TEST_CASE("when the peer goes, disconnected says so")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    monitor events{sink};
    std::string endpoint;
    {
        push_socket sender{context};
        endpoint = join_over(transport, sink, sender);
        await_event(events, handshake_succeeded);
    }
    const monitor_event event = await_event(events, disconnected);
    CHECK(event.error == errc::connection_closed);
    CHECK(event.endpoint == endpoint);
    CHECK_FALSE(event.outgoing);
}

TEST_CASE("when we disconnect, there is no error to tell")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    monitor events{sender};
    const std::string endpoint = join_over(transport, sink, sender);
    await_event(events, handshake_succeeded);
    sender.disconnect(endpoint);
    const monitor_event event = await_event(events, disconnected);
    CHECK_FALSE(event.error);
    CHECK(event.endpoint == endpoint);
    CHECK(event.outgoing);
    CHECK_FALSE(events.try_receive());
}

TEST_CASE("a second peer of the same routing id is refused, and the reason is told")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket server{context};
    monitor events{server};
    dealer_socket first{context, {.routing_id = "alice"}};
    const std::string endpoint = join_over(transport, server, first);
    await_event(events, handshake_succeeded);
    dealer_socket second{context, {.routing_id = "alice"}};
    second.connect(endpoint);
    const monitor_event event = await_event(events, handshake_failed);
    CHECK(event.error == errc::peer_refused);
    CHECK(event.endpoint == endpoint);
}

TEST_CASE("a PAIR that has its peer gives a second connect up, and says so")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pair_socket one{context};
    pair_socket other{context};
    pair_socket third{context};
    join_over(transport, one, other);
    const std::string endpoint = third.bind(anywhere(transport));
    monitor events{other};
    other.connect(endpoint);
    const auto end = transport == "inproc" ? handshake_failed : given_up;
    const monitor_event event = await_event(events, end);
    CHECK(event.error == errc::peer_refused);
    CHECK(event.endpoint == endpoint);
}

TEST_CASE("a peer that leaves in the middle of the handshake has not disconnected but failed")
{
    context context;
    pull_socket sink{context};
    monitor events{sink};
    const std::string endpoint = sink.bind(anywhere("tcp"));
    {
        raw_peer hasty = raw_peer::connect(endpoint);
        hasty.greet();
    }
    const monitor_event event = await_event(events, handshake_failed);
    CHECK(event.error);
    CHECK(event.endpoint == endpoint);
    CHECK(event.peer_address.starts_with("tcp://127.0.0.1:"));
}
