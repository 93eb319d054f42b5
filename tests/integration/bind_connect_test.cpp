// Endpoints: bind and connect, in any order, and back.

#include <cstring>
#include <filesystem>

#include <sys/un.h>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

// What a process that crashed leaves behind: a name in the file system that nobody listens on.
void leave_dead_socket(const std::string& path)
{
    const descriptor socket(checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const auto* where = reinterpret_cast<const sockaddr*>(&address);
    checked(::bind(socket.get(), where, sizeof address), "bind");
}

}  // namespace

TEST_CASE("bind returns the endpoint really bound")
{
    context context;
    pull_socket socket{context};

    const std::string any_port = socket.bind("tcp://127.0.0.1:*");
    CHECK(any_port.starts_with("tcp://127.0.0.1:"));
    CHECK(std::stoi(any_port.substr(any_port.rfind(':') + 1)) > 0);
    CHECK(socket.bind("tcp://127.0.0.1:0").starts_with("tcp://127.0.0.1:"));
    CHECK(socket.bind("tcp://*:*").starts_with("tcp://0.0.0.0:"));
    CHECK(socket.bind("tcp://lo:*").starts_with("tcp://127.0.0.1:"));

    const std::string any_path = socket.bind("ipc://*");
    CHECK(any_path.starts_with("ipc:///"));
    CHECK(std::filesystem::is_socket(any_path.substr(6)));
    const std::string abstract = "ipc://@ferry-test-" + std::to_string(::getpid());
    CHECK(socket.bind(abstract) == abstract);
    CHECK(socket.bind("inproc://a name") == "inproc://a name");

    const std::vector<std::string> bound = socket.bound_endpoints();
    REQUIRE(bound.size() == 7);
    CHECK(bound[0] == any_port);
    CHECK(bound[4] == any_path);
    CHECK(bound[6] == "inproc://a name");
}

TEST_CASE("an abstract ipc name, an interface's name and a host's name can be connected to")
{
    context context;
    pull_socket sink{context};
    const std::string abstract = "ipc://@ferry-test-" + std::to_string(::getpid());
    sink.bind(abstract);
    const std::string bound = sink.bind("tcp://lo:*");

    push_socket one{context};
    one.connect(abstract);
    one.send("by abstract name");
    CHECK(take(sink) == "by abstract name");

    push_socket two{context};
    two.connect("tcp://localhost" + bound.substr(bound.rfind(':')));
    two.send("by host name");
    CHECK(take(sink) == "by host name");

    push_socket three{context};
    three.connect("tcp://127.0.0.1:0;" + bound.substr(6));
    three.send("from a source address");
    CHECK(take(sink) == "from a source address");
}

TEST_CASE("one may connect before the other has bound")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    const place here{transport};
    context context;
    push_socket sender{context};
    sender.connect(here.endpoint(), {.reconnect_interval = 10ms});
    sender.send("early");

    pull_socket sink{context};
    sink.bind(here.endpoint());
    CHECK(take(sink) == "early");
    sender.send("later");
    CHECK(take(sink) == "later");
}

TEST_CASE("one socket may be bound and connected at several places")
{
    context context;
    dealer_socket middle{context};
    dealer_socket left{context};
    dealer_socket right{context};
    dealer_socket above{context};
    join_over("tcp", middle, left);
    join_over("ipc", middle, right);
    join_over("inproc", above, middle);
    REQUIRE(middle.wait_for_peers(3, patience));

    for (dealer_socket* peer : {&left, &right, &above})
    {
        peer->send("hello");
        CHECK(take(middle) == "hello");
        middle.send("to one of you");
    }
    for (dealer_socket* peer : {&left, &right, &above})
        CHECK(take(*peer) == "to one of you");
}

TEST_CASE("after unbind the endpoint is free, and its text is known no more")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    const place here{transport};
    context context;
    pull_socket first{context};
    first.bind(here.endpoint());
    first.unbind(here.endpoint());
    CHECK(first.bound_endpoints().empty());
    CHECK(error_of([&] { first.unbind(here.endpoint()); }) == errc::no_such_endpoint);

    pull_socket second{context};
    second.bind(here.endpoint());
    push_socket sender{context};
    sender.connect(here.endpoint());
    sender.send("to the second");
    CHECK(take(second) == "to the second");
    CHECK_FALSE(first.try_receive());
}

TEST_CASE("unbind takes the text that was given, wildcards and all")
{
    context context;
    pull_socket socket{context};
    socket.bind("tcp://127.0.0.1:*");
    socket.unbind("tcp://127.0.0.1:*");
    CHECK(socket.bound_endpoints().empty());
}

TEST_CASE("what was queued for the peers of an unbound endpoint is still delivered")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int count = 500;
    context context;
    push_socket sender{context};
    pull_socket sink{context};
    const std::string endpoint = join_over(transport, sender, sink);
    REQUIRE(sender.wait_for_peers(1, patience));

    for (int i = 0; i < count; ++i)
        sender.send(std::to_string(i));
    sender.unbind(endpoint);
    for (int i = 0; i < count; ++i)
        REQUIRE(take(sink) == message(std::to_string(i)));
}

