// Who does the work: the thread that waits or sends, the background thread only when nobody does.
#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

// A server in a thread of its own that answers until its context is shut down.
class echo_server
{
public:
    explicit echo_server(std::string_view transport, context_options options = {})
        : context_(options), socket_(context_), endpoint_(socket_.bind(anywhere(transport))),
          answering_([this] { answer(); })
    {
    }
    ~echo_server()
    {
        context_.shutdown();
        answering_.finish();
    }
    [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

private:
    void answer()
    {
        for (;;)
        {
            std::error_code error;
            message m = socket_.receive(error);
            if (!error)
                socket_.send(std::move(m), error);
            if (error)
                return;
        }
    }

    context context_;
    rep_socket socket_;
    std::string endpoint_;
    background_call answering_;
};

void ask(req_socket& client, int times)
{
    for (int i = 0; i < times; ++i)
    {
        client.send(std::to_string(i));
        must(take(client) == std::to_string(i), "the answer belongs to another question");
    }
}

#ifdef __linux__
// How often each thread of this process went to sleep so far; all but the busiest two.
std::uint64_t sleeps_of_other_threads()
{
    std::vector<std::uint64_t> all;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task"))
    {
        std::ifstream status(thread.path() / "status");
        for (std::string line; std::getline(status, line);)
        {
            if (line.starts_with("voluntary_ctxt_switches:"))
                all.push_back(std::stoull(line.substr(line.find(':') + 1)));
        }
    }
    std::sort(all.begin(), all.end());
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i + 2 < all.size(); ++i)
        sum += all[i];
    return sum;
}
#endif

}  // namespace

#ifdef __linux__
TEST_CASE("request and reply cross no thread but the two that ask and answer")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    constexpr int trips = 3000;
    const echo_server server{transport};
    context context;
    req_socket client{context};
    client.connect(server.endpoint());
    ask(client, 100);
    const std::uint64_t before = sleeps_of_other_threads();
    const auto began = std::chrono::steady_clock::now();
    ask(client, trips);
    const std::uint64_t sleeps = sleeps_of_other_threads() - before;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    CAPTURE(sleeps, took.count());
    // Two background threads that look once in a millisecond at most, and now and then a little more.
    CHECK(sleeps < trips / 2 + 4 * static_cast<std::uint64_t>(took.count()));
}
#endif

TEST_CASE("a call that polls before it sleeps gets the same answers")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    const echo_server server{transport, {.busy_poll = 50us}};
    context context{{.busy_poll = 50us}};
    req_socket client{context};
    client.connect(server.endpoint());
    ask(client, 500);
}

TEST_CASE("a time to poll must not be negative")
{
    CHECK(error_of([] { context context({.busy_poll = -1us}); }) == errc::invalid_argument);
}

TEST_CASE("what a flood leaves behind is written although its sender does nothing more")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    const auto count = GENERATE(1, 9, 100, 499, 501, 5000);
    CAPTURE(transport, count);
    context sending;
    context receiving;
    pull_socket sink{receiving};
    push_socket sender{sending, {.send_hwm = 0}};
    join_over(transport, sink, sender);
    sender.send("first");
    CHECK(take(sink) == "first");
    for (int round = 0; round < 3; ++round)
    {
        for (int i = 0; i < count; ++i)
            sender.send(std::to_string(i));
        for (int i = 0; i < count; ++i)
            must(take(sink) == std::to_string(i), "lost or out of order");
    }
}

TEST_CASE("a flood of messages larger than what is encoded at once goes through")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    const auto size = GENERATE(60'000u, 300'000u, 1'048'576u);
    CAPTURE(transport, size);
    context sending;
    context receiving;
    pull_socket sink{receiving};
    push_socket sender{sending};
    join_over(transport, sink, sender);
    constexpr int count = 300;
    background_call flood([&sender, size] {
        for (int i = 0; i < count; ++i)
            sender.send(std::string(size, static_cast<char>(i)));
    });
    for (int i = 0; i < count; ++i)
        must(take(sink).front().text()[size - 1] == static_cast<char>(i), "lost or out of order");
    flood.finish();
}

