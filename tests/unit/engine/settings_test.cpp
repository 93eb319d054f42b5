#include "engine/settings.hpp"

#include "tests/support/catch.hpp"

using namespace ferry;
using namespace ferry::detail;
using namespace std::chrono_literals;

namespace
{

bool is_refused(const socket_options& options)
{
    return find_mistake(socket_type::dealer, options).has_value();
}

}  // namespace

TEST_CASE("the defaults are in order")
{
    CHECK_FALSE(is_refused({}));
}

TEST_CASE("an option out of range is refused by name")
{
    CHECK(
        find_mistake(socket_type::pub, {.heartbeat_ttl = 65'501ms}).value().find("heartbeat_ttl") ==
        0);
    CHECK(is_refused({.send_timeout = -2ms}));
    CHECK(is_refused({.receive_timeout = -2ms}));
    CHECK(is_refused({.linger = -2ms}));
    CHECK(is_refused({.routing_id = std::string(256, 'x')}));
    CHECK(is_refused({.properties = {{"name", "without X-"}}}));
    CHECK(is_refused({.reconnect_interval = -1ms}));
    CHECK(is_refused({.heartbeat_interval = -1ms}));
    CHECK(is_refused({.heartbeat_timeout = -2ms}));
    CHECK(is_refused({.max_message_frames = 0}));
    CHECK(is_refused({.backlog = -1}));
    CHECK(is_refused({.send_buffer = -2}));
    CHECK(is_refused({.tcp_keepalive = 2}));
    CHECK(is_refused({.type_of_service = 256}));
}

TEST_CASE("the edges of the ranges are accepted")
{
    CHECK_FALSE(is_refused({.routing_id = std::string(255, 'x')}));
    CHECK_FALSE(is_refused({.linger = forever}));
    CHECK_FALSE(is_refused({.heartbeat_ttl = 65'500ms}));
    CHECK_FALSE(is_refused({.properties = {{"X-a", ""}}}));
}

TEST_CASE("an endpoint's options override the socket's, and only those it sets")
{
    const socket_options socket{.send_hwm = 7, .receive_hwm = 8, .reconnect_interval = 50ms};
    const socket_options merged = merge(socket, {.receive_hwm = 9, .ipv6 = true});
    CHECK(merged.send_hwm == 7);
    CHECK(merged.receive_hwm == 9);
    CHECK(merged.ipv6);
    CHECK(merged.reconnect_interval == 50ms);
}

TEST_CASE("a mistake in an endpoint's options is found as well")
{
    CHECK(find_mistake(socket_type::router, {}, {.heartbeat_ttl = 70'000ms}).has_value());
    CHECK(find_mistake(socket_type::router, {}, {.connect_routing_id = std::string(256, 'x')})
              .has_value());
    CHECK_FALSE(find_mistake(socket_type::router, {}, {.connect_routing_id = "peer"}).has_value());
    CHECK_FALSE(find_mistake(socket_type::router, {}, {.connect_routing_id = std::string("\0a", 2)})
                    .has_value());
}

TEST_CASE("the options of a connection are the socket's")
{
    const auto c = connection_settings(socket_type::req,
        {.routing_id = "me",
            .handshake_timeout = 5s,
            .heartbeat_interval = 1s,
            .max_message_size = 100});
    CHECK(c.type == socket_type::req);
    CHECK(c.routing_id == "me");
    CHECK(c.handshake_timeout == 5s);
    CHECK(c.heartbeat.interval == 1s);
    CHECK(c.max_message_size == 100);
}

TEST_CASE("conflate counts for the types that libzmq names, and no others")
{
    const socket_options on{.conflate = true};
    for (const auto type : {socket_type::push, socket_type::pull, socket_type::pub,
             socket_type::sub, socket_type::dealer})
        CHECK(conflates(type, on));
    for (const auto type : {socket_type::req, socket_type::rep, socket_type::router,
             socket_type::xpub, socket_type::pair})
        CHECK_FALSE(conflates(type, on));
    CHECK_FALSE(conflates(socket_type::push, {}));
}

TEST_CASE("linger is 30 seconds by default, and nothing for those who only subscribe")
{
    CHECK(effective_linger(socket_type::push, {}) == 30s);
    CHECK(effective_linger(socket_type::sub, {}) == 0s);
    CHECK(effective_linger(socket_type::xsub, {}) == 0s);
    CHECK(effective_linger(socket_type::sub, {.linger = 5ms}) == 5ms);
}

TEST_CASE("a STREAM's connections are raw, and those of a ROUTER that was told so")
{
    CHECK(is_raw(socket_type::stream, {}));
    CHECK_FALSE(is_raw(socket_type::router, {}));
    CHECK(is_raw(socket_type::router, {.router_raw = true}));
    CHECK_FALSE(is_raw(socket_type::dealer, {.router_raw = true}));
    CHECK(is_raw(socket_type::router, merge({}, {.router_raw = true})));
    CHECK_FALSE(is_raw(socket_type::router, merge({.router_raw = true}, {.router_raw = false})));
}