TEST_CASE("what was queued before disconnect is still delivered")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int count = 500;
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    const std::string endpoint = join_over(transport, sink, sender);

    for (int i = 0; i < count; ++i)
        sender.send(std::to_string(i));
    sender.disconnect(endpoint);
    CHECK_FALSE(sender.try_send("nobody is left to take it"));
    CHECK(error_of([&] { sender.disconnect(endpoint); }) == errc::no_such_endpoint);
    for (int i = 0; i < count; ++i)
        REQUIRE(take(sink) == message(std::to_string(i)));
    CHECK_FALSE(sink.try_receive());
}

TEST_CASE("a disconnected socket may connect again")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    rep_socket server{context};
    req_socket client{context};
    const std::string endpoint = join_over(transport, server, client);
    for (int i = 0; i < 3; ++i)
    {
        client.send("question");
        server.send(take(server));
        CHECK(take(client) == "question");
        client.disconnect(endpoint);
        client.connect(endpoint);
    }
}

TEST_CASE("a second connect to one endpoint: DEALER ignores it, PUSH makes a second connection")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    {
        dealer_socket bound{context};
        dealer_socket connecting{context};
        const std::string endpoint = join_over(transport, bound, connecting);
        connecting.connect(endpoint);
        connecting.send("hello");
        CHECK(take(bound) == "hello");
        CHECK_FALSE(bound.wait_for_peers(2, 100ms));
    }
    {
        pull_socket bound{context};
        push_socket connecting{context};
        const std::string endpoint = join_over(transport, bound, connecting);
        connecting.connect(endpoint);
        CHECK(bound.wait_for_peers(2, patience));
    }
}

TEST_CASE("DEALER, SUB, PUB and REQ ignore a second connect to one endpoint, others do not")
{
    struct row
    {
        socket_type connecting;
        socket_type bound;
        bool ignores;
    };
    const row types = GENERATE(values<row>({
        {socket_type::dealer, socket_type::router, true},
        {socket_type::sub, socket_type::pub, true},
        {socket_type::pub, socket_type::sub, true},
        {socket_type::req, socket_type::rep, true},
        {socket_type::router, socket_type::dealer, false},
        {socket_type::xsub, socket_type::xpub, false},
        {socket_type::xpub, socket_type::xsub, false},
        {socket_type::rep, socket_type::req, false},
        {socket_type::pull, socket_type::push, false},
    }));
    CAPTURE(to_string(types.connecting));
    context context;
    ferry::socket bound{context, types.bound};
    ferry::socket connecting{context, types.connecting};
    const std::string endpoint = join_over("tcp", bound, connecting);
    connecting.connect(endpoint);
    REQUIRE(bound.wait_for_peers(1, patience));
    CHECK(bound.wait_for_peers(2, types.ignores ? 50ms : patience) != types.ignores);
}

TEST_CASE("inproc names belong to one context")
{
    context here;
    context there;
    pull_socket sink{here};
    pull_socket other{there};
    sink.bind("inproc://name");
    other.bind("inproc://name");

    push_socket sender{there};
    sender.connect("inproc://name");
    sender.send("hello");
    CHECK(take(other) == "hello");
    CHECK_FALSE(sink.try_receive());
}

TEST_CASE("two contexts of one process meet over tcp and ipc")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context here;
    context there{{.io_threads = 2}};
    rep_socket server{here};
    req_socket client{there};
    join_over(transport, server, client);
    client.send("question");
    server.send(take(server));
    CHECK(take(client) == "question");
}

TEST_CASE("an ipc socket somebody listens on is not stolen, and a dead one is taken over")
{
    const temporary_directory directory;
    const std::string path = directory.file("socket");
    const std::string endpoint = "ipc://" + path;
    context context;
    {
        pull_socket alive{context};
        alive.bind(endpoint);
        pull_socket thief{context};
        CHECK(error_of([&] { thief.bind(endpoint); }) == std::errc::address_in_use);
        push_socket sender{context};
        sender.connect(endpoint);
        sender.send("to the owner");
        CHECK(take(alive) == "to the owner");
    }
    leave_dead_socket(path);
    REQUIRE(std::filesystem::exists(path));
    pull_socket heir{context};
    CHECK(heir.bind(endpoint) == endpoint);
}

TEST_CASE("a peer that only looks in and leaves does no harm")
{
    context context;
    rep_socket server{context};
    const std::string endpoint = server.bind(anywhere("tcp"));
    for (int i = 0; i < 20; ++i)
        (void)raw_peer::connect(endpoint);

    req_socket client{context};
    client.connect(endpoint);
    client.send("question");
    server.send(take(server));
    CHECK(take(client) == "question");
}
