// What a wrong endpoint is told: the code, and the words.

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

// `expected` is one of ours, or a std::errc that the system's code means.
template <class Expected>
void check_bind(const std::string& endpoint, Expected expected)
{
    CAPTURE(endpoint);
    context context;
    rep_socket socket{context};
    std::error_code error;
    CHECK(socket.bind(endpoint, error).empty());
    CHECK(error == expected);
    CHECK(error_of([&] { socket.bind(endpoint); }) == expected);
    CHECK(text_of([&] { socket.bind(endpoint); }).starts_with("bind " + endpoint + ": "));
    CHECK(socket.bound_endpoints().empty());
}

template <class Expected>
void check_connect(const std::string& endpoint, Expected expected)
{
    CAPTURE(endpoint);
    context context;
    req_socket socket{context};
    std::error_code error;
    socket.connect(endpoint, error);
    CHECK(error == expected);
    CHECK(error_of([&] { socket.connect(endpoint); }) == expected);
    CHECK(text_of([&] { socket.connect(endpoint); }).starts_with("connect " + endpoint + ": "));
}

}  // namespace

TEST_CASE("a text that is no endpoint is refused by bind and connect")
{
    for (const char* text : {"", "nonsense", "tcp", "tcp:", "tcp://", "://127.0.0.1:5555",
             "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:http", "tcp://127.0.0.1:99999",
             "tcp://127.0.0.1:-1", "tcp://:5555", "ipc://", "inproc://"})
    {
        check_bind(text, errc::invalid_endpoint);
        check_connect(text, errc::invalid_endpoint);
    }
}

TEST_CASE("a transport that is not there is named as such")
{
    for (const char* text : {"udp://127.0.0.1:5555", "http://127.0.0.1:80", "TCP://127.0.0.1:5555"})
    {
        check_bind(text, errc::unsupported_transport);
        check_connect(text, errc::unsupported_transport);
    }
}

TEST_CASE("a wildcard is nothing to connect to")
{
    check_connect("tcp://*:5555", errc::invalid_endpoint);
    check_connect("tcp://127.0.0.1:*", errc::invalid_endpoint);
    check_connect("ipc://*", errc::invalid_endpoint);
}

TEST_CASE("an interface that does not exist is named")
{
    check_bind("tcp://eth9:5555", errc::no_such_interface);
    context context;
    rep_socket socket{context};
    CHECK(contains(text_of([&] { socket.bind("tcp://eth9:5555"); }), "no interface named eth9"));
}

TEST_CASE("an address of another machine cannot be bound")
{
    check_bind("tcp://192.0.2.1:5555", std::errc::address_not_available);
}

TEST_CASE("a path that is too long, or leads nowhere, cannot be bound")
{
    check_bind("ipc:///tmp/" + std::string(200, 'x'), errc::path_too_long);
    check_bind("ipc:///nowhere/at/all", std::errc::no_such_file_or_directory);
}

TEST_CASE("what is bound cannot be bound again")
{
    context context;
    rep_socket first{context};
    rep_socket second{context};
    const std::string port = first.bind("tcp://127.0.0.1:*");
    CHECK(error_of([&] { second.bind(port); }) == std::errc::address_in_use);
    CHECK(text_of([&] { second.bind(port); }).starts_with("bind " + port + ": "));
    first.bind("inproc://taken");
    CHECK(error_of([&] { second.bind("inproc://taken"); }) == errc::address_in_use);
}

TEST_CASE("over inproc, too, the types of sockets must suit each other")
{
    context context;
    rep_socket bound{context};
    bound.bind("inproc://replies");
    push_socket other{context};
    const auto joining = [&] { other.connect("inproc://replies"); };
    CHECK(error_of(joining) == errc::incompatible_transport);
    CHECK(contains(text_of(joining), "of type REP"));
    CHECK_FALSE(other.try_send("to nobody"));
    CHECK(bound.peer_count() == 0);
}

TEST_CASE("over inproc the types need not suit each other if one of the two says so")
{
    context context;
    pair_socket bound{context, {.inproc_any_type = true}};
    pair_socket early{context};
    push_socket other{context, {.inproc_any_type = true}};
    pull_socket late{context};
    late.connect("inproc://anybody");
    bound.bind("inproc://anybody");
    bound.send("to whoever came");
    CHECK(late.receive() == "to whoever came");

    early.bind("inproc://early");
    other.connect("inproc://early");
    other.send("from afar");
    CHECK(early.receive() == "from afar");
}

TEST_CASE("what was never bound or connected cannot be given up")
{
    context context;
    dealer_socket socket{context};
    CHECK(error_of([&] { socket.unbind("tcp://127.0.0.1:5555"); }) == errc::no_such_endpoint);
    CHECK(error_of([&] { socket.disconnect("inproc://nothing"); }) == errc::no_such_endpoint);
    CHECK(text_of([&] {
        socket.unbind("tcp://127.0.0.1:5555");
    }).starts_with("unbind tcp://127.0.0.1:5555: "));
}

TEST_CASE("a host that cannot be found is no error of connect")
{
    context context;
    req_socket socket{context, {.linger = 0ms}};
    CHECK_FALSE(error_of([&] { socket.connect("tcp://no-such-host.invalid:5555"); }));
}

TEST_CASE("an option out of range is refused by name")
{
    context context;
    const auto refused = [&](socket_options options) {
        return text_of([&] { dealer_socket{context, std::move(options)}; });
    };
    CHECK(contains(refused({.routing_id = std::string(256, 'x')}), "routing_id"));
    CHECK(contains(refused({.properties = {{"Name", "without X-"}}}), "properties"));
    CHECK(contains(refused({.heartbeat_ttl = 65'501ms}), "heartbeat_ttl"));
    CHECK(contains(refused({.send_timeout = -2ms}), "send_timeout"));
    CHECK(contains(refused({.tcp_keepalive = 2}), "tcp_keepalive"));
    CHECK(error_of([&] { dealer_socket(context, {.backlog = -1}); }) == errc::invalid_argument);
    CHECK(error_of([] { ferry::context({.io_threads = 0}); }) == errc::invalid_argument);
    CHECK(error_of([] { ferry::context({.io_threads = 257}); }) == errc::invalid_argument);
}

TEST_CASE("a context has no more sockets than it was told")
{
    context context{{.max_sockets = 2}};
    pair_socket one{context};
    {
        pair_socket two{context};
        CHECK(error_of([&] { pair_socket three{context}; }) == errc::too_many);
    }
}
