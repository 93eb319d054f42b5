// Memory that is handed over: never copied where it is large, given back exactly once.

#include <atomic>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

// Memory that counts how often it was given back.
class lent_memory
{
public:
    explicit lent_memory(std::size_t size) : octets_(size, std::byte{'x'}) {}

    [[nodiscard]] message lend()
    {
        return message::adopt(std::span(octets_), [this](void*, std::size_t) { ++returned_; });
    }
    [[nodiscard]] const std::byte* data() const { return octets_.data(); }
    [[nodiscard]] int returned() const { return returned_; }
    /// Whoever has it last may be in another thread, and on its way to give it back.
    [[nodiscard]] bool comes_back_once() const
    {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (returned_ == 0 && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
        return returned_ == 1;
    }

private:
    std::vector<std::byte> octets_;
    std::atomic<int> returned_{0};
};

}  // namespace

TEST_CASE("adopted memory is given back once, after it was sent")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    const auto size = GENERATE(1u, 100u, 100'000u, 5'000'000u);
    CAPTURE(transport, size);
    lent_memory memory{size};
    {
        context context;
        pull_socket sink{context};
        push_socket sender{context};
        join_over(transport, sink, sender);
        sender.send(message::of("head").append(memory.lend()));
        const message m = take(sink);
        CHECK(m[1].size() == size);
    }
    CHECK(memory.comes_back_once());
}

TEST_CASE("adopted memory that goes to many is given back once")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    lent_memory memory{100'000};
    {
        context context;
        pub_socket publisher{context};
        const std::string endpoint = publisher.bind(anywhere(transport));
        std::vector<sub_socket> subscribers;
        for (int i = 0; i < 5; ++i)
        {
            subscribers.emplace_back(context);
            subscribers.back().subscribe("");
            subscribers.back().connect(endpoint);
        }
        REQUIRE(publisher.wait_for_subscribers(5, "", patience));
        publisher.send(memory.lend());
        for (sub_socket& subscriber : subscribers)
            CHECK(take(subscriber).size_octets() == 100'000);
    }
    CHECK(memory.comes_back_once());
}

TEST_CASE("over inproc the receiver gets the very memory that was sent")
{
    lent_memory memory{100'000};
    context context;
    pair_socket one{context};
    pair_socket two{context};
    join_over("inproc", one, two);
    one.send(memory.lend());
    {
        const message m = take(two);
        CHECK(m.front().data() == memory.data());
        CHECK(memory.returned() == 0);
    }
    CHECK(memory.comes_back_once());
}

TEST_CASE("adopted memory is given back once when its message is dropped")
{
    context context;
    lent_memory unwanted{1000};
    pub_socket publisher{context};
    publisher.send(unwanted.lend());
    CHECK(unwanted.comes_back_once());

    lent_memory unroutable{1000};
    router_socket router{context};
    router.send(message::of("nobody").append(unroutable.lend()));
    CHECK(unroutable.comes_back_once());

    lent_memory replaced{1000};
    const place nowhere{"tcp"};
    push_socket conflating{context, {.linger = 0ms, .conflate = true}};
    conflating.connect(nowhere.endpoint());
    conflating.send(replaced.lend());
    conflating.send("newer");
    CHECK(replaced.comes_back_once());
}

TEST_CASE("adopted memory is given back once when its socket, or its context, ends first")
{
    const bool context_first = GENERATE(false, true);
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(context_first, transport);
    lent_memory memory{1000};
    const place nowhere{transport};
    auto owner = std::make_unique<context>();
    auto sender = std::make_unique<push_socket>(*owner, socket_options{.linger = 0ms});
    sender->connect(nowhere.endpoint());
    sender->send(memory.lend());
    CHECK(memory.returned() == 0);
    if (context_first)
    {
        owner.reset();
        sender.reset();
    }
    else
    {
        sender.reset();
        owner.reset();
    }
    CHECK(memory.comes_back_once());
}

TEST_CASE("adopted memory is given back once when its receiver never takes it")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    lent_memory memory{1000};
    {
        context context;
        pull_socket sink{context};
        push_socket sender{context};
        join_over(transport, sink, sender);
        sender.send(memory.lend());
        sender.send("the end");
        CHECK(sink.wait_for_peers(1, patience));
    }
    CHECK(memory.comes_back_once());
}

TEST_CASE("memory whose message could not be sent stays with the caller")
{
    lent_memory memory{1000};
    context context;
    push_socket sender{context};
    {
        message m = memory.lend();
        CHECK_FALSE(sender.try_send(offered(m)));
        CHECK(memory.returned() == 0);
        CHECK(m.front().data() == memory.data());
    }
    CHECK(memory.returned() == 1);
}

TEST_CASE("a deleter may use the socket that its message was dropped by")
{
    context context;
    pub_socket publisher{context};
    std::vector<std::byte> octets(1000);
    std::atomic<std::uint64_t> seen{0};
    publisher.send(message::adopt(
        std::span(octets), [&](void*, std::size_t) { seen = publisher.dropped_messages() + 1; }));
    CHECK(seen >= 1);
}
