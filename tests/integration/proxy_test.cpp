// The proxy: a broker in one call.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

// A proxy that runs in a thread of its own until its front is closed.
class broker
{
public:
    broker(context& owner, socket_type front, socket_type back)
        : front_(owner, front), back_(owner, back)
    {
    }
    void start(ferry::socket* capture = nullptr)
    {
        running_.emplace([this, capture] { result_ = proxy(front_, back_, capture); });
    }
    std::error_code stop()
    {
        front_.close();
        return result();
    }
    std::error_code result()
    {
        running_->finish();
        return result_;
    }
    ~broker() { front_.close(); }

    ferry::socket& front() { return front_; }
    ferry::socket& back() { return back_; }

private:
    ferry::socket front_;
    ferry::socket back_;
    std::error_code result_;
    std::optional<background_call> running_;
};

}  // namespace

TEST_CASE("requests and replies pass through a ROUTER-DEALER proxy, each to its own client")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    broker middle(context, socket_type::router, socket_type::dealer);
    req_socket one{context};
    req_socket two{context};
    rep_socket server{context};
    const std::string front = join_over(transport, middle.front(), one);
    two.connect(front);
    join_over(transport, middle.back(), server);
    middle.start();

    for (int i = 0; i < 100; ++i)
    {
        one.send(message::of("from one", std::to_string(i)));
        two.send(message::of("from two", std::to_string(i)));
        for (int n = 0; n < 2; ++n)
            server.send(take(server));
        REQUIRE(take(one) == message::of("from one", std::to_string(i)));
        REQUIRE(take(two) == message::of("from two", std::to_string(i)));
    }
    CHECK(middle.stop() == errc::closed);
}

TEST_CASE("subscriptions pass up and messages down through an XSUB-XPUB proxy")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    broker middle(context, socket_type::xsub, socket_type::xpub);
    pub_socket publisher{context};
    sub_socket one{context};
    sub_socket two{context};
    join_over(transport, middle.front(), publisher);
    const std::string back = join_over(transport, middle.back(), one);
    two.connect(back);
    middle.start();
    one.subscribe("a");
    two.subscribe("ab");
    REQUIRE(publisher.wait_for_subscribers(1, "ab", patience));
    REQUIRE(middle.back().wait_for_subscribers(2, "ab", patience));

    publisher.send("nobody wants this");
    publisher.send(message::of("a", "for one"));
    publisher.send(message::of("abc", "for both"));
    CHECK(take(one) == message::of("a", "for one"));
    CHECK(take(one) == message::of("abc", "for both"));
    CHECK(take(two) == message::of("abc", "for both"));
}

TEST_CASE("a stream of work passes through a PULL-PUSH proxy, whole and in order")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    constexpr int count = 5000;
    context context;
    broker middle(context, socket_type::pull, socket_type::push);
    push_socket sender{context};
    pull_socket sink{context};
    join_over(transport, middle.front(), sender);
    join_over(transport, middle.back(), sink);
    middle.start();
    background_call sending([&] {
        for (int i = 0; i < count; ++i)
            give(sender, std::to_string(i));
    });
    for (int i = 0; i < count; ++i)
        REQUIRE(take(sink) == message(std::to_string(i)));
    sending.finish();
}

TEST_CASE("a capture socket sees what passes, both ways")
{
    context context;
    broker middle(context, socket_type::dealer, socket_type::dealer);
    dealer_socket left{context};
    dealer_socket right{context};
    ferry::socket capture{context, socket_type::push};
    pull_socket recorder{context};
    join_over("inproc", middle.front(), left);
    join_over("inproc", middle.back(), right);
    join_over("inproc", recorder, capture);
    middle.start(&capture);

    left.send(message::of("there", "and"));
    CHECK(take(right) == message::of("there", "and"));
    CHECK(take(recorder) == message::of("there", "and"));
    right.send("back");
    CHECK(take(left) == "back");
    CHECK(take(recorder) == "back");
}

TEST_CASE("a side without room is not read from: the sender feels it")
{
    context context;
    const place nowhere{"inproc"};
    ferry::socket front{context, socket_type::pull, {.receive_hwm = 2}};
    ferry::socket back{context, socket_type::push, {.send_hwm = 2}};
    push_socket sender{context, {.send_hwm = 2}};
    join_over("inproc", front, sender);
    back.connect(nowhere.endpoint());
    background_call running([&] { (void)proxy(front, back); });

    int sent = 0;
    while (sender.send_for(std::to_string(sent), 500ms))
        ++sent;
    CHECK(sent >= 6);
    CHECK(sent <= 8);  // four on the way in, two on the way out, and what is in its hands
    pull_socket sink{context};
    sink.bind(nowhere.endpoint());
    for (int i = 0; i < sent; ++i)
        CHECK(take(sink) == message(std::to_string(i)));
    front.close();
    running.finish();
}

TEST_CASE("the proxy ends with its context, and says what ended it")
{
    context context;
    broker middle(context, socket_type::router, socket_type::dealer);
    middle.front().bind(anywhere("tcp"));
    middle.start();
    context.shutdown();
    CHECK(middle.result() == errc::terminated);
}

TEST_CASE("a proxy of sockets that cannot pass anything on is refused")
{
    context context;
    ferry::socket one{context, socket_type::push};
    ferry::socket two{context, socket_type::push};
    std::error_code error;
    background_call running([&] { error = proxy(one, two); });
    const bool refused = running.ended(1s);
    context.shutdown();
    running.finish();
    CHECK(refused);
    CHECK(error == errc::not_supported);
}
