// STREAM: peers that speak no ZMTP.

#include <chrono>
#include <future>
#include <map>
#include <thread>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <asio/write.hpp>

#include "tests/integration/stream_octets.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: ferry\r\n\r\n";
constexpr std::string_view response = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

}  // namespace

TEST_CASE("a STREAM answers a raw peer like a web server, and closes")
{
    context context;
    stream_socket server{context};
    const std::string endpoint = server.bind(any_port);
    for (int i = 0; i < 3; ++i)
    {
        raw_peer browser = raw_peer::connect(endpoint);
        const std::string id = take_notice(server);
        CHECK(id.size() == 5);
        CHECK(id[0] == '\0');
        browser.send(request);
        CHECK(take_octets(server, id, request.size()) == request);
        give(server, message::of(id, response));
        give(server, message::of(id, ""));
        CHECK(browser.read(response.size()) == response);
        CHECK(browser.wait_for_end());
        CHECK(error_of([&] { server.send(message::of(id, "late")); }) == errc::no_route);
    }
    CHECK_FALSE(server.try_receive());  // its own closing is no news
}

TEST_CASE("a STREAM talks to a raw listener like a web client")
{
    context context;
    stream_socket client{context};
    const raw_listener server;
    client.connect(server.endpoint());
    const std::string id = client.last_connect_routing_id();
    REQUIRE(id.size() == 5);
    give(client, message::of(id, request));  // before the connection stands
    raw_peer accepted = server.accept();
    CHECK(accepted.read(request.size()) == request);
    CHECK(take_notice(client) == id);
    accepted.send(response);
    CHECK(take_octets(client, id, response.size()) == response);
    accepted.close();
    CHECK(take_notice(client) == id);
}

TEST_CASE("two STREAMs talk octets over tcp and ipc")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    stream_socket bound{context};
    stream_socket connected{context};
    join_over(transport, bound, connected);
    const std::string to_bound = take_notice(connected);
    const std::string to_connected = take_notice(bound);
    CHECK(to_bound == connected.last_connect_routing_id());

    give(connected, message::of(to_bound, "ping"));
    CHECK(take_octets(bound, to_connected, 4) == "ping");
    give(bound, message::of(to_connected, "pong"));
    CHECK(take_octets(connected, to_bound, 4) == "pong");

    give(connected, message::of(to_bound, ""));
    CHECK(take_notice(bound) == to_connected);
}

