// PUB, SUB, XPUB and XSUB: who hears what.

#include <set>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

message subscription(std::string_view topic)
{
    return message("\1" + std::string(topic));
}

message cancellation(std::string_view topic)
{
    return message(std::string(1, '\0') + std::string(topic));
}

}  // namespace

TEST_CASE("a subscriber hears what starts with its topic, and nothing else")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context};
    sub_socket subscriber{context};
    subscriber.subscribe("weather");
    join_over(transport, publisher, subscriber);
    REQUIRE(publisher.wait_for_subscribers(1, "weather", patience));

    publisher.send("sports: 3 to 1");
    publisher.send("weather: rain");
    publisher.send("weathe");
    publisher.send(message::of("weather", "", "in three frames"));
    publisher.send(message::of("news", "weather"));  // only the first frame counts
    publisher.send("weather");
    CHECK(take(subscriber) == "weather: rain");
    CHECK(take(subscriber) == message::of("weather", "", "in three frames"));
    CHECK(take(subscriber) == "weather");
}

TEST_CASE("the empty topic is everything, empty messages included")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context};
    sub_socket subscriber{context};
    subscriber.subscribe("");
    join_over(transport, publisher, subscriber);
    REQUIRE(publisher.wait_for_subscribers(1, "", patience));

    publisher.send("");
    publisher.send("anything");
    CHECK(take(subscriber) == "");
    CHECK(take(subscriber) == "anything");
}

TEST_CASE("a subscriber may bind and its publishers connect")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    sub_socket subscriber{context};
    subscriber.subscribe("a");
    pub_socket one{context};
    pub_socket two{context};
    const std::string endpoint = subscriber.bind(anywhere(transport));
    one.connect(endpoint);
    two.connect(endpoint);
    REQUIRE(one.wait_for_subscribers(1, "a", patience));
    REQUIRE(two.wait_for_subscribers(1, "a", patience));

    one.send("a1");
    CHECK(take(subscriber) == "a1");
    two.send("a2");
    CHECK(take(subscriber) == "a2");
}

TEST_CASE("topics that overlap still bring each message once")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context};
    sub_socket subscriber{context};
    subscriber.subscribe("");
    subscriber.subscribe("a");
    subscriber.subscribe("ab");
    join_over(transport, publisher, subscriber);
    REQUIRE(publisher.wait_for_subscribers(1, "ab", patience));

    publisher.send("abc");
    publisher.send("the end");
    CHECK(take(subscriber) == "abc");
    CHECK(take(subscriber) == "the end");
}

TEST_CASE("every subscriber gets its own copy")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context};
    const std::string endpoint = publisher.bind(anywhere(transport));
    std::vector<sub_socket> subscribers;
    for (int i = 0; i < 5; ++i)
    {
        subscribers.emplace_back(context);
        subscribers.back().subscribe("big");
        subscribers.back().connect(endpoint);
    }
    REQUIRE(publisher.wait_for_subscribers(5, "big", patience));

    const message m = message::of("big", std::string(200'000, 'x'));
    publisher.send(m);
    for (sub_socket& subscriber : subscribers)
        CHECK(take(subscriber) == m);
}

TEST_CASE("a topic wanted twice is given up with the second unsubscribe")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context};
    sub_socket subscriber{context};
    subscriber.subscribe("a");
    subscriber.subscribe("a");
    join_over(transport, publisher, subscriber);
    CHECK(take(publisher) == subscription("a"));

    subscriber.unsubscribe("a");
    subscriber.subscribe("mark");
    CHECK(take(publisher) == subscription("mark"));  // no cancellation before it
    CHECK(publisher.wait_for_subscribers(1, "a", 0ms));

    subscriber.unsubscribe("a");
    CHECK(take(publisher) == cancellation("a"));
    CHECK_FALSE(publisher.wait_for_subscribers(1, "a", 0ms));
}

