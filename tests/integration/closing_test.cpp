// The end: what is still delivered, what is given up and counted, and who is told.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("what send accepted arrives, although the socket is closed right after")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int count = 900;
    const std::string body(1000, 'x');
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);
    for (int i = 0; i < count; ++i)
        sender.send(message::of(std::to_string(i), body));
    CHECK(sender.close() == 0);
    for (int i = 0; i < count; ++i)
        REQUIRE(take(sink).front() == std::to_string(i));
}

TEST_CASE("what send accepted arrives, although the socket is destroyed right after")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int count = 900;
    context context;
    pull_socket sink{context};
    {
        push_socket sender{context};
        join_over(transport, sink, sender);
        for (int i = 0; i < count; ++i)
            sender.send(std::to_string(i));
    }
    for (int i = 0; i < count; ++i)
        REQUIRE(take(sink) == message(std::to_string(i)));
}

TEST_CASE("what send accepted arrives, although the whole context ends right after")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    constexpr int count = 900;
    context here;
    pull_socket sink{here};
    const std::string endpoint = sink.bind(anywhere(transport));
    {
        context there;
        push_socket sender{there};
        sender.connect(endpoint);
        for (int i = 0; i < count; ++i)
            sender.send(std::to_string(i));
    }
    for (int i = 0; i < count; ++i)
        REQUIRE(take(sink) == message(std::to_string(i)));
}

TEST_CASE("messages wait for a peer that comes after close, for as long as linger allows")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const place here{transport};
    context context;
    push_socket sender{context};
    sender.connect(here.endpoint(), {.reconnect_interval = 5ms});
    sender.send("patient");
    background_call closing([&] { must(sender.close() == 0, "a message was given up"); });
    pull_socket sink{context};
    sink.bind(here.endpoint());
    CHECK(take(sink) == "patient");
    closing.finish();
}

TEST_CASE("close tells how many messages were given up")
{
    const auto linger = GENERATE(0ms, 30ms);
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport, linger.count());
    const place nowhere{transport};
    context context;
    push_socket sender{context, {.linger = linger}};
    sender.connect(nowhere.endpoint());
    for (int i = 0; i < 10; ++i)
        sender.send("in vain");
    const auto start = std::chrono::steady_clock::now();
    CHECK(sender.close() == 10);
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(took >= linger);
    CHECK(took < 10s);
}

TEST_CASE("linger may be set just before closing")
{
    const place nowhere{"tcp"};
    context context;
    push_socket sender{context};
    sender.connect(nowhere.endpoint());
    sender.send("in vain");
    sender.set_linger(0ms);
    CHECK(sender.close() == 1);
}

TEST_CASE("a subscriber closes at once, whatever its publisher does")
{
    context context;
    const raw_listener mute;
    sub_socket subscriber{context};
    subscriber.subscribe("a");
    subscriber.connect(mute.endpoint());
    const raw_peer peer = mute.accept();
    CHECK(subscriber.close() == 0);
}

TEST_CASE("closing ends the calls that others are blocked in")
{
    struct row
    {
        const char* call;
        std::function<void(ferry::socket&)> run;
    };
    const auto [call, run] = GENERATE(values<row>({
        {"receive", [](ferry::socket& s) { (void)s.receive(); }},
        {"receive_for", [](ferry::socket& s) { (void)s.receive_for(patience); }},
        {"send", [](ferry::socket& s) { s.send("to nobody"); }},
        {"send_for", [](ferry::socket& s) { (void)s.send_for("to nobody", patience); }},
        {"wait_for_peers", [](ferry::socket& s) { s.wait_for_peers(); }},
        {"poller",
            [](ferry::socket& s) {
                poller p;
                p.add(s, poll_events::readable | poll_events::writable);
                (void)p.wait();
            }},
    }));
    CAPTURE(call);
    const bool by_close = GENERATE(true, false);
    context context;
    ferry::socket socket{context, socket_type::dealer};
    std::error_code code;
    background_call blocked([&, &run = run] { code = error_of([&] { run(socket); }); });
    CHECK_FALSE(blocked.ended(20ms));
    if (by_close)
        socket.close();
    else
        context.shutdown();
    blocked.finish();
    CHECK(code == (by_close ? errc::closed : errc::terminated));
}

TEST_CASE("a closed socket says so, and closing it again does nothing")
{
    context context;
    dealer_socket socket{context};
    CHECK(socket.close() == 0);
    CHECK(socket.close() == 0);
    CHECK(error_of([&] { (void)socket.receive(); }) == errc::closed);
    CHECK(error_of([&] { (void)socket.try_receive(); }) == errc::closed);
    CHECK(error_of([&] { socket.send("too late"); }) == errc::closed);
    CHECK(error_of([&] { socket.bind(anywhere("tcp")); }) == errc::closed);
    CHECK(error_of([&] { socket.connect("inproc://a"); }) == errc::closed);
    CHECK(error_of([&] { socket.unbind("inproc://a"); }) == errc::closed);
    CHECK(error_of([&] { socket.wait_for_peers(); }) == errc::closed);
    CHECK(socket.bound_endpoints().empty());
    CHECK(socket.peer_count() == 0);
}

TEST_CASE("after shutdown every call of every socket says so, and close still works")
{
    context context;
    dealer_socket socket{context};
    sub_socket subscriber{context};
    context.shutdown();
    context.shutdown();
    CHECK(error_of([&] { (void)socket.receive(); }) == errc::terminated);
    CHECK(error_of([&] { (void)socket.try_receive(); }) == errc::terminated);
    CHECK(error_of([&] { socket.send("too late"); }) == errc::terminated);
    CHECK(error_of([&] { socket.bind(anywhere("tcp")); }) == errc::terminated);
    CHECK(error_of([&] { socket.connect("inproc://a"); }) == errc::terminated);
    CHECK(error_of([&] { subscriber.subscribe("a"); }) == errc::terminated);
    CHECK(socket.close() == 0);
}

TEST_CASE("a socket may outlive its context, to no avail")
{
    auto owner = std::make_unique<context>();
    dealer_socket socket{*owner};
    const std::string endpoint = socket.bind(anywhere("tcp"));
    owner.reset();
    CHECK(error_of([&] { (void)socket.receive(); }) == errc::terminated);
    CHECK(error_of([&] { socket.send("too late"); }) == errc::terminated);
    CHECK(socket.close() == 0);
}

TEST_CASE("closing frees the port, the path and the name")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    const place here{transport};
    context context;
    for (int i = 0; i < 5; ++i)
    {
        pull_socket sink{context};
        sink.bind(here.endpoint());
        push_socket sender{context};
        sender.connect(here.endpoint());
        sender.send("hello");
        CHECK(take(sink) == "hello");
        sink.close();
    }
}

TEST_CASE("contexts come and go, with sockets in every state")
{
    for (int i = 0; i < 50; ++i)
    {
        context context{{.io_threads = 1 + i % 3}};
        pull_socket sink{context};
        push_socket sender{context, {.linger = 0ms}};
        const std::string endpoint = join_over(i % 2 == 0 ? "tcp" : "ipc", sink, sender);
        for (int n = 0; n < i; ++n)
            sender.send("on its way");
        if (i % 4 == 0)
            sink.unbind(endpoint);
    }
}
