// STREAM: full queues, floods, crowds, and the end.

#include <map>
#include <optional>
#include <vector>

#include <asio/io_context.hpp>

#include "tests/integration/stream_octets.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a peer that never reads fills its own queue, and no other")
{
    context context;
    stream_socket server{context, {.send_hwm = 10, .linger = 0ms}};
    const std::string endpoint = server.bind(any_port);
    raw_peer lazy = raw_peer::connect(endpoint);
    const std::string to_lazy = take_notice(server);
    raw_peer eager = raw_peer::connect(endpoint);
    const std::string to_eager = take_notice(server);
    const message chunk = message::of(to_lazy, std::string(100'000, 'x'));
    std::size_t sent = 0;
    while (server.send_for(message(chunk), 100ms))
        ++sent;
    CHECK(sent >= 10);
    CHECK(sent < 10'000);
    give(server, message::of(to_eager, "hello"));
    CHECK(eager.read(5) == "hello");

    background_call reader([&] { (void)lazy.read(chunk.back().size() * (sent + 1)); });
    give(server, message(chunk));
    reader.finish();
}

TEST_CASE("a thread that waits for room at a STREAM's peer is told when that peer is gone")
{
    context context;
    stream_socket server{context, {.send_hwm = 1}};
    const std::string endpoint = server.bind(any_port);
    raw_peer lazy = raw_peer::connect(endpoint);
    const std::string id = take_notice(server);
    std::error_code why;
    background_call sender([&] {
        while (!why)
            server.send(message::of(id, std::string(100'000, 'x')), why);
    });
    lazy.reset();
    sender.finish();
    CHECK(why == errc::no_route);
    CHECK(take_notice(server) == id);
}

TEST_CASE("a flood from a peer waits at the mark until it is received")
{
    constexpr std::size_t size = 8'000'000;
    const std::string octets = pattern_of(size);
    context context;
    stream_socket server{context, {.receive_hwm = 4}};
    const std::string endpoint = server.bind(any_port);
    raw_peer flood = raw_peer::connect(endpoint);
    const std::string id = take_notice(server);
    background_call sender([&] {
        flood.send(octets);
        flood.close();
    });
    raw_peer other = raw_peer::connect(endpoint);
    other.send("me too");
    std::string from_flood;
    std::string from_other;
    while (from_flood.size() < size)
    {
        const message m = take(server);
        (m.front().text() == id ? from_flood : from_other) += m.back().text();
        CHECK(server.stats().queued.most_to_receive <= 5 + 2);  // two peers, and their notices
    }
    CHECK((from_flood == octets));
    CHECK(from_other == "me too");
    sender.finish();
    CHECK(take_notice(server) == id);
}

TEST_CASE("close delivers what a STREAM has sent")
{
    constexpr std::size_t size = 5'000'000;
    context context;
    const std::string octets = pattern_of(size);
    std::string got;
    SECTION("to whom it accepted")
    {
        stream_socket server{context};
        raw_peer peer = raw_peer::connect(server.bind(any_port));
        give(server, message::of(take_notice(server), octets));
        background_call reader([&] { got = peer.read(size); });
        CHECK(server.close() == 0);
        reader.finish();
        CHECK(peer.wait_for_end());
    }
    SECTION("to whom it connects, though nobody is there yet")
    {
        const place where("tcp");
        stream_socket client{context, {.reconnect_interval = 1ms}};
        client.connect(where.endpoint());
        give(client, message::of(client.last_connect_routing_id(), octets));
        stream_socket server{context};
        background_call reader([&] {
            server.bind(where.endpoint());
            const std::string id = take_notice(server);
            got = take_octets(server, id, size);
        });
        CHECK(client.close() == 0);
        reader.finish();
    }
    CHECK((got == octets));
}

TEST_CASE("a STREAM that closes gives up what a peer does not read, when linger is over")
{
    context context;
    stream_socket server{context, {.linger = 20ms}};
    const raw_peer lazy = raw_peer::connect(server.bind(any_port));
    const std::string id = take_notice(server);
    for (int i = 0; i < 200; ++i)
        give(server, message::of(id, std::string(100'000, 'x')));
    CHECK(server.close() > 0);
}

TEST_CASE("a peer that is let go and does not read is given up when linger is over")
{
    context context;
    stream_socket server{context, {.linger = 20ms}};
    monitor events{server};
    const raw_peer lazy = raw_peer::connect(server.bind(any_port));
    const std::string id = take_notice(server);
    for (int i = 0; i < 200; ++i)
        give(server, message::of(id, std::string(100'000, 'x')));
    give(server, message::of(id, ""));
    CHECK(await_event(events, monitor_event_type::disconnected).error == errc::closed);
    CHECK(server.stats().dropped(drop_reason::disconnected) > 0);
}

TEST_CASE("a peer that is let go gets its answer also where the socket does not linger")
{
    constexpr std::size_t size = 5'000'000;
    const std::string octets = pattern_of(size);
    context context;
    stream_socket server{context, {.linger = 0ms}};
    raw_peer peer = raw_peer::connect(server.bind(any_port));
    const std::string id = take_notice(server);
    give(server, message::of(id, octets));
    give(server, message::of(id, ""));
    CHECK((peer.read(size) == octets));
    CHECK(peer.wait_for_end());
}

TEST_CASE("unbind ends a STREAM's accepted connections, disconnect those it made")
{
    context context;
    stream_socket server{context};
    const std::string endpoint = server.bind(any_port);
    stream_socket client{context, {.reconnect_interval = 1ms}};
    client.connect(endpoint);
    const std::string to_client = take_notice(server);
    const std::string to_server = take_notice(client);
    SECTION("unbind")
    {
        give(server, message::of(to_client, "last"));
        server.unbind(endpoint);
        CHECK(take_octets(client, to_server, 4) == "last");
        CHECK(take_notice(client) == to_server);
        CHECK(error_of([&] { server.send(message::of(to_client, "x")); }) == errc::no_route);
    }
    SECTION("disconnect")
    {
        give(client, message::of(to_server, "last"));
        client.disconnect(endpoint);
        CHECK(take_octets(server, to_client, 4) == "last");
        CHECK(take_notice(server) == to_client);
        CHECK(error_of([&] { client.send(message::of(to_server, "x")); }) == errc::no_route);
    }
}

TEST_CASE("many peers come, talk and leave a STREAM at once, and nothing of them stays")
{
    constexpr std::size_t visitors = 60;
    context context{{.io_threads = 2}};
    stream_socket server{context};
    monitor events{server};
    const std::string endpoint = server.bind(any_port);
    background_call crowd([&] {
        for (std::size_t round = 0; round < visitors / 20; ++round)
        {
            std::vector<raw_peer> peers;
            for (int i = 0; i < 20; ++i)
                peers.push_back(raw_peer::connect(endpoint));
            for (raw_peer& each : peers)
                each.send("hello");
            for (raw_peer& each : peers)
                must(each.read(5) == "hello", "the echo");
        }
    });
    std::map<std::string, std::vector<std::string>> heard;
    std::size_t gone = 0;
    while (gone < visitors)
    {
        const message m = take(server);
        auto& of_peer = heard[m.front().string()];
        of_peer.push_back(m.back().string());
        if (!m.back().empty())
            give(server, message(m));
        else
            gone += of_peer.size() > 1 ? 1 : 0;
    }
    crowd.finish();
    for (std::size_t i = 0; i < visitors; ++i)
        await_event(events, monitor_event_type::disconnected);
    CHECK(heard.size() == visitors);
    for (const auto& [id, all] : heard)
        CHECK(all == std::vector<std::string>{"", "hello", ""});
    CHECK(server.peers().empty());
    CHECK(server.dropped_messages() == 0);
}

TEST_CASE("the program's loop may end before a STREAM's connections, whatever is left to do")
{
    const bool lets_go = GENERATE(true, false);
    const raw_listener server;
    const place nobody_there("tcp");
    std::optional<asio::io_context> io(std::in_place);
    context context{io->get_executor()};
    stream_socket socket{context};
    raw_peer peer = raw_peer::connect(socket.bind(any_port));
    socket.connect(server.endpoint(), {.connect_routing_id = "server"});
    socket.connect(nobody_there.endpoint(), {.connect_routing_id = "nobody"});
    while (socket.peer_count() != 2)
        io->run_one_for(patience);
    for (const char* id : {"server", "nobody"})
        CHECK(socket.try_send(message::of(id, "last words")));
    for (const char* id : {"server", "nobody"})
        CHECK((!lets_go || socket.try_send(message::of(id, ""))));
    io.reset();
    CHECK(error_of([&] { (void)socket.try_receive(); }) == errc::terminated);
    CHECK(peer.wait_for_end());
}
