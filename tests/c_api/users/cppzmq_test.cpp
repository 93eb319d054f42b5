// cppzmq compiled against our zmq.h: its ordinary use.

#ifndef ZMQ_BUILD_DRAFT_API
#define ZMQ_BUILD_DRAFT_API  // the most that cppzmq asks of a zmq.h
#endif
#include <array>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <zmq.hpp>
#include <zmq_addon.hpp>

#include "tests/support/catch.hpp"

using namespace std::chrono_literals;

namespace
{

zmq::socket_t make(zmq::context_t& context, zmq::socket_type type)
{
    zmq::socket_t made(context, type);
    made.set(zmq::sockopt::rcvtimeo, 10'000);
    made.set(zmq::sockopt::sndtimeo, 10'000);
    made.set(zmq::sockopt::linger, 0);
    return made;
}

struct joined
{
    zmq::context_t context;
    zmq::socket_t bound;
    zmq::socket_t connected;

    joined(zmq::socket_type binding, zmq::socket_type connecting,
        const std::string& endpoint = "tcp://127.0.0.1:*")
        : bound(make(context, binding)), connected(make(context, connecting))
    {
        bound.bind(endpoint);
        connected.connect(bound.get(zmq::sockopt::last_endpoint));
    }
};

}  // namespace

TEST_CASE("cppzmq's sockets ask and answer over every transport")
{
    for (const char* endpoint : {"tcp://127.0.0.1:*", "ipc://*", "inproc://here"})
    {
        joined ends(zmq::socket_type::rep, zmq::socket_type::req, endpoint);
        ends.connected.send(zmq::str_buffer("question"), zmq::send_flags::none);
        zmq::message_t question;
        REQUIRE(ends.bound.recv(question));
        CHECK(question.to_string() == "question");
        ends.bound.send(zmq::message_t(std::string(100'000, 'x')), zmq::send_flags::none);
        zmq::message_t answer;
        REQUIRE(ends.connected.recv(answer));
        CHECK(answer.size() == 100'000);
    }
}

TEST_CASE("cppzmq's receive without waiting is empty, and its exceptions carry errno")
{
    zmq::context_t context;
    zmq::socket_t rep = make(context, zmq::socket_type::rep);
    zmq::message_t none;
    CHECK_FALSE(rep.recv(none, zmq::recv_flags::dontwait));
    try
    {
        rep.send(zmq::str_buffer("nobody asked"));
        FAIL("it sent");
    }
    catch (const zmq::error_t& error)
    {
        CHECK(error.num() == EFSM);
        CHECK(error.what() == std::string("Operation cannot be accomplished in current state"));
    }
    CHECK_THROWS_AS(rep.bind("nonsense"), zmq::error_t);
}

TEST_CASE("cppzmq's multipart helpers send and receive whole messages")
{
    joined ends(zmq::socket_type::pull, zmq::socket_type::push);
    const std::array<zmq::const_buffer, 3> parts{
        zmq::str_buffer("one"), zmq::str_buffer(""), zmq::str_buffer("three")};
    REQUIRE(zmq::send_multipart(ends.connected, parts));
    std::vector<zmq::message_t> received;
    REQUIRE(zmq::recv_multipart(ends.bound, std::back_inserter(received)));
    REQUIRE(received.size() == 3);
    CHECK(received[0].more());
    CHECK(received[0].to_string() == "one");
    CHECK(received[1].empty());
    CHECK(received[2].to_string() == "three");
    CHECK_FALSE(received[2].more());

    zmq::multipart_t all("head");
    all.addtyp<int>(42);
    REQUIRE(all.send(ends.connected));
    zmq::multipart_t got(ends.bound);
    CHECK(got.popstr() == "head");
    CHECK(got.poptyp<int>() == 42);
}

TEST_CASE("cppzmq's messages hand memory over, copy, move and tell of their peer")
{
    joined ends(zmq::socket_type::pair, zmq::socket_type::pair);
    std::promise<void> freed;
    auto* memory = new std::vector<char>(5000, 'm');
    zmq::message_t handed(
        memory->data(), memory->size(),
        [](void*, void* hint) { static_cast<std::promise<void>*>(hint)->set_value(); }, &freed);
    zmq::message_t copy;
    copy.copy(handed);
    CHECK(copy == handed);
    ends.connected.send(std::move(handed), zmq::send_flags::none);
    zmq::message_t received;
    REQUIRE(ends.bound.recv(received));
    CHECK(received == copy);
    CHECK(received.gets("Socket-Type") == std::string("PAIR"));
    copy.rebuild();
    CHECK(freed.get_future().wait_for(10s) == std::future_status::ready);
    delete memory;
}

TEST_CASE("cppzmq polls and proxies")
{
    joined ends(zmq::socket_type::pull, zmq::socket_type::push);
    std::vector<zmq::pollitem_t> items{
        {ends.bound.handle(), 0, ZMQ_POLLIN, 0}, {ends.connected.handle(), 0, ZMQ_POLLIN, 0}};
    CHECK(zmq::poll(items, 0ms) == 0);
    ends.connected.send(zmq::str_buffer("x"));
    CHECK(zmq::poll(items, 10s) == 1);
    CHECK(items[0].revents == ZMQ_POLLIN);

    zmq::socket_t out = make(ends.context, zmq::socket_type::push);
    out.bind("inproc://out");
    zmq::socket_t in = make(ends.context, zmq::socket_type::pull);
    in.connect("inproc://out");
    zmq::socket_t control = make(ends.context, zmq::socket_type::pair);
    control.bind("inproc://control");
    zmq::socket_t steering = make(ends.context, zmq::socket_type::pair);
    steering.connect("inproc://control");
    auto proxying = std::async(std::launch::async,
        [&] { zmq::proxy_steerable(ends.bound, out, zmq::socket_ref(), control); });
    zmq::message_t passed;
    REQUIRE(in.recv(passed));
    steering.send(zmq::str_buffer("TERMINATE"));
    proxying.get();
}

namespace
{

class listener : public zmq::monitor_t
{
public:
    std::vector<std::string> heard;

private:
    void on_event_listening(const zmq_event_t&, const char*) override
    {
        heard.emplace_back("listening");
    }
    void on_event_accepted(const zmq_event_t&, const char*) override
    {
        heard.emplace_back("accepted");
    }
    void on_event_handshake_succeeded(const zmq_event_t&, const char* endpoint) override
    {
        heard.emplace_back(endpoint);
    }
};

}  // namespace

TEST_CASE("cppzmq's monitor hears of connections")
{
    zmq::context_t context;
    zmq::socket_t server = make(context, zmq::socket_type::rep);
    listener events;
    events.init(server, "inproc://monitor", ZMQ_EVENT_ALL);
    server.bind("tcp://127.0.0.1:*");
    const std::string endpoint = server.get(zmq::sockopt::last_endpoint);
    zmq::socket_t client = make(context, zmq::socket_type::req);
    client.connect(endpoint);
    while (events.heard.size() < 3 && events.check_event(10'000))
        ;
    CHECK(events.heard == std::vector<std::string>{"listening", "accepted", endpoint});
}

TEST_CASE("cppzmq's options are read and written")
{
    zmq::context_t context;
    context.set(zmq::ctxopt::max_sockets, 100);
    CHECK(context.get(zmq::ctxopt::max_sockets) == 100);
    zmq::socket_t dealer = make(context, zmq::socket_type::dealer);
    dealer.set(zmq::sockopt::routing_id, "me");
    CHECK(dealer.get(zmq::sockopt::routing_id) == "me");
    dealer.set(zmq::sockopt::sndhwm, 7);
    CHECK(dealer.get(zmq::sockopt::sndhwm) == 7);
    CHECK(dealer.get(zmq::sockopt::type) == ZMQ_DEALER);
    zmq::socket_t sub = make(context, zmq::socket_type::sub);
    sub.set(zmq::sockopt::subscribe, "topic");
    CHECK(sub.get(zmq::sockopt::socket_type) == zmq::socket_type::sub);
}

#ifdef ZMQ_HAVE_POLLER  // in draft builds
TEST_CASE("a poller tells which socket is ready")
{
    joined j(zmq::socket_type::pull, zmq::socket_type::push);
    zmq::poller_t<int> poller;
    int mark = 0;
    poller.add(j.bound, zmq::event_flags::pollin, &mark);
    std::vector<zmq::poller_event<int>> events(2);
    CHECK(poller.wait_all(events, 0ms) == 0);
    CHECK(j.connected.send(zmq::str_buffer("work"), zmq::send_flags::none));
    CHECK(poller.wait_all(events, 10s) == 1);
    CHECK(events[0].socket == j.bound);
    CHECK(events[0].user_data == &mark);
    poller.remove(j.bound);
    CHECK(poller.size() == 0);
}
#endif
