// send() of texts and octets, beside send() of messages, through the public face.
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

std::vector<std::byte> octets_of(std::string_view text)
{
    const auto octets = std::as_bytes(std::span(text));
    return {octets.begin(), octets.end()};
}

}  // namespace

TEST_CASE("a frame is sent from whatever holds its octets")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    context context;
    pull_socket sink{context};
    push_socket source{context};
    join_over(transport, sink, source);

    const std::string text = "a string";
    const char* const pointer = "a pointer";
    const std::string_view view("a view with \0 in it", 18);
    const std::vector<std::byte> vector = octets_of("a vector");
    std::array<std::byte, 3> array{std::byte{'a'}, std::byte{'r'}, std::byte{'r'}};
    const std::byte plain[2] = {std::byte{'p'}, std::byte{'l'}};
    source.send("a literal");
    source.send(text);
    source.send(std::string("a temporary"));
    source.send(pointer);
    source.send(view);
    source.send(vector);
    source.send(array);
    source.send(plain);
    source.send(std::span<const std::byte>(vector).first(2));
    source.send(std::span<std::byte>(array).last<1>());
    source.send(std::as_bytes(std::span(text)));
    source.send("");
    source.send(std::span<const std::byte>());
    for (const std::string_view expected :
        {std::string_view("a literal"), std::string_view(text), std::string_view("a temporary"),
            std::string_view(pointer), view, std::string_view("a vector"), std::string_view("arr"),
            std::string_view("pl"), std::string_view("a "), std::string_view("r"),
            std::string_view(text), std::string_view(), std::string_view()})
        CHECK(take(sink) == message(expected));
}

TEST_CASE("messages are sent as messages, with as many frames as they have")
{
    context context;
    pull_socket sink{context};
    push_socket source{context};
    join_over("inproc", sink, source);
    source.send(message::of("two", "frames"));
    const message kept = message::of("three", "more", "frames");
    source.send(kept);
    message given("given away");
    source.send(std::move(given));
    CHECK(take(sink) == message::of("two", "frames"));
    CHECK(take(sink) == kept);
    CHECK(take(sink) == message("given away"));
    CHECK(kept.size() == 3);
    CHECK(error_of([&] { source.send(message()); }) == errc::invalid_argument);
}

TEST_CASE("bodies of every size are sent as octets")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    context context;
    pull_socket sink{context};
    push_socket source{context};
    join_over(transport, sink, source);
    for (const std::size_t size :
        {0, 1, 50, 51, 255, 256, 1024, 2047, 2048, 2049, 32'768, 100'000, 3'000'000})
    {
        std::string body(size, 'x');
        source.send(body);
        const message got = take(sink);
        CHECK(got == message(body));
        body.assign(body.size(), 'y');  // copied, however large
        CHECK((size == 0 || got.front().data()[size - 1] == std::byte{'x'}));
    }
}

TEST_CASE("thousands of small messages arrive in order, sent as octets and as messages by turns")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    context context;
    pull_socket sink{context};
    push_socket source{context};
    join_over(transport, sink, source);
    constexpr int count = 50'000;
    background_call sending([&] {
        for (int i = 0; i < count; ++i)
            if (i % 5 == 0)
                source.send(message::of(std::to_string(i)));
            else
                source.send(std::to_string(i) + std::string(static_cast<std::size_t>(i % 90), '.'));
    });
    bool is_right = true;
    for (int i = 0; i < count && is_right; ++i)
    {
        const message m = take(sink);
        is_right = m.size() == 1 && std::stoi(m.front().string()) == i;
    }
    CHECK(is_right);
    sending.finish();
}

TEST_CASE("octets are published, requested, answered and routed")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    context context;
    {
        pub_socket pub{context};
        sub_socket sub{context};
        sub.subscribe("topic");
        join_over(transport, pub, sub);
        pub.wait_for_subscribers(1, "topic");
        pub.send("other");
        pub.send("topic");
        pub.send("topics");
        CHECK(take(sub) == message("topic"));
        CHECK(take(sub) == message("topics"));
        CHECK(pub.dropped_messages() == 1);
    }
    {
        req_socket req{context};
        rep_socket rep{context};
        join_over(transport, rep, req);
        req.send("question");
        CHECK(take(rep) == message("question"));
        rep.send("answer");
        CHECK(take(req) == message("answer"));
    }
    {
        dealer_socket dealer{context, {.routing_id = "me"}};
        router_socket router{context};
        join_over(transport, router, dealer);
        dealer.send("hello");
        CHECK(take(router) == message::of("me", "hello"));
    }
    {
        pair_socket a{context};
        pair_socket b{context};
        join_over(transport, a, b);
        a.send("to b");
        CHECK(take(b) == message("to b"));
        b.send("to a");
        CHECK(take(a) == message("to a"));
    }
}

TEST_CASE("errors come as for messages, thrown or in the code")
{
    context context;
    req_socket req{context};
    rep_socket rep{context};
    join_over("inproc", rep, req);
    std::error_code code = errc::timed_out;
    req.send("first", code);
    CHECK_FALSE(code);
    req.send("second", code);
    CHECK(code == errc::wrong_state);
    CHECK(error_of([&] { req.send("second"); }) == errc::wrong_state);

    push_socket alone{context};
    alone.set_send_timeout(0ms);
    const std::string large(100'000, 'x');
    for (const std::string_view body : {std::string_view("small"), std::string_view(large)})
    {
        alone.send(body, code);
        const std::error_code as_octets = code;
        alone.send(message(body), code);
        CHECK(as_octets == code);
        CHECK(code);
        CHECK(error_of([&] { alone.send(body); }) == code);
    }

    stream_socket stream{context};
    stream.bind(anywhere("tcp"));
    stream.send("no id before it", code);
    const std::error_code as_octets = code;
    stream.send(message("no id before it"), code);
    CHECK(as_octets == code);
    CHECK(code);

    alone.close();
    alone.send("closed", code);
    CHECK(code == errc::closed);
}
