// The poller: several sockets, one wait.

#include <array>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("the poller tells which sockets are ready, for what, and with their tags")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pair_socket here{context};
    pair_socket there{context};
    join_over(transport, here, there);
    pull_socket silent{context};

    poller p;
    p.add(silent, poll_events::readable, 1);
    p.add(here, poll_events::readable, 2);
    CHECK(p.size() == 2);
    CHECK(p.wait(0ms).empty());
    CHECK(p.wait(10ms).empty());

    there.send("hello");
    const std::vector<poll_result> ready = p.wait(patience);
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].socket == &here);
    CHECK(ready[0].events == poll_events::readable);
    CHECK(ready[0].tag == 2);
}

TEST_CASE("what is ready stays ready until it is taken")
{
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over("tcp", sink, sender);
    sender.send("1");
    sender.send("2");
    poller p;
    p.add(sink);
    for (int i = 1; i <= 2; ++i)
    {
        CHECK(p.wait(patience).size() == 1);
        CHECK(p.wait(patience).size() == 1);
        CHECK(take(sink) == message(std::to_string(i)));
    }
    CHECK(p.wait(0ms).empty());
}

TEST_CASE("a socket is writable while there is room, and again when there is")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    const place here{transport};
    context context;
    push_socket sender{context, {.send_hwm = 1}};
    poller p;
    p.add(sender, poll_events::writable);
    CHECK(p.wait(0ms).empty());  // nobody to send to

    sender.connect(here.endpoint(), {.reconnect_interval = 5ms});
    CHECK(p.wait(patience).size() == 1);
    REQUIRE(sender.try_send("1"));
    CHECK(p.wait(0ms).empty());

    pull_socket sink{context, {.receive_hwm = 1}};
    sink.bind(here.endpoint());
    CHECK(take(sink) == "1");
    CHECK(p.wait(patience).size() == 1);
    CHECK(sender.try_send("2"));
    CHECK(take(sink) == "2");
}

TEST_CASE("a REQ and a REP are ready only for what their state allows")
{
    context context;
    rep_socket server{context};
    req_socket client{context};
    join_over("inproc", server, client);
    const auto both = poll_events::readable | poll_events::writable;
    poller p;
    p.add(client, both);
    p.add(server, both);
    const auto ready = [&] {
        std::string text;
        for (const poll_result& result : p.wait(0ms))
            text += std::string(result.socket == &client ? "client" : "server") +
                (any(result.events & poll_events::readable) ? " reads " : "") +
                (any(result.events & poll_events::writable) ? " writes " : "");
        return text;
    };

    CHECK(ready() == "client writes ");
    client.send("question");
    CHECK(ready() == "server reads ");
    CHECK(take(server) == "question");
    CHECK(ready() == "server writes ");
    server.send("answer");
    CHECK(ready() == "client reads ");
    CHECK(take(client) == "answer");
    CHECK(ready() == "client writes ");
}

TEST_CASE("several that are ready are told in the order they were added")
{
    context context;
    std::vector<pair_socket> near;
    std::vector<pair_socket> far;
    poller p;
    for (std::size_t i = 0; i < 5; ++i)
    {
        near.emplace_back(context);
        far.emplace_back(context);
        join_over("inproc", near[i], far[i]);
        far[i].send("hello");
    }
    for (std::size_t i = 5; i-- > 0;)
        p.add(near[i], poll_events::readable, i);
    const std::vector<poll_result> ready = p.wait(patience);
    REQUIRE(ready.size() == 5);
    for (std::size_t i = 0; i < 5; ++i)
        CHECK(ready[i].tag == 4 - i);
}

TEST_CASE("what the poller waits for can be changed and taken back")
{
    context context;
    pair_socket one{context};
    pair_socket two{context};
    join_over("inproc", one, two);
    two.send("hello");
    poller p;
    p.add(one, poll_events::none);
    CHECK(p.wait(0ms).empty());
    p.modify(one, poll_events::writable);
    CHECK(p.wait(0ms).at(0).events == poll_events::writable);
    p.modify(one, poll_events::readable | poll_events::writable);
    CHECK(p.wait(0ms).at(0).events == (poll_events::readable | poll_events::writable));
    p.remove(one);
    CHECK(p.size() == 0);
    CHECK(p.wait(0ms).empty());
    p.remove(one);
}

TEST_CASE("a socket is in a poller once, or not at all")
{
    context context;
    pair_socket one{context};
    pair_socket two{context};
    poller p;
    p.add(one);
    CHECK(error_of([&] { p.add(one); }) == errc::invalid_argument);
    CHECK(error_of([&] { p.modify(two, poll_events::readable); }) == errc::invalid_argument);
    CHECK(p.size() == 1);
}

