// The options of XPUB and its kin: verbose, manual, welcome, no_drop, inverted.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

const message subscribe_a("\1a");
const message cancel_a(std::string_view("\0a", 2));

}  // namespace

TEST_CASE("an XPUB hears of a topic once, and a verbose one of every subscription")
{
    const bool verbose = GENERATE(false, true);
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport, verbose);
    context context;
    xpub_socket publisher{context, {.xpub_verbose = verbose}};
    xsub_socket one{context};
    xsub_socket two{context};
    const std::string endpoint = publisher.bind(anywhere(transport));
    one.connect(endpoint);
    two.connect(endpoint);

    one.send(subscribe_a);
    CHECK(take(publisher) == subscribe_a);
    two.send(subscribe_a);
    if (verbose)
        CHECK(take(publisher) == subscribe_a);
    REQUIRE(publisher.wait_for_subscribers(2, "a", patience));

    one.send(cancel_a);  // one subscriber is left: not passed on
    two.send("mark");
    CHECK(take(publisher) == "mark");
}

TEST_CASE("a verboser XPUB hears of every cancellation too")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context, {.xpub_verboser = true}};
    xsub_socket one{context};
    xsub_socket two{context};
    const std::string endpoint = publisher.bind(anywhere(transport));
    one.connect(endpoint);
    two.connect(endpoint);
    one.send(subscribe_a);
    two.send(subscribe_a);
    CHECK(take(publisher) == subscribe_a);
    CHECK(take(publisher) == subscribe_a);

    one.send(cancel_a);
    CHECK(take(publisher) == cancel_a);
    two.send(cancel_a);
    CHECK(take(publisher) == cancel_a);
}

TEST_CASE("a manual XPUB decides what its subscribers get")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context, {.xpub_manual = true}};
    xsub_socket subscriber{context};
    join_over(transport, publisher, subscriber);
    subscriber.send(subscribe_a);
    CHECK(take(publisher) == subscribe_a);
    CHECK_FALSE(publisher.wait_for_subscribers(1, "a", 0ms));

    publisher.subscribe("instead");
    publisher.send("a");
    publisher.send("instead");
    CHECK(take(subscriber) == "instead");
}

TEST_CASE("a last value goes to the new subscriber alone")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context, {.xpub_manual = true}};
    publisher.set_xpub_manual_last_value(true);
    sub_socket old{context};
    sub_socket newcomer{context};
    const std::string endpoint = publisher.bind(anywhere(transport));
    for (sub_socket* subscriber : {&old, &newcomer})
    {
        subscriber->connect(endpoint);
        subscriber->subscribe("a");
        CHECK(take(publisher) == subscribe_a);
        publisher.subscribe("a");
        publisher.send(message::of("a", subscriber == &old ? "first" : "second"));
    }
    publisher.send(message::of("a", "for all"));
    CHECK(take(old) == message::of("a", "first"));
    CHECK(take(old) == message::of("a", "for all"));
    CHECK(take(newcomer) == message::of("a", "second"));
    CHECK(take(newcomer) == message::of("a", "for all"));
}

TEST_CASE("a PUB has no manual mode")
{
    context context;
    ferry::socket publisher{context, socket_type::pub};
    CHECK(error_of([&] { publisher.subscribe("a"); }) == errc::not_supported);
    ferry::socket not_manual{context, socket_type::xpub};
    CHECK(error_of([&] { not_manual.subscribe("a"); }) == errc::not_supported);
}

TEST_CASE("each new subscriber is welcomed")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pub_socket publisher{context, {.xpub_welcome_message = message::of("welcome", "friend")}};
    const std::string endpoint = publisher.bind(anywhere(transport));
    for (int i = 0; i < 2; ++i)
    {
        sub_socket subscriber{context};
        subscriber.subscribe("welcome");
        subscriber.connect(endpoint);
        CHECK(take(subscriber) == message::of("welcome", "friend"));
    }
}

TEST_CASE("a PUB that may not drop waits for its slowest subscriber")
{
    context context;
    pub_socket publisher{context, {.send_hwm = 3, .xpub_no_drop = true}};
    sub_socket subscriber{context, {.receive_hwm = 3}};
    subscriber.subscribe("");
    join_over("inproc", publisher, subscriber);
    REQUIRE(publisher.wait_for_subscribers(1, "", patience));

    int sent = 0;
    while (publisher.try_send(std::to_string(sent)))
        ++sent;
    CHECK(sent == 6);
    background_call sending([&] { give(publisher, std::to_string(sent)); });
    for (int i = 0; i <= sent; ++i)
        CHECK(take(subscriber) == message(std::to_string(i)));
    sending.finish();
    CHECK(publisher.dropped_messages() == 0);
}

TEST_CASE("with inverted matching, a topic says what not to send")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context, {.invert_matching = true}};
    sub_socket subscriber{context, {.invert_matching = true}};
    subscriber.subscribe("a");
    join_over(transport, publisher, subscriber);
    CHECK(take(publisher) == subscribe_a);

    publisher.send("a");
    publisher.send("b");
    CHECK(take(subscriber) == "b");
}

TEST_CASE("only the first frame of a message subscribes, if so told")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    xpub_socket publisher{context, {.only_first_subscribe = true}};
    xsub_socket subscriber{context, {.only_first_subscribe = true}};
    join_over(transport, publisher, subscriber);
    REQUIRE(subscriber.wait_for_peers(1, patience));

    subscriber.send(message::of("data", "\1a"));
    CHECK(take(publisher) == message::of("data", "\1a"));
    CHECK_FALSE(publisher.wait_for_subscribers(1, "a", 0ms));
}

TEST_CASE("options that may change later do so from the next subscription on")
{
    context context;
    xpub_socket publisher{context};
    xsub_socket subscriber{context};
    join_over("inproc", publisher, subscriber);
    subscriber.send(subscribe_a);
    CHECK(take(publisher) == subscribe_a);

    publisher.set_xpub_verbose(true);
    subscriber.send(subscribe_a);
    CHECK(take(publisher) == subscribe_a);
    publisher.set_xpub_manual(true);
    subscriber.send("\1b");
    CHECK(take(publisher) == "\1b");
    CHECK_FALSE(publisher.wait_for_subscribers(1, "b", 0ms));
}
