// Calls that wait, for so long, or not at all; and calls that a type does not have.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("receiving with nothing there: at once empty, empty after a while, or timed out")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pull_socket sink{context, {.receive_timeout = 20ms}};
    push_socket sender{context};
    join_over(transport, sink, sender);
    REQUIRE(sink.wait_for_peers(1, patience));

    CHECK_FALSE(sink.try_receive());
    CHECK_FALSE(sink.receive_for(0ms));
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(sink.receive_for(20ms));
    CHECK(std::chrono::steady_clock::now() - start >= 20ms);
    CHECK(error_of([&] { (void)sink.receive(); }) == errc::timed_out);
    std::error_code error;
    CHECK(sink.receive(error).empty());
    CHECK(error == errc::timed_out);

    sender.send("now");
    CHECK(take(sink) == "now");
}

TEST_CASE("an empty answer of a trying call is no error")
{
    context context;
    pull_socket sink{context};
    std::error_code error = errc::closed;
    CHECK_FALSE(sink.try_receive(error));
    CHECK_FALSE(error);
    error = errc::closed;
    CHECK_FALSE(sink.receive_for(1ms, error));
    CHECK_FALSE(error);
}

TEST_CASE("sending with nobody there: at once false, false after a while, or timed out")
{
    const auto type =
        GENERATE(socket_type::push, socket_type::dealer, socket_type::req, socket_type::pair);
    CAPTURE(to_string(type));
    context context;
    ferry::socket sender{context, type, {.send_timeout = 20ms}};
    message m = message::of("stays", "with the caller");
    CHECK_FALSE(sender.try_send(offered(m)));
    CHECK_FALSE(sender.send_for(offered(m), 0ms));
    CHECK_FALSE(sender.send_for(offered(m), 10ms));
    CHECK(error_of([&] { sender.send(offered(m)); }) == errc::timed_out);
    CHECK(m == message::of("stays", "with the caller"));
    std::error_code error = errc::closed;
    CHECK_FALSE(sender.try_send(offered(m), error));
    CHECK_FALSE(error);
}

TEST_CASE("timeouts may change later")
{
    context context;
    dealer_socket socket{context};
    socket.set_receive_timeout(0ms);
    CHECK(error_of([&] { (void)socket.receive(); }) == errc::timed_out);
    socket.set_send_timeout(0ms);
    CHECK(error_of([&] { socket.send("to nobody"); }) == errc::timed_out);
    CHECK(error_of([&] { socket.set_send_timeout(-2ms); }) == errc::invalid_argument);
}

TEST_CASE("a waiting receive is woken by the message")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pair_socket one{context};
    pair_socket two{context};
    join_over(transport, one, two);
    background_call echo([&] {
        for (int i = 0; i < 100; ++i)
            two.send(take(two));
    });
    for (int i = 0; i < 100; ++i)
    {
        one.send(std::to_string(i));
        REQUIRE(take(one) == message(std::to_string(i)));
    }
    echo.finish();
}

TEST_CASE("a waiting send is woken by the peer")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    const place here{transport};
    context context;
    push_socket sender{context};
    background_call sending([&] { give(sender, "hello"); });
    sender.connect(here.endpoint(), {.immediate = true, .reconnect_interval = 5ms});
    pull_socket sink{context};
    sink.bind(here.endpoint());
    CHECK(take(sink) == "hello");
    sending.finish();
}

TEST_CASE("waiting for peers ends with the last of them, or with the time")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    const std::string endpoint = sink.bind(anywhere(transport));
    CHECK(sink.peer_count() == 0);
    CHECK(sink.wait_for_peers(0, 0ms));
    CHECK_FALSE(sink.wait_for_peers(1, 10ms));

    background_call waiting([&] { must(sink.wait_for_peers(2, patience), "too few peers"); });
    push_socket one{context};
    one.connect(endpoint);
    CHECK(one.wait_for_peers(1, patience));
    push_socket two{context};
    two.connect(endpoint);
    waiting.finish();
    CHECK(sink.peer_count() == 2);
}

TEST_CASE("a peer that has not finished its handshake is no peer yet")
{
    context context;
    pull_socket sink{context};
    const std::string endpoint = sink.bind(anywhere("tcp"));
    raw_peer peer = raw_peer::connect(endpoint);
    peer.greet();
    CHECK_FALSE(sink.wait_for_peers(1, 50ms));
    peer.send(wire::ready("PUSH"));
    CHECK(sink.wait_for_peers(1, patience));
}

TEST_CASE("what a type does not do is said so")
{
    struct row
    {
        socket_type type;
        bool sends;
        bool receives;
        bool subscribes;
    };
    const auto [type, sends, receives, subscribes] = GENERATE(values<row>({
        {socket_type::pub, true, false, false},
        {socket_type::push, true, false, false},
        {socket_type::sub, false, true, true},
        {socket_type::pull, false, true, false},
        {socket_type::dealer, true, true, false},
        {socket_type::pair, true, true, false},
    }));
    CAPTURE(to_string(type));
    context context;
    ferry::socket socket{context, type};
    CHECK(socket.type() == type);
    std::error_code error;
    socket.try_send("message", error);
    CHECK((error == errc::not_supported) == !sends);
    (void)socket.try_receive(error);
    CHECK((error == errc::not_supported) == !receives);
    socket.subscribe("topic", error);
    CHECK((error == errc::not_supported) == !subscribes);
}

TEST_CASE("a message without frames cannot be sent")
{
    context context;
    push_socket sender{context};
    CHECK(error_of([&] { sender.send(message()); }) == errc::invalid_argument);
    CHECK(error_of([&] { (void)sender.try_send(message()); }) == errc::invalid_argument);
}

TEST_CASE("a socket can be moved, connections and all")
{
    context context;
    pair_socket one{context};
    pair_socket two{context};
    join_over("tcp", one, two);
    pair_socket moved{std::move(one)};
    two.send("hello");
    CHECK(take(moved) == "hello");
    pair_socket assigned{context};
    assigned = std::move(moved);
    assigned.send("hello yourself");
    CHECK(take(two) == "hello yourself");
}

TEST_CASE("a message sent by const reference stays what it was")
{
    context context;
    pair_socket one{context};
    pair_socket two{context};
    join_over("inproc", one, two);
    const message m = message::of("a", std::string(1000, 'b'));
    one.send(m);
    one.send(m);
    CHECK(take(two) == m);
    CHECK(take(two) == m);
}
