// What Ferry and libzmq refuse of each other, and that nothing worse comes of it.

#include "tests/interop/speaker.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

monitor_event await_failure(monitor& events, zmq_speaker& attended)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline)
    {
        attended.attend();
        while (std::optional<monitor_event> event = events.try_receive())
            if (event->type == monitor_event_type::handshake_failed)
                return *event;
    }
    throw std::runtime_error("no handshake failed");
}

}  // namespace

TEST_CASE("socket types that do not suit each other are refused, and the refusal is told")
{
    const bool ferry_binds = GENERATE(true, false);
    CAPTURE(ferry_binds);
    encounter both(socket_type::pull, socket_type::req);
    monitor events{both.here.socket()};
    both.join(ferry_binds, "tcp");
    CHECK(await_failure(events, both.there).error);
}

TEST_CASE("a libzmq that demands PLAIN or CURVE is refused as using another mechanism")
{
    const bool ferry_binds = GENERATE(true, false);
    const bool plain = GENERATE(true, false);
    CAPTURE(ferry_binds, plain);
    encounter both(socket_type::pull, socket_type::push);
    monitor events{both.here.socket()};
    if (plain)
        both.there.socket().set(zmq::sockopt::plain_server, true);
    else
        both.there.socket().set(zmq::sockopt::curve_server, true);
    both.join(ferry_binds, "tcp");
    const std::error_code error = await_failure(events, both.there).error;
    // Whoever sees the other's greeting first hangs up.
    CHECK((error == protocol_errc::mechanism_mismatch || error == errc::connection_closed));
}

TEST_CASE("a message above libzmq's limit costs the connection, and Ferry comes back")
{
    encounter both(socket_type::push, socket_type::pull);
    both.there.socket().set(zmq::sockopt::maxmsgsize, std::int64_t{1000});
    both.join(false, "tcp");
    monitor events{both.here.socket()};
    give(both.here, both.there, {std::string(1001, 'x')});
    const auto deadline = std::chrono::steady_clock::now() + patience;
    bool lost = false;
    while (!lost && std::chrono::steady_clock::now() < deadline)
    {
        both.there.attend();
        while (const std::optional<monitor_event> event = events.try_receive())
            lost = lost || event->type == monitor_event_type::disconnected;
    }
    REQUIRE(lost);
    give(both.here, both.there, {"small"});
    CHECK(take(both.there, both.here) == frames{"small"});
}

TEST_CASE("a second PAIR gets nowhere, and the first is not disturbed")
{
    const bool ferry_binds = GENERATE(true, false);
    CAPTURE(ferry_binds);
    context context;
    zmq::context_t zmq_context;
    const place here{"tcp"};
    ferry_speaker ferry_pair(context, socket_type::pair);
    zmq_speaker zmq_pair(zmq_context, socket_type::pair);
    speaker& bound = ferry_binds ? static_cast<speaker&>(ferry_pair) : zmq_pair;
    speaker& first = ferry_binds ? static_cast<speaker&>(zmq_pair) : ferry_pair;
    const std::string endpoint = bound.bind(here.endpoint());
    first.connect(endpoint);
    give(first, bound, {"hello"});
    CHECK(take(bound, first) == frames{"hello"});

    std::unique_ptr<speaker> second;
    if (ferry_binds)
        second = std::make_unique<zmq_speaker>(zmq_context, socket_type::pair);
    else
        second = std::make_unique<ferry_speaker>(context, socket_type::pair);
    second->connect(endpoint);
    give(*second, bound, {"let me in"});
    give(bound, first, {"only for the first"});
    CHECK(take(first, *second) == frames{"only for the first"});
    give(first, bound, {"thank you"});
    CHECK(take(bound, first) == frames{"thank you"});
}