TEST_CASE("what goes through a STREAM is neither changed nor reordered, in any quantity")
{
    const std::size_t piece = GENERATE(1, 50, 4096, 300'000);
    const std::size_t size = piece == 1 ? 20'000 : 3'000'000;
    CAPTURE(piece);
    const std::string octets = pattern_of(size);
    context context;
    stream_socket bound{context};
    stream_socket connected{context};
    join_over("tcp", bound, connected);
    const std::string to_bound = take_notice(connected);
    const std::string to_connected = take_notice(bound);
    background_call sender([&] {
        for (std::size_t at = 0; at < size; at += piece)
            give(connected, message::of(to_bound, octets.substr(at, piece)));
    });
    CHECK((take_octets(bound, to_connected, size) == octets));
    sender.finish();
}

TEST_CASE("a STREAM tells who left: by closing, by closing half, by a reset")
{
    context context;
    stream_socket server{context};
    const std::string endpoint = server.bind(any_port);
    raw_peer peer = raw_peer::connect(endpoint);
    const std::string id = take_notice(server);
    SECTION("closed")
    {
        peer.send("bye");
        peer.close();
        CHECK(take_octets(server, id, 3) == "bye");
    }
    SECTION("half closed: the connection is closed from here as well")
    {
        peer.send("bye");
        peer.finish_sending();
        CHECK(take_octets(server, id, 3) == "bye");
    }
    SECTION("reset")
    {
        peer.reset();
    }
    CHECK(take_notice(server) == id);
    CHECK(error_of([&] { server.send(message::of(id, "x")); }) == errc::no_route);
    if (peer.is_open())
        CHECK(peer.wait_for_end());
}

TEST_CASE("without stream_notify a STREAM gets octets only")
{
    context context;
    stream_socket server{context, {.stream_notify = false}};
    const std::string endpoint = server.bind(any_port);
    monitor events{server};
    raw_peer first = raw_peer::connect(endpoint);
    first.send("1");
    const std::string id = take(server).front().string();
    first.close();
    await_event(events, monitor_event_type::disconnected);
    raw_peer second = raw_peer::connect(endpoint);
    second.send("2");
    const message m = take(server);
    CHECK(m.back() == "2");
    CHECK(m.front() != id);
}

TEST_CASE("a STREAM's connection that is lost is made again, under the same id")
{
    context context;
    stream_socket client{context, {.reconnect_interval = 1ms}};
    const raw_listener server;
    client.connect(server.endpoint(), {.connect_routing_id = "server"});
    CHECK(client.last_connect_routing_id() == "server");
    for (int i = 0; i < 3; ++i)
    {
        raw_peer accepted = server.accept();
        CHECK(take_notice(client) == "server");
        give(client, message::of("server", "hello"));
        CHECK(accepted.read(5) == "hello");
        accepted.close();
        CHECK(take_notice(client) == "server");
    }
}

TEST_CASE("a STREAM that lets an endpoint go does not connect there again")
{
    context context;
    stream_socket client{context, {.reconnect_interval = 1ms}};
    const raw_listener server;
    client.connect(server.endpoint(), {.connect_routing_id = "server"});
    raw_peer accepted = server.accept();
    CHECK(take_notice(client) == "server");
    give(client, message::of("server", "last words"));
    give(client, message::of("server", ""));
    CHECK(accepted.read(10) == "last words");
    CHECK(accepted.wait_for_end());
    CHECK(error_of([&] { client.send(message::of("server", "x")); }) == errc::no_route);
    CHECK_FALSE(server.is_awaited(50ms));
}

TEST_CASE("a STREAM that lets a peer go before it is there delivers all the same")
{
    context context;
    stream_socket client{context, {.reconnect_interval = 1ms}};
    const place where("tcp");
    client.connect(where.endpoint());
    const std::string id = client.last_connect_routing_id();
    give(client, message::of(id, "a measurement"));
    give(client, message::of(id, ""));
    CHECK(error_of([&] { client.send(message::of(id, "x")); }) == errc::no_route);

    stream_socket collector{context};
    collector.bind(where.endpoint());
    const std::string from = take_notice(collector);
    CHECK(take_octets(collector, from, 13) == "a measurement");
    CHECK(take_notice(collector) == from);
}

TEST_CASE("a second connect of a STREAM under a name in use is given up")
{
    context context;
    stream_socket client{context};
    const raw_listener server;
    client.connect(server.endpoint(), {.connect_routing_id = "server"});
    monitor events{client};
    client.connect(server.endpoint(), {.connect_routing_id = "server"});
    CHECK(await_event(events, monitor_event_type::given_up).error == errc::peer_refused);
    give(client, message::of("server", "x"));
    CHECK(server.accept().read(1) == "x");
}

TEST_CASE("a STREAM refuses messages that are not an id and octets")
{
    context context;
    stream_socket socket{context};
    const auto send = [&](message m) { return error_of([&] { socket.send(std::move(m)); }); };
    CHECK(send("alone") == errc::invalid_argument);
    CHECK(send(message::of("a", "b", "c")) == errc::invalid_argument);
    CHECK(send(message::of("a", "b")) == errc::no_route);
}

TEST_CASE("a STREAM is not for inproc")
{
    context context;
    stream_socket socket{context};
    const std::string name = anywhere("inproc");
    CHECK(error_of([&] { socket.bind(name); }) == errc::incompatible_transport);
    CHECK(error_of([&] { socket.connect(name); }) == errc::incompatible_transport);
    ferry::socket pair{context, socket_type::pair};
    pair.bind(name);
    CHECK(error_of([&] { socket.connect(name); }) == errc::incompatible_transport);
}

TEST_CASE("a STREAM's peers are counted and listed, and can be disconnected one by one")
{
    context context;
    stream_socket server{context};
    const std::string endpoint = server.bind(any_port);
    raw_peer peer = raw_peer::connect(endpoint);
    CHECK(server.wait_for_peers(1, patience));
    const std::string id = take_notice(server);
    peer.send("12345");
    CHECK(take_octets(server, id, 5) == "12345");
    give(server, message::of(id, "123"));
    CHECK(peer.read(3) == "123");

    const std::vector<peer_stats> peers = server.peers();
    REQUIRE(peers.size() == 1);
    CHECK(peers[0].endpoint == endpoint);
    CHECK_FALSE(peers[0].type);
    CHECK(peers[0].zmtp_major == 0);
    CHECK(peers[0].traffic.bytes_received == 5);
    CHECK(peers[0].traffic.bytes_sent == 3);
    CHECK(peers[0].traffic.messages_sent == 1);
    CHECK(server.disconnect(peers[0].id));
    CHECK(take_notice(server) == id);
    CHECK(peer.wait_for_end());
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (server.peer_count() != 0 && std::chrono::steady_clock::now() < limit)
        std::this_thread::yield();  // the peer sees the end first
    CHECK(server.peer_count() == 0);
    CHECK(server.stats().connections == 1);
    CHECK(server.stats().traffic.bytes_received == 5);
}

TEST_CASE("a STREAM's monitor tells of connections that stand, without a version or a type")
{
    context context;
    stream_socket server{context};
    monitor events{server};
    const std::string endpoint = server.bind(any_port);
    raw_peer peer = raw_peer::connect(endpoint);
    await_event(events, monitor_event_type::accepted);
    const monitor_event stands = await_event(events, monitor_event_type::handshake_succeeded);
    CHECK_FALSE(stands.version);
    CHECK_FALSE(stands.peer_type);
    CHECK(stands.mechanism.empty());
    REQUIRE(stands.peer);
    CHECK(stands.peer->find("Peer-Address") == "127.0.0.1");
    CHECK_FALSE(stands.peer_address.empty());
    peer.close();
    CHECK(await_event(events, monitor_event_type::disconnected).error == errc::connection_closed);
}

TEST_CASE("a STREAM's messages carry their peer's address")
{
    context context;
    stream_socket server{context};
    const raw_peer peer = raw_peer::connect(server.bind(any_port));
    CHECK(take(server).property("Peer-Address") == "127.0.0.1");
}

TEST_CASE("a ZMTP peer is a raw peer like any other to a STREAM")
{
    context context;
    stream_socket server{context, {.linger = 0ms}};
    dealer_socket dealer{context, {.linger = 0ms}};
    dealer.connect(server.bind(any_port));
    const std::string id = take_notice(server);
    const std::string greeting = take_octets(server, id, 10);
    CHECK(greeting[0] == '\xff');
    CHECK(greeting[9] == '\x7f');
}

namespace
{

// Echoes until nobody is left of so many that came, then leaves the loop without work.
asio::awaitable<void> echo_all(stream_socket& server, std::size_t visitors)
{
    std::map<std::string, int> notices;
    while (visitors != 0)
    {
        message m = co_await server.async_receive(asio::use_awaitable);
        if (!m.back().empty())
            co_await server.async_send(std::move(m), asio::use_awaitable);
        else if (++notices[m.front().string()] == 2)
            --visitors;
    }
    co_await server.async_close(asio::use_awaitable);
}

asio::awaitable<void> visit(std::string endpoint, std::string octets)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto port =
        static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1)));
    asio::ip::tcp::socket plain(executor);
    co_await plain.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    std::string answer(octets.size(), '\0');
    co_await asio::async_write(plain, asio::buffer(octets), asio::use_awaitable);
    co_await asio::async_read(plain, asio::buffer(answer), asio::use_awaitable);
    if (answer != octets)
        throw std::runtime_error("not the same octets");
}

}  // namespace

