// Names, probes and properties: what each library tells the other about itself.

#include <unistd.h>

#include "tests/interop/speaker.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a ROUTER knows the other's DEALER by the name it announced")
{
    const bool ferry_routes = GENERATE(true, false);
    const std::string name = GENERATE(std::string("alice"), std::string(1, 'x'),
        std::string(255, 'l'), std::string("\x80\xff\x01", 3));
    CAPTURE(ferry_routes, name.size());
    const speaker_options named{.routing_id = name};
    const speaker_options mandatory{.mandatory = true};
    encounter both(ferry_routes ? socket_type::router : socket_type::dealer,
        ferry_routes ? socket_type::dealer : socket_type::router, ferry_routes ? mandatory : named,
        ferry_routes ? named : mandatory);
    both.join(true, "tcp");
    speaker& router = ferry_routes ? static_cast<speaker&>(both.here) : both.there;
    speaker& dealer = ferry_routes ? static_cast<speaker&>(both.there) : both.here;
    give(router, dealer, {name, "", "hello"});
    CHECK(take(dealer, router) == frames{"", "hello"});
    give(dealer, router, {"hello", "yourself"});
    CHECK(take(router, dealer) == frames{name, "hello", "yourself"});
}

TEST_CASE("a nameless peer gets a name of five octets, good for answering")
{
    const bool ferry_routes = GENERATE(true, false);
    CAPTURE(ferry_routes);
    encounter both(ferry_routes ? socket_type::router : socket_type::dealer,
        ferry_routes ? socket_type::dealer : socket_type::router);
    both.join(true, "tcp");
    speaker& router = ferry_routes ? static_cast<speaker&>(both.here) : both.there;
    speaker& dealer = ferry_routes ? static_cast<speaker&>(both.there) : both.here;
    give(dealer, router, {"who am I?"});
    const frames question = take(router, dealer);
    REQUIRE(question.size() == 2);
    CHECK(question[0].size() == 5);
    give(router, dealer, {question[0], "you are you"});
    CHECK(take(dealer, router) == frames{"you are you"});
}

TEST_CASE("a probe introduces a DEALER to the other's ROUTER, whoever binds")
{
    const bool ferry_routes = GENERATE(true, false);
    const bool ferry_binds = GENERATE(true, false);
    CAPTURE(ferry_routes, ferry_binds);
    const speaker_options probing{.routing_id = "alice", .probe = true};
    encounter both(ferry_routes ? socket_type::router : socket_type::dealer,
        ferry_routes ? socket_type::dealer : socket_type::router,
        ferry_routes ? speaker_options{} : probing, ferry_routes ? probing : speaker_options{});
    both.join(ferry_binds, "tcp");
    speaker& router = ferry_routes ? static_cast<speaker&>(both.here) : both.there;
    speaker& dealer = ferry_routes ? static_cast<speaker&>(both.there) : both.here;
    CHECK(take(router, dealer) == frames{"alice", ""});
    give(router, dealer, {"alice", "I see you"});
    CHECK(take(dealer, router) == frames{"I see you"});
}

TEST_CASE("a correlated REQ is answered by the other's REP and ROUTER")
{
    const bool ferry_asks = GENERATE(true, false);
    const socket_type answering = GENERATE(socket_type::rep, socket_type::router);
    CAPTURE(ferry_asks, to_string(answering));
    encounter both(
        ferry_asks ? socket_type::req : answering, ferry_asks ? answering : socket_type::req);
    if (ferry_asks)
        both.here.socket().set_req_correlate(true);
    else
        both.there.socket().set(zmq::sockopt::req_correlate, true);
    both.join(true, "tcp");
    speaker& asking = ferry_asks ? static_cast<speaker&>(both.here) : both.there;
    speaker& server = ferry_asks ? static_cast<speaker&>(both.there) : both.here;
    for (int i = 0; i < 5; ++i)
    {
        give(asking, server, {"question", std::to_string(i)});
        const frames question = take(server, asking);
        CHECK(question.size() == (answering == socket_type::rep ? 2u : 5u));
        give(server, asking, question);
        CHECK(take(asking, server) == frames{"question", std::to_string(i)});
    }
}

TEST_CASE("Ferry sees the address and the properties of libzmq's socket")
{
    const std::string transport = GENERATE(as<std::string>{}, "tcp", "ipc");
    CAPTURE(transport);
    encounter both(socket_type::router, socket_type::dealer, {}, {.routing_id = "alice"});
    both.join(true, transport);
    give(both.there, both.here, {"hello"});
    const message m = *patiently(
        both.here, both.there, "receiving", [&] { return both.here.socket().receive_for(2ms); });
    const std::string process = "localhost:" + std::to_string(::getuid()) + ":" +
        std::to_string(::getgid()) + ":" + std::to_string(::getpid());
    CHECK(m.property("Peer-Address") == (transport == "tcp" ? "127.0.0.1" : process));
    CHECK(m.property("Socket-Type") == "DEALER");
    CHECK(m.property("Identity") == "alice");
}

TEST_CASE("libzmq sees the properties that Ferry's socket announces")
{
    const place here{"tcp"};
    context context;
    zmq::context_t zmq_context;
    zmq_speaker router(zmq_context, socket_type::router);
    ferry::socket dealer{context, socket_type::dealer,
        {.routing_id = "alice", .properties = {{"X-Colour", "blue"}, {"X-Empty", ""}}}};
    dealer.connect(router.bind(here.endpoint()));
    dealer.send("hello");
    router.socket().set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()));
    zmq::message_t part;
    REQUIRE(router.socket().recv(part));
    REQUIRE(router.socket().recv(part));
    CHECK(part.to_string() == "hello");
    CHECK(std::string(part.gets("Socket-Type")) == "DEALER");
    CHECK(std::string(part.gets("Identity")) == "alice");
    CHECK(std::string(part.gets("X-Colour")) == "blue");
    CHECK(std::string(part.gets("Peer-Address")) == "127.0.0.1");
}
