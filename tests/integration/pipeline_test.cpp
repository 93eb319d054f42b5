// PUSH and PULL: dealt in turn, collected in turn, whole and in order.

#include <map>
#include <numeric>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("work is dealt in turn")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    push_socket ventilator{context};
    const std::string endpoint = ventilator.bind(anywhere(transport));
    std::vector<pull_socket> workers;
    for (int i = 0; i < 3; ++i)
    {
        workers.emplace_back(context);
        workers.back().connect(endpoint);
    }
    REQUIRE(ventilator.wait_for_peers(3, patience));

    for (int i = 0; i < 9; ++i)
        ventilator.send(std::to_string(i));
    for (pull_socket& worker : workers)
    {
        const int first = std::stoi(take(worker).front().string());
        CHECK(std::stoi(take(worker).front().string()) == first + 3);
        CHECK(std::stoi(take(worker).front().string()) == first + 6);
    }
}

TEST_CASE("results of several senders are all collected, each sender's in order")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int each = 300;
    context context;
    pull_socket sink{context};
    const std::string endpoint = sink.bind(anywhere(transport));
    std::vector<push_socket> senders;
    for (int i = 0; i < 3; ++i)
    {
        senders.emplace_back(context);
        senders.back().connect(endpoint);
    }
    for (int n = 0; n < each; ++n)
        for (std::size_t i = 0; i < senders.size(); ++i)
            senders[i].send(message::of(std::to_string(i), std::to_string(n)));

    std::map<std::string, int> next;
    for (std::size_t i = 0; i < each * senders.size(); ++i)
    {
        const message m = take(sink);
        REQUIRE(m[1] == std::to_string(next[m[0].string()]++));
    }
    CHECK(next.size() == senders.size());
}

TEST_CASE("a long stream arrives whole and in order")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int count = 50'000;
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);

    background_call sending([&] {
        for (int i = 0; i < count; ++i)
            give(sender, i % 3 == 0 ? message::of(std::to_string(i), "more") : std::to_string(i));
    });
    for (int i = 0; i < count; ++i)
    {
        const message m = take(sink);
        REQUIRE(m.front() == std::to_string(i));
        REQUIRE(m.size() == (i % 3 == 0 ? 2u : 1u));
    }
    sending.finish();
}

TEST_CASE("what one worker did not get before it left goes to the others from then on")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    push_socket ventilator{context};
    const std::string endpoint = ventilator.bind(anywhere(transport));
    pull_socket stays{context};
    stays.connect(endpoint);
    auto leaves = std::make_unique<pull_socket>(context);
    leaves->connect(endpoint);
    REQUIRE(ventilator.wait_for_peers(2, patience));
    leaves.reset();

    // Once its end is noticed, everything goes to the one that stayed: three in a row.
    int in_a_row = 0;
    for (int i = 0; in_a_row < 3 && i < 100'000; ++i)
    {
        ventilator.send(std::to_string(i));
        in_a_row = stays.receive_for(1ms) ? in_a_row + 1 : 0;
    }
    CHECK(in_a_row == 3);
}

TEST_CASE("messages of every size arrive as they were")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    const auto size = GENERATE(0u, 1u, 32u, 49u, 50u, 51u, 52u, 254u, 255u, 256u, 257u, 8191u,
        8192u, 8193u, 65'535u, 65'536u, 1'048'576u, 5'000'001u);
    CAPTURE(transport, size);
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);

    std::string body(size, '\0');
    std::iota(body.begin(), body.end(), '\0');
    sender.send(body);
    sender.send(message::of("before", body, body, "after"));
    CHECK((take(sink) == message(body)));
    CHECK((take(sink) == message::of("before", body, body, "after")));
}

TEST_CASE("large and small messages that follow each other arrive as they were")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    const std::vector<std::size_t> sizes{300'000, 300'000, 10, 1'000'000, 1'000'000, 4'000, 4'100,
        9, 0, 5'000'000, 5'000'000, 100, 100, 100, 200'000, 70'000, 70'000, 20'000, 600'000, 1};
    context context;
    pull_socket sink{context, {.receive_hwm = 2}};
    push_socket sender{context};
    join_over(transport, sink, sender);
    background_call sending([&] {
        for (std::size_t i = 0; i < 3 * sizes.size(); ++i)
            give(sender, std::string(sizes[i % sizes.size()], static_cast<char>('a' + i % 26)));
    });
    for (std::size_t i = 0; i < 3 * sizes.size(); ++i)
        CHECK((take(sink) ==
            message(std::string(sizes[i % sizes.size()], static_cast<char>('a' + i % 26)))));
    sending.finish();
}

TEST_CASE("a message of very many frames arrives whole")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);

    message many;
    for (int i = 0; i < 20'000; ++i)
        many.append(std::to_string(i));
    sender.send(many);
    CHECK((take(sink) == many));
}
