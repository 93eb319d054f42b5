// Sockets that let in some and turn others away; and sockets that listen on a descriptor of the program's.

#include <atomic>
#include <future>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

const auto our_user = static_cast<std::uint32_t>(::geteuid());

/// Options that let this process in over a transport, or nobody of this machine.
socket_options letting_in(std::string_view transport, bool us)
{
    socket_options options;
    if (transport == "tcp")
        options.tcp_accept_filter = {us ? "127.0.0.0/8" : "192.0.2.0/24"};
    else
        options.ipc_accept_filter.users = {us ? our_user : our_user + 1};
    return options;
}

descriptor listening_socket()
{
    descriptor made(checked(::socket(AF_INET, SOCK_STREAM, 0), "socket"));
    bind_to_any_port(made);
    checked(::listen(made.get(), 5), "listen");
    return made;
}

bool is_open(int number)
{
    return ::fcntl(number, F_GETFD) != -1;
}

}  // namespace

TEST_CASE("who is in the filter is let in")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pull_socket sink{context, letting_in(transport, true)};
    push_socket source{context};
    join_over(transport, sink, source);
    give(source, message{"hello"});
    CHECK(take(sink)[0].text() == "hello");
}

TEST_CASE("who is not is turned away, and the monitors of both ends tell")
{
    const std::string transport = FERRY_EVERY_NETWORK();
    CAPTURE(transport);
    context context;
    pull_socket sink{context, letting_in(transport, false)};
    push_socket source{context, {.reconnect_interval = 5ms}};
    monitor bound{sink};
    monitor connecting_end{source};
    const std::string endpoint = join_over(transport, sink, source);
    for (int i = 0; i < 2; ++i)  // it tries again, and the listener goes on
    {
        const monitor_event refused = await_event(bound, monitor_event_type::accept_failed);
        CHECK(refused.error == errc::peer_not_allowed);
        CHECK(refused.endpoint == endpoint);
        CHECK(refused.delay == 0ms);
        CHECK(refused.peer_address.starts_with(
            transport == "tcp" ? "tcp://127.0.0.1:" : "localhost:" + std::to_string(our_user)));
        CHECK(await_event(connecting_end, monitor_event_type::handshake_failed).error ==
            errc::connection_closed);
    }
    CHECK(sink.peer_count() == 0);
}

TEST_CASE("a filter counts for what is bound after it was set, and may be set for one bind")
{
    context context;
    pull_socket sink{context};
    monitor events{sink};
    const std::string open = sink.bind("tcp://127.0.0.1:*");
    sink.set_tcp_accept_filter({"192.0.2.0/24", "2001:db8::/32"});
    const std::string shut = sink.bind("tcp://127.0.0.1:*");
    const std::string half =
        sink.bind("tcp://127.0.0.1:*", {.tcp_accept_filter = {{"127.0.0.1/32"}}});
    push_socket turned_away{context};
    turned_away.connect(shut);
    CHECK(await_event(events, monitor_event_type::accept_failed).endpoint == shut);
    push_socket first{context};
    first.connect(open);
    CHECK(await_event(events, monitor_event_type::handshake_succeeded).endpoint == open);
    push_socket second{context};
    second.connect(half);
    CHECK(await_event(events, monitor_event_type::handshake_succeeded).endpoint == half);
    sink.set_tcp_accept_filter({});
    push_socket third{context};
    const std::string open_again = sink.bind("tcp://127.0.0.1:*");
    third.connect(open_again);
    CHECK(await_event(events, monitor_event_type::handshake_succeeded).endpoint == open_again);
}

TEST_CASE("over ipc, users, groups and processes are let in")
{
    context context;
    pull_socket sink{context};
    monitor events{sink};
    for (const ipc_filter& filter :
        {ipc_filter{.users = {our_user}}, ipc_filter{.groups = {::getegid()}},
            ipc_filter{
                .users = {our_user + 1}, .processes = {static_cast<std::uint32_t>(::getpid())}}})
    {
        sink.set_ipc_accept_filter(filter);
        push_socket source{context};
        source.connect(sink.bind("ipc://*"));
        await_event(events, monitor_event_type::handshake_succeeded);
    }
    sink.set_ipc_accept_filter({.processes = {1}});
    push_socket source{context};
    source.connect(sink.bind("ipc://*"));
    CHECK(await_event(events, monitor_event_type::accept_failed).error == errc::peer_not_allowed);
}

TEST_CASE("what is no range of addresses is told at once, and by name")
{
    context context;
    for (const char* text : {"nonsense", "10.0.0.0/33", "10.0.0.0/", "::1/129", ""})
    {
        CAPTURE(text);
        pull_socket sink{context};
        CHECK(error_of([&] {
            sink.set_tcp_accept_filter({"::1", text});
        }) == errc::invalid_argument);
        CHECK(contains(
            text_of([&] { sink.bind("tcp://127.0.0.1:*", {.tcp_accept_filter = {{text}}}); }),
            "'" + std::string(text) + "'"));
        CHECK(error_of([&] { pull_socket(context, {.tcp_accept_filter = {text}}); }) ==
            errc::invalid_argument);
    }
}

TEST_CASE("a log tells an operator who was turned away")
{
    std::promise<log_record> told;
    std::atomic<bool> is_told{false};
    context_options options;
    options.log = [&](const log_record& record) {
        if (record.error == errc::peer_not_allowed && !is_told.exchange(true))
            told.set_value(record);
    };
    context context{options};
    pull_socket sink{context, letting_in("tcp", false)};
    push_socket source{context};
    const std::string endpoint = join_over("tcp", sink, source);
    auto waited = told.get_future();
    REQUIRE(waited.wait_for(patience) == std::future_status::ready);
    const log_record record = waited.get();
    CHECK(record.level == log_level::warning);
    CHECK(record.text.starts_with(
        "bind " + endpoint + ": turned a connection away from tcp://127.0.0.1:"));
}

TEST_CASE("a socket listens on a descriptor of the program's, and closes it")
{
    descriptor made = listening_socket();
    const int number = made.get();
    const std::string endpoint = loopback_address::of(number).endpoint();
    context context;
    pull_socket sink{context};
    push_socket source{context};
    CHECK(sink.bind("tcp://*:*", {.descriptor = number}) == endpoint);
    made.release();
    CHECK(sink.bound_endpoints() == std::vector{endpoint});
    source.connect(endpoint);
    give(source, message{"hello"});
    CHECK(take(sink)[0].text() == "hello");
    sink.unbind(endpoint);
    CHECK_FALSE(is_open(number));
}

TEST_CASE("a bind that fails leaves the descriptor to who called")
{
    const descriptor made = listening_socket();
    context context;
    pull_socket sink{context};
    CHECK(error_of([&] { sink.bind("ipc://*", {.descriptor = made.get()}); }) ==
        std::errc::address_family_not_supported);
    CHECK(error_of([&] { sink.bind("inproc://name", {.descriptor = made.get()}); }) ==
        errc::invalid_argument);
    CHECK(error_of([&] { sink.bind("nonsense", {.descriptor = made.get()}); }) ==
        errc::invalid_endpoint);
    CHECK(error_of([&] { sink.bind("tcp://*:*", {.descriptor = -1}); }) == errc::invalid_argument);
    CHECK(error_of([&] { sink.connect("tcp://127.0.0.1:9", {.descriptor = made.get()}); }) ==
        errc::invalid_argument);
    sink.close();
    CHECK(error_of([&] { sink.bind("tcp://*:*", {.descriptor = made.get()}); }) == errc::closed);
    CHECK(is_open(made.get()));
}
