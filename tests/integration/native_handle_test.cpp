// The descriptors that messages, events and peers tell of: to ask questions about, as getpeername.

#include <sys/socket.h>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

using enum monitor_event_type;

bool listens(int descriptor)
{
    int answer = 0;
    socklen_t size = sizeof answer;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer == 1;
}

/// The remote port of a connected tcp socket, in "tcp://127.0.0.1:PORT".
std::string remote_end(int descriptor)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return "not connected";
    return "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

int source_of(const message& m)
{
    return m.peer() ? m.peer()->native_handle() : -1;
}

}  // namespace

TEST_CASE("events tell whose descriptor it is, from the beginning of a connection to its end")
{
    context context;
    router_socket server{context};
    auto client = std::make_unique<dealer_socket>(context);
    monitor bound{server};
    monitor connecting_end{*client};
    const std::string endpoint = join_over("tcp", server, *client);

    const monitor_event now_listening = await_event(bound, listening);
    CHECK(listens(now_listening.native_handle));
    const monitor_event now_accepted = await_event(bound, accepted);
    CHECK(remote_end(now_accepted.native_handle) == now_accepted.peer_address);
    CHECK(await_event(bound, handshake_succeeded).native_handle == now_accepted.native_handle);

    CHECK(await_event(connecting_end, connecting).native_handle == -1);
    const monitor_event now_connected = await_event(connecting_end, connected);
    CHECK(remote_end(now_connected.native_handle) == endpoint);
    CHECK(now_connected.native_handle != now_accepted.native_handle);
    CHECK(await_event(connecting_end, handshake_succeeded).native_handle ==
        now_connected.native_handle);

    client.reset();
    CHECK(await_event(bound, disconnected).native_handle == now_accepted.native_handle);
    server.unbind(endpoint);
    CHECK(await_event(bound, closed).native_handle == now_listening.native_handle);
}

TEST_CASE("a connection that ends tells its descriptor before it is tried again")
{
    context context;
    dealer_socket client{context, {.reconnect_interval = 1ms}};
    monitor events{client};
    {
        router_socket server{context};
        join_over("tcp", server, client);
        const int descriptor = await_event(events, connected).native_handle;
        CHECK(await_event(events, handshake_succeeded).native_handle == descriptor);
        server.close();
        CHECK(await_event(events, disconnected).native_handle == descriptor);
    }
    CHECK(await_event(events, retrying).native_handle == -1);
    CHECK(await_event(events, connecting).native_handle == -1);
    CHECK(await_event(events, retrying).native_handle >= 0);  // refused
}

TEST_CASE("a message, and the list of peers, tell which connection it was")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket server{context};
    dealer_socket one{context};
    dealer_socket other{context};
    monitor events{server};
    const std::string endpoint = join_over(transport, server, one);
    const int first = await_event(events, accepted).native_handle;
    other.connect(endpoint);
    const int second = await_event(events, accepted).native_handle;
    CHECK((first == -1) == (transport == "inproc"));
    CHECK((first == second) == (transport == "inproc"));

    one.send("small");
    CHECK(source_of(take(server)) == first);
    other.send(std::string(100'000, 'x'));
    CHECK(source_of(take(server)) == second);
    const auto peers = server.peers();
    REQUIRE(peers.size() == 2);
    CHECK(peers[0].native_handle == first);
    CHECK(peers[1].native_handle == second);
}

TEST_CASE("a message that was made here tells of no connection")
{
    CHECK_FALSE(message("made here").peer());
    CHECK(peer_handle(peer_properties::list{})->native_handle() == -1);
}
