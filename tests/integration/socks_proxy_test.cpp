// Connections by a SOCKS proxy: one that works, and one that fails in every way.

#include "tests/integration/harness.hpp"
#include "tests/support/socks_server.hpp"

using namespace ferry;
using namespace ferry::test;
using namespace std::string_literals;

namespace
{

std::uint16_t port_of(std::string_view endpoint)
{
    return static_cast<std::uint16_t>(
        std::stoul(std::string(endpoint.substr(endpoint.rfind(':') + 1))));
}

void talk(req_socket& client, rep_socket& server)
{
    give(client, message{"question"});
    CHECK(take(server)[0].text() == "question");
    give(server, message{"answer"});
    CHECK(take(client)[0].text() == "answer");
}

/// A proxy played by hand, and a client that connects by it.
struct played_proxy
{
    explicit played_proxy(endpoint_options options = {}, socket_options socket = {})
        : client(context, std::move(socket)), events(client)
    {
        options.socks_proxy = listener.endpoint().substr(6);
        options.reconnect_interval = 5ms;
        client.connect("tcp://192.0.2.1:5555", options);
    }

    /// The next connection, up to the proxy's answer to the first words.
    raw_peer accept()
    {
        raw_peer proxy = listener.accept();
        first_words = proxy.read(3);
        return proxy;
    }

    raw_listener listener;
    ferry::context context;
    req_socket client;
    monitor events;
    std::string first_words;
};

const std::string wish = "\5\1\0\1\xc0\0\2\1\x15\xb3"s;  // 192.0.2.1, 5555
const std::string granted = "\5\0\0\1\x7f\0\0\1\4\x38"s;

}  // namespace

TEST_CASE("messages go by the proxy, which is asked for the address (RFC 1928)")
{
    const socks_server proxy;
    context context;
    rep_socket server{context};
    req_socket client{context, {.socks_proxy = proxy.address()}};
    const std::string endpoint = server.bind("tcp://127.0.0.1:*");
    client.connect(endpoint);
    talk(client, server);
    CHECK(proxy.wishes() == std::vector{socks_wish{1, "\x7f\0\0\1"s, port_of(endpoint)}});
}

TEST_CASE("a name is left to the proxy to resolve, also one that nobody here knows")
{
    const socks_server proxy;
    context context;
    rep_socket server{context};
    req_socket client{context};
    client.set_socks_proxy(proxy.address());
    const auto port = port_of(server.bind("tcp://127.0.0.1:*"));
    client.connect("tcp://host.invalid:" + std::to_string(port));
    talk(client, server);
    CHECK(proxy.wishes() == std::vector{socks_wish{3, "host.invalid", port}});
}

TEST_CASE("an IPv6 address goes to the proxy whether or not there is IPv6 here")
{
    const socks_server proxy;
    context context;
    rep_socket server{context};
    req_socket client{context, {.socks_proxy = proxy.address()}};
    const auto port = port_of(server.bind("tcp://127.0.0.1:*"));
    client.connect("tcp://[2001:db8::1]:" + std::to_string(port));
    talk(client, server);
    CHECK(proxy.wishes() ==
        std::vector{socks_wish{4, "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\1", port}});
}

TEST_CASE("a proxy may want a name and a password (RFC 1929)")
{
    const socks_server proxy{"me", "secret"};
    context context;
    rep_socket server{context};
    req_socket client{context};
    client.set_socks_proxy(proxy.address(), "me", "secret");
    client.connect(server.bind("tcp://127.0.0.1:*"));
    talk(client, server);
}

TEST_CASE("who gives none, or a wrong one, is told so")
{
    const socks_server proxy{"me", "secret"};
    for (const auto& [username, expected] : {std::pair{"", proxy_errc::no_acceptable_method},
             std::pair{"somebody", proxy_errc::authentication_failed}})
    {
        context context;
        req_socket client{context};
        monitor events{client};
        client.set_socks_proxy(proxy.address(), username, "secret");
        client.connect("tcp://127.0.0.1:9");
        CHECK(await_event(events, monitor_event_type::retrying).error == expected);
    }
}