TEST_CASE("a subscriber that leaves takes its subscriptions along")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context};
    {
        sub_socket subscriber{context};
        subscriber.subscribe("a");
        subscriber.subscribe("b");
        join_over(transport, publisher, subscriber);
        const std::set<std::string> asked{
            take(publisher).front().string(), take(publisher).front().string()};
        CHECK(asked == std::set<std::string>{"\1a", "\1b"});
    }
    CHECK(take(publisher) == cancellation("a"));
    CHECK(take(publisher) == cancellation("b"));
    CHECK_FALSE(publisher.wait_for_subscribers(1, "a", 0ms));
}

TEST_CASE("waiting for subscribers counts those that a message would reach")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context};
    sub_socket general{context};
    sub_socket special{context};
    general.subscribe("a");
    special.subscribe("abc");
    const std::string endpoint = publisher.bind(anywhere(transport));
    general.connect(endpoint);
    special.connect(endpoint);

    CHECK(publisher.wait_for_subscribers(2, "abcd", patience));
    CHECK(publisher.wait_for_subscribers(1, "ab", patience));
    CHECK_FALSE(publisher.wait_for_subscribers(2, "ab", 10ms));
    CHECK_FALSE(publisher.wait_for_subscribers(1, "", 10ms));
}

TEST_CASE("what nobody wants is dropped and counted")
{
    context context;
    pub_socket publisher{context};
    publisher.bind(anywhere("tcp"));
    for (int i = 0; i < 10; ++i)
        publisher.send("to nobody");
    CHECK(publisher.dropped_messages() == 10);
}

TEST_CASE("an XSUB subscribes by messages, and an XPUB hears of it")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context};
    xsub_socket subscriber{context};
    join_over(transport, publisher, subscriber);
    subscriber.send(subscription("a"));
    CHECK(take(publisher) == subscription("a"));

    publisher.send("b");
    publisher.send("a");
    CHECK(take(subscriber) == "a");
    subscriber.send(cancellation("a"));
    CHECK(take(publisher) == cancellation("a"));
}

TEST_CASE("what an XSUB says beyond subscriptions reaches the XPUB's application")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context};
    xsub_socket subscriber{context};
    join_over(transport, publisher, subscriber);
    REQUIRE(subscriber.wait_for_peers(1, patience));

    subscriber.send(message::of("a question", "from below"));
    CHECK(take(publisher) == message::of("a question", "from below"));
}

TEST_CASE("all of many subscriptions arrive, however small the queues are")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int topics = 3000;
    context context;
    xpub_socket publisher{context};
    sub_socket subscriber{context, {.send_hwm = 10}};
    for (int i = 0; i < topics; ++i)
        subscriber.subscribe("topic " + std::to_string(i));
    join_over(transport, publisher, subscriber);

    std::set<std::string> asked;
    for (int i = 0; i < topics; ++i)
        asked.insert(take(publisher).front().string());
    CHECK(asked.size() == topics);
}

TEST_CASE("long topics work, at every size that encodes differently")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    const auto size = GENERATE(245u, 246u, 250u, 254u, 255u, 256u, 300u, 70'000u);
    CAPTURE(transport, size);
    context context;
    pub_socket publisher{context};
    sub_socket subscriber{context};
    const std::string topic(size, 't');
    subscriber.subscribe(topic);
    join_over(transport, publisher, subscriber);
    REQUIRE(publisher.wait_for_subscribers(1, topic, patience));

    publisher.send(topic.substr(1));
    publisher.send(topic + "!");
    CHECK(take(subscriber) == message(topic + "!"));
}

TEST_CASE("subscribing goes on while connected")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context};
    sub_socket subscriber{context};
    join_over(transport, publisher, subscriber);
    subscriber.subscribe("a");
    CHECK(take(publisher) == subscription("a"));
    subscriber.subscribe("b");
    CHECK(take(publisher) == subscription("b"));
    subscriber.unsubscribe("a");
    CHECK(take(publisher) == cancellation("a"));

    publisher.send("a");
    publisher.send("b");
    CHECK(take(subscriber) == "b");
}
