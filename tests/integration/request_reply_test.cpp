// REQ and REP: strict turns, envelopes, and who is asked.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a request is answered, over every transport")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    rep_socket server{context};
    req_socket client{context};
    join_over(transport, server, client);

    const message question = GENERATE(message("one frame"), message(""), message::of("a", "b"),
        message::of("", "empty", ""), message(std::string(100'000, 'x')));
    client.send(question);
    CHECK(take(server) == question);
    server.send(message::of("answer to", question.front()));
    CHECK(take(client) == message::of("answer to", question.front()));
}

TEST_CASE("requests and replies take turns for as long as one likes")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    rep_socket server{context};
    req_socket client{context};
    join_over(transport, server, client);

    for (int turn = 0; turn < 1000; ++turn)
    {
        client.send(std::to_string(turn));
        server.send(take(server).append("!"));
        REQUIRE(take(client) == message::of(std::to_string(turn), "!"));
    }
}

TEST_CASE("a second request before the reply is refused at once, and stays with the caller")
{
    context context;
    rep_socket server{context};
    req_socket client{context};
    join_over("inproc", server, client);
    client.send("first");

    message second("second");
    std::error_code error;
    client.send(offered(second), error);
    CHECK(error == errc::wrong_state);
    CHECK(second == "second");
    CHECK_FALSE(client.try_send(offered(second), error));
    CHECK(error == errc::wrong_state);
    CHECK(error_of([&] { client.send("third"); }) == errc::wrong_state);
}

TEST_CASE("a REQ that has not asked has nothing to receive")
{
    context context;
    req_socket client{context};
    CHECK(error_of([&] { (void)client.receive(); }) == errc::wrong_state);
    CHECK(error_of([&] { (void)client.receive_for(0ms); }) == errc::wrong_state);
}

TEST_CASE("a REP answers only what it was asked, and answers before it listens again")
{
    context context;
    rep_socket server{context};
    req_socket client{context};
    join_over("inproc", server, client);

    CHECK(error_of([&] { server.send("unasked"); }) == errc::wrong_state);
    client.send("question");
    CHECK(take(server) == "question");
    CHECK(error_of([&] { (void)server.receive(); }) == errc::wrong_state);
    server.send("answer");
    CHECK(take(client) == "answer");
}

TEST_CASE("requests go to the servers in turn")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    rep_socket one{context};
    rep_socket two{context};
    req_socket client{context};
    join_over(transport, one, client);
    join_over(transport, two, client);
    REQUIRE(client.wait_for_peers(2, patience));

    int answered_by_one = 0;
    for (int i = 0; i < 10; ++i)
    {
        client.send("question");
        poller both;
        both.add(one);
        both.add(two);
        for (const poll_result& ready : both.wait(patience))
        {
            const bool first = ready.socket == &one;
            answered_by_one += first ? 1 : 0;
            rep_socket& server = first ? one : two;
            CHECK(take(server) == "question");
            server.send("answer");
        }
        REQUIRE(take(client) == "answer");
    }
    CHECK(answered_by_one == 5);
}

TEST_CASE("a relaxed, correlated REQ gives an old request up and is not fooled by its late reply")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    rep_socket server{context};
    req_socket client{context, {.req_correlate = true, .req_relaxed = true}};
    join_over(transport, server, client);

    client.send("old");
    CHECK(take(server) == "old");
    client.send("new");
    server.send("late reply");
    CHECK(take(server) == "new");
    server.send("reply");
    CHECK(take(client) == "reply");
}

TEST_CASE("a request outlives its sender, and the reply to nobody is no error")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    rep_socket server{context};
    const std::string endpoint = server.bind(anywhere(transport));
    {
        req_socket passer_by{context};
        passer_by.connect(endpoint);
        passer_by.send("nobody waits for this");
        CHECK(passer_by.close() == 0);
    }
    CHECK(take(server) == "nobody waits for this");
    server.send("to nobody");

    req_socket client{context};
    client.connect(endpoint);
    client.send("question");
    CHECK(take(server) == "question");
    server.send("answer");
    CHECK(take(client) == "answer");
}

TEST_CASE("a REP sends the whole envelope back, however deep (RFC 28 'REP')")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    rep_socket server{context};
    dealer_socket client{context};
    join_over(transport, server, client);

    client.send(message::of("hop 2", "hop 1", "", "question", ""));
    CHECK(take(server) == message::of("question", ""));
    server.send("answer");
    CHECK(take(client) == message::of("hop 2", "hop 1", "", "answer"));
}

TEST_CASE("a REP passes over what has no envelope, and counts it")
{
    context context;
    rep_socket server{context};
    dealer_socket client{context};
    join_over("tcp", server, client);

    client.send("no envelope");
    client.send(message::of("no", "delimiter"));
    client.send(message::of("", "question"));
    CHECK(take(server) == "question");
    CHECK(server.dropped_messages() == 2);
}

TEST_CASE("a REQ and a ROUTER understand each other (RFC 28 'REQ')")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    router_socket server{context};
    req_socket client{context, {.routing_id = "client"}};
    join_over(transport, server, client);

    client.send(message::of("a", "b"));
    CHECK(take(server) == message::of("client", "", "a", "b"));
    server.send(message::of("client", "", "c"));
    CHECK(take(client) == "c");
}
