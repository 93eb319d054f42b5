// Limits, and peers that do not keep them: each costs one connection and nothing else.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

// A server under test, and a check that it still serves.
struct served
{
    context owner;
    pull_socket sink;
    monitor events;
    std::string endpoint;

    explicit served(socket_options options = {})
        : sink(owner, std::move(options)), events(sink), endpoint(sink.bind(anywhere("tcp")))
    {
    }
    void check_alive()
    {
        push_socket friendly{owner};
        friendly.connect(endpoint);
        friendly.send("well-behaved");
        CHECK(take(sink) == "well-behaved");
    }
};

struct garbage
{
    const char* what;
    std::string octets;
};

std::vector<garbage> all_garbage()
{
    const std::string standing = wire::greeting() + wire::ready("PUSH");
    return {
        {"a web browser", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {"zeros", std::string(1000, '\0')},
        {"ones", std::string(1000, '\xff')},
        {"TLS", wire::hex("16 03 01 02 00 01 00 01 fc 03 03") + "random"},
        {"half a greeting", wire::greeting().substr(0, 20)},
        {"a greeting, then noise", wire::greeting() + std::string(300, '\xa5')},
        {"another mechanism", wire::greeting(1, "CURVE")},
        {"a command that is not READY", wire::greeting() + wire::command("HELLO")},
        {"READY without its data", wire::greeting() + wire::frame(wire::is_command, "\5REA")},
        {"a property that is cut",
            wire::greeting() + wire::command("READY", wire::hex("0b 53 6f 63"))},
        {"a property longer than its frame",
            wire::greeting() + wire::command("READY", wire::hex("01 41 ff ff ff ff"))},
        {"a socket type that is none", wire::greeting() + wire::ready("BANANA")},
        {"a socket type that does not fit", wire::greeting() + wire::ready("PUB")},
        {"a message before READY", wire::greeting() + wire::frame(wire::last, "early")},
        {"a handshake frame of a gigabyte",
            wire::greeting() + wire::hex("06 00 00 00 00 40 00 00 00")},
        {"READY twice", standing + wire::ready("PUSH")},
        {"a frame beyond all bounds", standing + wire::hex("02 ff ff ff ff ff ff ff ff")},
        {"a huge frame announced, and nothing of it",
            standing + wire::hex("02 7f ff ff ff ff ff ff ff") + "little"},
        {"MORE on a command", standing + wire::hex("05 05 04") + "PING"},
        {"a message that never ends", standing + wire::frame(wire::more, "and")},
    };
}

}  // namespace

TEST_CASE("a peer that talks nonsense costs its own connection only")
{
    const garbage sent = GENERATE(from_range(all_garbage()));
    const std::string what = sent.what;
    CAPTURE(what);
    served server;
    {
        raw_peer peer = raw_peer::connect(server.endpoint);
        peer.send(sent.octets);
        server.check_alive();
    }
    server.check_alive();
    CHECK_FALSE(server.sink.try_receive());
}

TEST_CASE("nonsense sent octet by octet is nonsense still")
{
    served server;
    raw_peer peer = raw_peer::connect(server.endpoint);
    const std::string octets = wire::greeting() + wire::ready("BANANA");
    for (const char octet : octets)
        peer.send(std::string(1, octet));
    CHECK(peer.wait_for_end());
    server.check_alive();
}

TEST_CASE("a peer that does not finish its handshake is dropped in time")
{
    const std::string begun = GENERATE(std::string(), wire::signature(), wire::greeting(),
        wire::greeting() + wire::ready("PUSH").substr(0, 5));
    served server{{.handshake_timeout = 50ms}};
    raw_peer peer = raw_peer::connect(server.endpoint);
    peer.send(begun);
    CHECK(peer.wait_for_end());
    const monitor_event event = await_event(server.events, monitor_event_type::handshake_failed);
    CHECK(event.error == errc::handshake_timed_out);
    server.check_alive();
}

TEST_CASE("a frame above the limit costs the connection, one below does not")
{
    served server{{.max_message_size = 1000}};
    raw_peer peer = raw_peer::connect(server.endpoint);
    peer.handshake("PUSH");
    peer.send(wire::frame(wire::last, std::string(1000, 'a')));
    CHECK(take(server.sink).size_octets() == 1000);
    peer.send(wire::hex("02 00 00 00 00 00 00 03 e9"));  // 1001 octets: the header is enough
    CHECK(peer.wait_for_end());
    const monitor_event event = await_event(server.events, monitor_event_type::disconnected);
    CHECK(event.error == protocol_errc::frame_too_large);
    server.check_alive();
}