TEST_CASE("a flood through small queues goes through")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    const auto hwm = GENERATE(1u, 2u, 7u);
    CAPTURE(transport, hwm);
    context context;
    pull_socket sink{context, {.receive_hwm = hwm}};
    push_socket sender{context, {.send_hwm = hwm}};
    join_over(transport, sink, sender);
    constexpr int count = 3000;
    background_call flood([&sender] {
        for (int i = 0; i < count; ++i)
            sender.send(std::to_string(i));
    });
    for (int i = 0; i < count; ++i)
        must(take(sink) == std::to_string(i), "lost or out of order");
    flood.finish();
}

TEST_CASE("a sender that only tries gets its flood through as well")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context sending;
    context receiving;
    pull_socket sink{receiving};
    push_socket sender{sending};
    join_over(transport, sink, sender);
    constexpr int count = 20'000;
    background_call flood([&sender] {
        for (int i = 0; i < count;)
        {
            message m(std::to_string(i));
            if (sender.try_send(offered(m)))
                ++i;
            else
                std::this_thread::yield();
        }
    });
    for (int i = 0; i < count;)
    {
        if (const auto m = sink.try_receive())
            must(*m == std::to_string(i++), "lost or out of order");
        else
            std::this_thread::yield();
    }
    flood.finish();
}

TEST_CASE("threads that wait for different sockets of one context are all served")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    constexpr int threads = 4;
    const echo_server server{transport};
    context context;
    std::vector<background_call> all;
    for (int i = 0; i < threads; ++i)
    {
        all.emplace_back([&context, &server] {
            req_socket client{context};
            client.connect(server.endpoint());
            ask(client, 300);
        });
    }
    for (auto& each : all)
        each.finish();
}

TEST_CASE("a thread that drives is woken by what other threads do to its socket")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    sink.bind(anywhere(transport));
    const std::string local = "inproc://the-other-way-in";
    sink.bind(local);
    push_socket sender{context};
    sender.connect(local);
    for (int i = 0; i < 200; ++i)
    {
        background_call other([&sender, i] { sender.send(std::to_string(i)); });
        must(take(sink) == std::to_string(i), "lost");
        other.finish();
    }
}

TEST_CASE("one sender that floods does not starve another of the same receiver")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context receiving;
    pull_socket sink{receiving};
    const std::string endpoint = sink.bind(anywhere(transport));
    context flooding;
    std::atomic<bool> enough{false};
    push_socket noisy{flooding};
    noisy.connect(endpoint);
    background_call flood([&] {
        while (!enough)
            (void)noisy.send_for(std::string(1024, 'n'), 10ms);
    });
    context other;
    push_socket quiet{other};
    quiet.connect(endpoint);
    quiet.wait_for_peers(1);
    for (int i = 0; i < 20; ++i)
    {
        quiet.send("quiet");
        // It has a queue of its own: what is in the way is about a batch of the other's.
        int noise = 0;
        while (take(sink) != "quiet")
            ++noise;
        CAPTURE(i, noise);
        CHECK(noise < 10'000);
    }
    enough = true;
    while (!flood.ended(0ms))
        (void)sink.receive_for(10ms);
    flood.finish();
}

TEST_CASE("a deleter that would wait on the thread that does the loop's work is told so")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);
    std::array<std::byte, 100'000> large{};
    pull_socket another{context};
    another.bind(anywhere(transport));
    std::atomic<bool> deleted{false};
    std::error_code told;
    sender.send(message::adopt(std::span(large), [&](void*, std::size_t) {
        (void)another.receive_for(10s, told);
        (void)another.try_receive();  // and who only tries must not wait for itself either
        deleted = true;
    }));
    CHECK(take(sink).front().size() == large.size());
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!deleted && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    REQUIRE(deleted);
    CHECK(told == errc::would_deadlock);
}
