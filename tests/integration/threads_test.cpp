// Sockets used by several threads at a time: every message once, whole.

#include <atomic>
#include <mutex>
#include <set>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("several threads send on one socket and several receive on another: all once, all whole")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int threads = 4;
    constexpr int each = 3000;
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);

    std::mutex guard;
    std::set<std::string> seen;
    std::atomic<int> broken{0};
    std::vector<background_call> calls;
    for (int t = 0; t < threads; ++t)
    {
        calls.emplace_back([&, t] {
            for (int i = 0; i < each; ++i)
            {
                const std::string name = std::to_string(t) + "/" + std::to_string(i);
                give(sender, message::of(name, "in", "between", name));
            }
        });
        calls.emplace_back([&] {
            for (int i = 0; i < each; ++i)
            {
                const message m = take(sink);
                broken += m.size() != 4 || m[0] != m[3] ? 1 : 0;
                const std::lock_guard lock(guard);
                seen.insert(m[0].string());
            }
        });
    }
    for (background_call& call : calls)
        call.finish();
    CHECK(broken == 0);
    CHECK(seen.size() == threads * each);
}

TEST_CASE("one thread may receive while another sends on the same socket")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int count = 3000;
    context context;
    dealer_socket one{context};
    dealer_socket two{context};
    join_over(transport, one, two);
    std::vector<background_call> calls;
    for (dealer_socket* socket : {&one, &two})
    {
        calls.emplace_back([socket] {
            for (int i = 0; i < count; ++i)
                give(*socket, std::to_string(i));
        });
        calls.emplace_back([socket] {
            for (int i = 0; i < count; ++i)
                must(take(*socket) == message(std::to_string(i)), "out of order");
        });
    }
    for (background_call& call : calls)
        CHECK_NOTHROW(call.finish());
}

TEST_CASE("a subscriber may subscribe in one thread while another waits for messages")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context};
    sub_socket subscriber{context};
    join_over(transport, publisher, subscriber);
    background_call listening([&] { must(take(subscriber) == "topic", "another message"); });
    CHECK_FALSE(listening.ended(10ms));
    subscriber.subscribe("topic");
    REQUIRE(publisher.wait_for_subscribers(1, "topic", patience));
    publisher.send("topic");
    listening.finish();
}

TEST_CASE("many clients, each in its own thread, get their own answers from one server")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int clients = 8;
    constexpr int questions = 200;
    context context;
    router_socket server{context};
    const std::string endpoint = server.bind(anywhere(transport));
    std::vector<background_call> calls;
    calls.reserve(clients);
    for (int c = 0; c < clients; ++c)
        calls.emplace_back([&, c] {
            req_socket client{context};
            client.connect(endpoint);
            for (int i = 0; i < questions; ++i)
            {
                const std::string question = std::to_string(c) + ":" + std::to_string(i);
                client.send(question);
                must(take(client) == message(question), "another's answer");
            }
        });
    for (int i = 0; i < clients * questions; ++i)
        server.send(take(server));
    for (background_call& call : calls)
        CHECK_NOTHROW(call.finish());
}

TEST_CASE("sockets of one context work side by side on several background threads")
{
    const int io_threads = GENERATE(1, 2, 4);
    CAPTURE(io_threads);
    constexpr int pairs = 6;
    constexpr int count = 500;
    context context{{.io_threads = io_threads}};
    std::vector<background_call> calls;
    calls.reserve(pairs);
    for (int p = 0; p < pairs; ++p)
        calls.emplace_back([&, p] {
            pair_socket one{context};
            pair_socket two{context};
            join_over(p % 3 == 0 ? "inproc" : p % 3 == 1 ? "tcp" : "ipc", one, two);
            for (int i = 0; i < count; ++i)
            {
                give(one, std::to_string(i));
                must(take(two) == message(std::to_string(i)), "another's message");
            }
        });
    for (background_call& call : calls)
        CHECK_NOTHROW(call.finish());
}

TEST_CASE("a context may be shut down while all of its sockets are busy")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    push_socket sender{context, {.linger = 0ms}};
    join_over(transport, sink, sender);
    std::atomic<int> received{0};
    background_call sending([&] {
        std::error_code error;
        while (!error)
            sender.send("busy", error);
        must(error == errc::terminated, "ended by something else");
    });
    background_call receiving([&] {
        std::error_code error;
        for (; !error; ++received)
            (void)sink.receive(error);
        must(error == errc::terminated, "ended by something else");
    });
    REQUIRE(sender.wait_for_peers(1, patience));
    while (received < 1000 && !receiving.ended(1ms))
        ;
    context.shutdown();
    sending.finish();
    receiving.finish();
}