TEST_CASE("what the proxy cannot reach is tried again, and found when it is there")
{
    const socks_server proxy;
    const place where{"tcp"};
    context context;
    req_socket client{context, {.reconnect_interval = 5ms, .socks_proxy = proxy.address()}};
    monitor events{client};
    client.connect(where.endpoint());
    const monitor_event failed = await_event(events, monitor_event_type::retrying);
    CHECK(failed.error == proxy_errc::connection_refused);
    CHECK(failed.endpoint == where.endpoint());
    rep_socket server{context};
    server.bind(where.endpoint());
    CHECK(await_event(events, monitor_event_type::connected).peer_address ==
        "tcp://" + proxy.address());
    talk(client, server);
}

TEST_CASE("ipc and inproc need no proxy")
{
    const std::string transport = GENERATE(as<std::string>{}, "ipc", "inproc");
    const place nowhere{"tcp"};
    context context;
    rep_socket server{context};
    req_socket client{context, {.socks_proxy = nowhere.endpoint().substr(6)}};
    join_over(transport, server, client);
    talk(client, server);
}

TEST_CASE("a proxy that is not there costs an attempt like a peer that is not there")
{
    const place nowhere{"tcp"};
    context context;
    req_socket client{context, {.socks_proxy = nowhere.endpoint().substr(6)}};
    monitor events{client};
    client.connect("tcp://host.invalid:5555", {.reconnect_interval = 1ms});
    for (int i = 0; i < 3; ++i)
        CHECK(await_event(events, monitor_event_type::retrying).error ==
            std::errc::connection_refused);
}

TEST_CASE("every failure of the proxy is an attempt that failed, and the next one may succeed")
{
    struct failing
    {
        std::string method;  // its answer to the first words
        std::string reply;   // its answer to the wish; empty: it leaves, or is left, before
        proxy_errc expected;
    };
    const auto [method, reply, expected] = GENERATE(values<failing>({
        {"", "", proxy_errc::connection_closed},
        {"\4\0"s, "", proxy_errc::not_socks},
        {"HTTP/1.1 400 Bad Request\r\n", "", proxy_errc::not_socks},
        {"\5", "", proxy_errc::connection_closed},
        {"\5\xff"s, "", proxy_errc::no_acceptable_method},
        {"\5\2"s, "", proxy_errc::no_acceptable_method},
        {"\5\0"s, "\5"s, proxy_errc::connection_closed},
        {"\5\0"s, "\5\0\0\1\x7f\0\0\1\4"s, proxy_errc::connection_closed},
        {"\5\0"s, "\1\0\0\1"s, proxy_errc::not_socks},
        {"\5\0"s, "\5\0\0\x09\4"s, proxy_errc::not_socks},
        {"\5\0"s, "\5\1\0\1\0\0\0\0\0\0"s, proxy_errc::general_failure},
        {"\5\0"s, "\5\2\0\1\0\0\0\0\0\0"s, proxy_errc::not_allowed},
        {"\5\0"s, "\5\3\0\1\0\0\0\0\0\0"s, proxy_errc::network_unreachable},
        {"\5\0"s, "\5\4\0\1\0\0\0\0\0\0"s, proxy_errc::host_unreachable},
        {"\5\0"s, "\5\5\0\1\0\0\0\0\0\0"s, proxy_errc::connection_refused},
        {"\5\0"s, "\5\6\0\1\0\0\0\0\0\0"s, proxy_errc::time_to_live_expired},
        {"\5\0"s, "\5\7\0\1\0\0\0\0\0\0"s, proxy_errc::command_not_supported},
        {"\5\0"s, "\5\x08\0\1\0\0\0\0\0\0"s, proxy_errc::address_type_not_supported},
        {"\5\0"s, "\5\x63"s, proxy_errc::unknown_reply},
    }));
    CAPTURE(wire::to_hex(method), wire::to_hex(reply));
    played_proxy played;
    {
        raw_peer proxy = played.accept();
        CHECK(played.first_words == "\5\1\0"s);
        proxy.send(method);
        if (!reply.empty())
        {
            CHECK(proxy.read(wish.size()) == wish);
            proxy.send(reply);
        }
        if (expected == proxy_errc::connection_closed)
            proxy.close();
        CHECK(await_event(played.events, monitor_event_type::retrying).error == expected);
        if (proxy.is_open())
            CHECK(proxy.wait_for_end());
    }
    raw_peer proxy = played.accept();
    proxy.send("\5\0"s);
    proxy.read(wish.size());
    proxy.send(granted);
    proxy.handshake("REP");
    await_event(played.events, monitor_event_type::handshake_succeeded);
}

