// What a monitor tells of connections inside one process: the same as of others, where it applies.

#include <algorithm>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

using enum monitor_event_type;

/// The types of all events that are there now.
std::vector<monitor_event_type> types_so_far(monitor& events)
{
    std::vector<monitor_event_type> types;
    while (const std::optional<monitor_event> event = events.try_receive())
        types.push_back(event->type);
    return types;
}

std::ptrdiff_t how_many(const std::vector<monitor_event_type>& types, monitor_event_type wanted)
{
    return std::count(types.begin(), types.end(), wanted);
}

}  // namespace

TEST_CASE("bind and unbind of an inproc name are told")
{
    context context;
    pull_socket sink{context};
    monitor events{sink};
    const std::string endpoint = sink.bind(anywhere("inproc"));
    sink.unbind(endpoint);
    for (const monitor_event_type type : {listening, closed})
    {
        const std::optional<monitor_event> event = events.try_receive();
        REQUIRE(event);
        CHECK(event->type == type);
        CHECK(event->endpoint == endpoint);
    }
}

TEST_CASE("closing a socket ends its inproc connections and names, and its monitor hears of it")
{
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    monitor bound{sink};
    monitor connecting_end{sender};
    join_over("inproc", sink, sender);
    sink.close();
    CHECK(types_so_far(bound) ==
        std::vector{listening, accepted, handshake_succeeded, disconnected, closed});
    CHECK(types_so_far(connecting_end) ==
        std::vector{connecting, connected, handshake_succeeded, disconnected});
}

TEST_CASE("a connect before the bind waits, and says so")
{
    const place later{"inproc"};
    context context;
    push_socket sender{context};
    monitor events{sender};
    sender.connect(later.endpoint());
    CHECK(types_so_far(events) == std::vector{connecting, waiting});

    pull_socket sink{context};
    monitor bound{sink};
    sink.bind(later.endpoint());
    CHECK(types_so_far(events) == std::vector{connected, handshake_succeeded});
    CHECK(types_so_far(bound) == std::vector{listening, accepted, handshake_succeeded});
}

TEST_CASE("who waits and gives up has never been connected")
{
    const place nowhere{"inproc"};
    context context;
    push_socket sender{context};
    monitor events{sender};
    sender.connect(nowhere.endpoint());
    sender.disconnect(nowhere.endpoint());
    CHECK(types_so_far(events) == std::vector{connecting, waiting});
}

TEST_CASE("what a socket sent before it closed comes from a peer that connects and is gone")
{
    const place later{"inproc"};
    context context;
    {
        push_socket sender{context};
        sender.connect(later.endpoint());
        sender.send("farewell");
    }
    pull_socket sink{context};
    monitor events{sink};
    sink.bind(later.endpoint());
    CHECK(types_so_far(events) ==
        std::vector{listening, accepted, handshake_succeeded, disconnected});
    CHECK(take(sink) == "farewell");
    CHECK(types_so_far(events).empty());
}

TEST_CASE("types that do not suit each other fail the handshake, whichever side comes first")
{
    const place here{"inproc"};
    const bool waits = GENERATE(false, true);
    CAPTURE(waits);
    context context;
    pub_socket publisher{context};
    push_socket sender{context};
    monitor bound{publisher};
    monitor connecting_end{sender};
    const auto connect = [&] { sender.connect(here.endpoint()); };
    if (waits)
        connect();
    publisher.bind(here.endpoint());
    if (!waits)
        CHECK(error_of(connect) == errc::incompatible_transport);

    CHECK(await_event(bound, handshake_failed).error == protocol_errc::incompatible_socket_type);
    const monitor_event event = await_event(connecting_end, handshake_failed);
    CHECK(event.error == protocol_errc::incompatible_socket_type);
    CHECK(event.endpoint == here.endpoint());
    CHECK(types_so_far(bound).empty());
    CHECK(types_so_far(connecting_end).empty());
}

TEST_CASE("a newcomer that takes a routing id over ends the older connection")
{
    context context;
    router_socket server{context, {.router_handover = true}};
    monitor events{server};
    dealer_socket first{context, {.routing_id = "alice"}};
    const std::string endpoint = join_over("inproc", server, first);
    monitor of_first{first};
    dealer_socket second{context, {.routing_id = "alice"}};
    second.connect(endpoint);
    CHECK_FALSE(await_event(events, disconnected).error);
    CHECK(await_event(of_first, disconnected).error == errc::connection_closed);
}

TEST_CASE("a connection that ends while it is made is told from beginning to end, or not at all")
{
    constexpr int rounds = 300;
    context context;
    for (int i = 0; i < rounds; ++i)
    {
        const bool both_close = i % 2 == 0;
        auto sink = std::make_unique<pull_socket>(context);
        auto sender = std::make_unique<push_socket>(context);
        monitor bound{*sink};
        monitor connecting_end{*sender};
        const std::string endpoint = sink->bind(anywhere("inproc"));
        background_call joining{[&] {
            sender->connect(endpoint);
            if (both_close)
                sender.reset();
        }};
        sink.reset();
        joining.finish();

        const auto of_bound = types_so_far(bound);
        const auto of_connecting = types_so_far(connecting_end);
        CHECK(how_many(of_bound, disconnected) <= how_many(of_bound, handshake_succeeded));
        CHECK(
            how_many(of_connecting, disconnected) <= how_many(of_connecting, handshake_succeeded));
        if (!both_close)  // else its monitor may end before
            CHECK(how_many(of_connecting, disconnected) ==
                how_many(of_connecting, handshake_succeeded));
    }
}