TEST_CASE("a STREAM serves plain Asio sockets on the program's own loop")
{
    asio::io_context io;
    context context{io.get_executor()};
    stream_socket server{context};
    const std::string endpoint = server.bind(any_port);
    auto served = asio::co_spawn(io, echo_all(server, 5), asio::use_future);
    std::vector<std::future<void>> visits;
    for (std::size_t i = 1; i <= 5; ++i)
        visits.push_back(
            asio::co_spawn(io, visit(endpoint, pattern_of(i * 10'000)), asio::use_future));
    io.run_for(patience);
    REQUIRE(served.wait_for(0s) == std::future_status::ready);
    served.get();
    for (auto& each : visits)
        each.get();
}

TEST_CASE("asynchronous operations of a STREAM end as those of other sockets do")
{
    context context;
    stream_socket server{context};
    const std::string endpoint = server.bind(any_port);
    auto notice = server.async_receive(asio::use_future);
    const raw_peer peer = raw_peer::connect(endpoint);
    CHECK(notice.get().size() == 2);
    auto nobody = server.async_send(message::of("nobody", "x"), asio::use_future);
    CHECK(error_of([&] {
        try
        {
            nobody.get();
        }
        catch (const std::system_error& failure)
        {
            throw ferry::error(failure.code(), "async_send");
        }
    }) == errc::no_route);
    auto pending = server.async_receive(asio::use_future);
    server.close();
    CHECK_THROWS(pending.get());
}
