// PAIR: one peer, and no more than one.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("two PAIRs talk both ways, as they like")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pair_socket one{context};
    pair_socket two{context};
    join_over(transport, one, two);

    two.send("first");
    two.send(message::of("second", ""));
    CHECK(take(one) == "first");
    CHECK(take(one) == message::of("second", ""));
    one.send("third");
    CHECK(take(two) == "third");
}

TEST_CASE("a PAIR that has a peer turns others away")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pair_socket one{context};
    pair_socket two{context};
    const std::string endpoint = join_over(transport, one, two);
    two.send("hello");
    CHECK(take(one) == "hello");

    pair_socket three{context};
    monitor events{three};
    three.connect(endpoint, {.reconnect_interval = 0ms});
    await_event(events, monitor_event_type::disconnected);
    one.send("still yours");
    CHECK(take(two) == "still yours");
    two.send("and yours");
    CHECK(take(one) == "and yours");
}

TEST_CASE("a PAIR whose peer left takes the next one")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pair_socket stays{context};
    monitor events{stays};
    const std::string endpoint = stays.bind(anywhere(transport));
    for (int i = 0; i < 3; ++i)
    {
        pair_socket visitor{context};
        visitor.connect(endpoint);
        visitor.send("hello");
        CHECK(take(stays) == "hello");
        stays.send("good-bye");
        CHECK(take(visitor) == "good-bye");
        visitor.close();
        await_event(events, monitor_event_type::disconnected);
    }
}