TEST_CASE("a waiting poller is woken by any of its sockets")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    std::vector<pull_socket> sinks;
    std::vector<push_socket> senders;
    poller p;
    for (std::size_t i = 0; i < 4; ++i)
    {
        sinks.emplace_back(context);
        senders.emplace_back(context);
        join_over(transport, sinks[i], senders[i]);
    }
    for (std::size_t i = 0; i < 4; ++i)
        p.add(sinks[i], poll_events::readable, i);
    background_call sending([&] {
        for (std::size_t i = 0; i < 400; ++i)
            give(senders[i % 4], std::to_string(i));
    });
    std::size_t received = 0;
    while (received < 400)
    {
        const std::vector<poll_result> ready = p.wait(patience);
        REQUIRE_FALSE(ready.empty());
        for (const poll_result& result : ready)
            while (sinks[result.tag].try_receive())
                ++received;
    }
    sending.finish();
}

TEST_CASE("a poller may watch sockets of two contexts, over all transports")
{
    context here;
    context there{{.io_threads = 2}};
    pull_socket one{here};
    pull_socket two{there};
    push_socket to_one{there};
    push_socket to_two{here};
    join_over("tcp", one, to_one);
    join_over("ipc", two, to_two);
    poller p;
    p.add(one);
    p.add(two);
    for (int i = 0; i < 50; ++i)
    {
        (i % 2 == 0 ? to_one : to_two).send("hello");
        const std::vector<poll_result> ready = p.wait(patience);
        REQUIRE(ready.size() == 1);
        pull_socket& sink = i % 2 == 0 ? one : two;
        CHECK(ready[0].socket == &sink);
        CHECK(take(sink) == "hello");
    }
}

// --- plain descriptors ---------------------------------------------------------------------------

namespace
{

class plain_pipe
{
public:
    plain_pipe() { must(::pipe(ends_.data()) == 0, "no pipe"); }
    plain_pipe(const plain_pipe&) = delete;
    plain_pipe& operator=(const plain_pipe&) = delete;
    ~plain_pipe()
    {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    [[nodiscard]] pollfd readable() const { return {ends_[0], POLLIN, 0}; }
    void write() const { must(::write(ends_[1], "x", 1) == 1, "not written"); }
    void read() const
    {
        char octet = 0;
        must(::read(ends_[0], &octet, 1) == 1, "not read");
    }

private:
    std::array<int, 2> ends_{};
};

}  // namespace

TEST_CASE("a poller waits for sockets and plain descriptors together")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);
    const plain_pipe other;
    pollfd item = other.readable();
    poller waiting;
    waiting.add(sink);
    std::error_code error;
    CHECK(waiting.wait({&item, 1}, 10ms, error).empty());
    CHECK(item.revents == 0);

    background_call writing([&] { other.write(); });
    CHECK(waiting.wait({&item, 1}, patience, error).empty());
    CHECK(item.revents == POLLIN);
    writing.finish();
    other.read();

    background_call sending([&] { sender.send("x"); });
    CHECK(waiting.wait({&item, 1}, patience, error).size() == 1);
    CHECK(item.revents == 0);
    sending.finish();

    other.write();
    CHECK(waiting.wait({&item, 1}, patience, error).size() == 1);
    CHECK(item.revents == POLLIN);
    CHECK_FALSE(error);
}

TEST_CASE("a poller with nothing but plain descriptors waits for these")
{
    const plain_pipe other;
    pollfd item = other.readable();
    std::error_code error;
    CHECK(poller{}.wait({&item, 1}, 0ms, error).empty());
    CHECK(poller{}.wait({&item, 1}, 10ms, error).empty());
    CHECK(item.revents == 0);
    background_call writing([&] { other.write(); });
    CHECK(poller{}.wait({&item, 1}, patience, error).empty());
    CHECK(item.revents == POLLIN);
    writing.finish();
}

TEST_CASE("threads that wait for descriptors and sockets of one context miss nothing")
{
    constexpr int threads = 3;
    constexpr int each = 300;
    context context;
    std::vector<background_call> calls;
    for (int t = 0; t < threads; ++t)
    {
        calls.emplace_back([&context] {
            ferry::context elsewhere;
            dealer_socket socket{context};
            dealer_socket peer{elsewhere};
            join_over("tcp", socket, peer);
            const plain_pipe other;
            background_call answering([&] {
                for (int i = 0; i < each; ++i)
                {
                    other.write();
                    peer.send(take(peer));
                }
            });
            poller waiting;
            waiting.add(socket);
            for (int got = 0; got < each;)
            {
                pollfd item = other.readable();
                std::error_code error;
                const auto ready = waiting.wait({&item, 1}, patience, error);
                must(!error && (item.revents != 0 || !ready.empty()), "nothing came");
                if (item.revents != 0)
                {
                    other.read();
                    socket.send("question");
                }
                if (!ready.empty())
                    got += socket.receive() == "question" ? 1 : 0;
            }
            answering.finish();
        });
    }
    for (background_call& call : calls)
        call.finish();
}