TEST_CASE("a proxy that resets the connection has closed it")
{
    played_proxy played;
    raw_peer proxy = played.accept();
    proxy.send("\5\0"s);
    proxy.reset();
    CHECK(await_event(played.events, monitor_event_type::retrying).error ==
        proxy_errc::connection_closed);
}

TEST_CASE("answers may come octet by octet, and the peer's first octets in one piece with the last")
{
    played_proxy played;
    raw_peer proxy = played.accept();
    for (const char octet : "\5\0"s)
        proxy.send({&octet, 1});
    CHECK(proxy.read(wish.size()) == wish);
    for (const char octet : granted.substr(0, granted.size() - 1))
        proxy.send({&octet, 1});
    proxy.send(granted.back() + wire::greeting(1, "NULL"));
    CHECK(proxy.read(64) == wire::greeting(1, "NULL"));
    proxy.send(wire::ready("REP"));
    await_event(played.events, monitor_event_type::handshake_succeeded);
}

TEST_CASE("a proxy that never answers is given up when the time to connect is over")
{
    played_proxy played{{.connect_timeout = 30ms}};
    raw_peer proxy = played.accept();
    CHECK(
        await_event(played.events, monitor_event_type::retrying).error == errc::connect_timed_out);
    CHECK(proxy.wait_for_end());
    (void)played.accept();
}

TEST_CASE("without a limit to connecting, a silent proxy has as long as a handshake")
{
    played_proxy played{{.handshake_timeout = 30ms}};
    raw_peer silent_at_once = played.accept();
    CHECK(await_event(played.events, monitor_event_type::retrying).error == proxy_errc::timed_out);
    CHECK(silent_at_once.wait_for_end());

    raw_peer silent_later = played.accept();
    silent_later.send("\5\0"s);
    CHECK(await_event(played.events, monitor_event_type::retrying).error == proxy_errc::timed_out);
    CHECK(silent_later.wait_for_end());
}

TEST_CASE("a socket that is closed while it talks to the proxy leaves it")
{
    played_proxy played{{}, {.linger = 0ms}};
    raw_peer proxy = played.accept();
    played.client.close();
    CHECK(proxy.wait_for_end());
}

TEST_CASE("an endpoint that is disconnected while it talks to the proxy leaves it")
{
    played_proxy played;
    raw_peer proxy = played.accept();
    proxy.send("\5"s);
    played.client.disconnect("tcp://192.0.2.1:5555");
    CHECK(proxy.wait_for_end());
}

TEST_CASE("what is no proxy's address is told at once, and by name")
{
    context context;
    for (const char* text :
        {"nonsense", "127.0.0.1", "127.0.0.1:0", "*:1080", ":1080", "1.2.3.4;127.0.0.1:1080"})
    {
        CAPTURE(text);
        CHECK(contains(
            text_of([&] { req_socket socket(context, {.socks_proxy = text}); }), "socks_proxy"));
        req_socket client{context};
        CHECK(error_of([&] { client.set_socks_proxy(text); }) == errc::invalid_argument);
        CHECK(error_of([&] { client.connect("tcp://127.0.0.1:9", {.socks_proxy = text}); }) ==
            errc::invalid_argument);
    }
    const std::string too_long(256, 'x');
    req_socket client{context};
    CHECK(error_of([&] { client.set_socks_proxy("127.0.0.1:9", too_long); }) ==
        errc::invalid_argument);
    CHECK(error_of([&] { client.set_socks_proxy("127.0.0.1:9", "", too_long); }) ==
        errc::invalid_argument);
    client.set_socks_proxy("127.0.0.1:9");
    CHECK(error_of([&] { client.connect("tcp://[fe80::1%lo]:9"); }) == errc::invalid_endpoint);
}
