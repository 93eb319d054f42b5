// What a socket says it is ready for.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("ready tells of messages and of room")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    pair_socket left{context};
    pair_socket right{context};
    CHECK(left.ready() == poll_events::none);
    join_over(transport, left, right);
    REQUIRE(left.wait_for_peers(1, patience));
    CHECK(left.ready() == poll_events::writable);
    right.send("x");
    poller waiting;
    waiting.add(left);
    CHECK(waiting.wait(patience).size() == 1);
    CHECK(left.ready() == (poll_events::readable | poll_events::writable));
}

TEST_CASE("ready and can_send of a socket that ended say so")
{
    context context;
    dealer_socket closed{context};
    closed.close();
    CHECK(error_of([&] { (void)closed.ready(); }) == errc::closed);
    CHECK(error_of([&] { (void)closed.can_send("x"); }) == errc::closed);
    dealer_socket socket{context};
    context.shutdown();
    CHECK(error_of([&] { (void)socket.ready(); }) == errc::terminated);
    CHECK(error_of([&] { (void)socket.can_send("x"); }) == errc::terminated);
}

TEST_CASE("can_send knows state, route and room")
{
    context context;
    router_socket router{context, {.router_mandatory = true}};
    std::error_code error;
    CHECK_FALSE(router.can_send("nobody", error));
    CHECK(error == errc::no_route);
    req_socket req{context};
    CHECK_FALSE(req.can_send("x", error));
    CHECK_FALSE(error);
    rep_socket rep{context};
    join_over("inproc", rep, req);
    CHECK(req.can_send("x"));
    req.send("x");
    CHECK_FALSE(req.can_send("x", error));
    CHECK(error == errc::wrong_state);
}

TEST_CASE("properties may be given to a single connect")
{
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    const std::string endpoint = sink.bind("tcp://127.0.0.1:*");
    const std::vector<std::pair<std::string, std::string>> properties{{"X-name", "value"}};
    sender.connect(endpoint, {.properties = properties});
    sender.send("x");
    CHECK(sink.receive().property("X-name") == "value");
}