TEST_CASE("the limit holds for a message as a whole")
{
    served server{{.max_message_size = 1000}};
    raw_peer peer = raw_peer::connect(server.endpoint);
    peer.handshake("PUSH");
    peer.send(wire::frame(wire::more, std::string(600, 'a')));
    peer.send(wire::frame(wire::last, std::string(600, 'b')));
    CHECK(peer.wait_for_end());
    const monitor_event event = await_event(server.events, monitor_event_type::disconnected);
    CHECK(event.error == protocol_errc::message_too_large);
    CHECK_FALSE(server.sink.try_receive());
}

TEST_CASE("so does the limit on the number of frames")
{
    served server{{.max_message_frames = 3}};
    raw_peer peer = raw_peer::connect(server.endpoint);
    peer.handshake("PUSH");
    for (int i = 0; i < 2; ++i)
        peer.send(wire::frame(wire::more, "frame"));
    peer.send(wire::frame(wire::last, "last"));
    CHECK(take(server.sink).size() == 3);
    for (int i = 0; i < 4; ++i)
        peer.send(wire::frame(wire::more, "frame"));
    CHECK(peer.wait_for_end());
    const monitor_event event = await_event(server.events, monitor_event_type::disconnected);
    CHECK(event.error == protocol_errc::too_many_frames);
}

TEST_CASE("limits may differ from one endpoint to the next")
{
    context context;
    pull_socket sink{context};
    const std::string narrow = sink.bind(anywhere("tcp"), {.max_message_size = 10});
    const std::string wide = sink.bind(anywhere("tcp"));
    raw_peer one = raw_peer::connect(narrow);
    raw_peer two = raw_peer::connect(wide);
    for (raw_peer* peer : {&one, &two})
    {
        peer->handshake("PUSH");
        peer->send(wire::frame(wire::last, "more than ten octets"));
    }
    CHECK(one.wait_for_end());
    CHECK(take(sink) == "more than ten octets");
}

TEST_CASE("what we are lenient about: reserved flags, padding, unknown commands, other versions")
{
    served server;
    raw_peer peer = raw_peer::connect(server.endpoint);
    std::string greeting = wire::greeting(9);
    greeting[4] = '\x55';
    greeting[32] = '\1';
    greeting[50] = '\xaa';
    peer.send(greeting);
    peer.read(64);
    peer.send(wire::ready("PUSH", wire::property("Unknown", "value")));
    peer.read_frame();
    peer.send(wire::command("DANCE", "wildly"));
    peer.send(wire::hex("04 00"));                                 // a command without a name
    peer.send(wire::hex("f8 05") + "hello");                       // all reserved flags
    peer.send(wire::hex("02 00 00 00 00 00 00 00 05") + "again");  // longer than it need be
    CHECK(take(server.sink) == "hello");
    CHECK(take(server.sink) == "again");
}

TEST_CASE("a hundred connections at a time, in and out")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr std::size_t count = 100;
    context context;
    router_socket server{context};
    const std::string endpoint = server.bind(anywhere(transport));
    std::vector<dealer_socket> clients;
    for (std::size_t i = 0; i < count; ++i)
    {
        clients.emplace_back(context, socket_options{.routing_id = "client " + std::to_string(i)});
        clients.back().connect(endpoint);
        clients.back().send(std::to_string(i));
    }
    CHECK(server.wait_for_peers(count, patience));
    for (std::size_t i = 0; i < count; ++i)
    {
        const message m = take(server);
        CHECK(m[0] == "client " + m[1].string());
        server.send(m);
    }
    for (std::size_t i = 0; i < count; ++i)
        CHECK(take(clients[i]) == message(std::to_string(i)));
}

TEST_CASE("connections that come and go by the hundred leave nothing behind")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    const std::string endpoint = sink.bind(anywhere(transport));
    for (int i = 0; i < 300; ++i)
    {
        push_socket sender{context};
        sender.connect(endpoint);
        sender.send(std::to_string(i));
        CHECK(sender.close() == 0);
    }
    for (int i = 0; i < 300; ++i)
        (void)take(sink);
    CHECK_FALSE(sink.try_receive());
}
