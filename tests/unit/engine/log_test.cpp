#include "engine/log.hpp"

#include <chrono>
#include <stdexcept>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"

using namespace ferry;
using namespace std::chrono_literals;
using detail::make_log_record;
using enum monitor_event_type;

namespace
{

const std::string bound = "tcp://127.0.0.1:5555";
const std::string remote = "tcp://10.0.0.7:40312";

monitor_event incoming(monitor_event_type type, std::error_code error = {})
{
    monitor_event e;
    e.type = type;
    e.endpoint = bound;
    e.peer_address = remote;
    e.error = error;
    return e;
}

monitor_event outgoing(monitor_event_type type, std::error_code error = {})
{
    monitor_event e = incoming(type, error);
    e.outgoing = true;
    e.endpoint = e.peer_address = remote;
    return e;
}

std::string text(const monitor_event& e)
{
    return make_log_record(socket_type::dealer, e).text;
}

log_level level(const monitor_event& e)
{
    return make_log_record(socket_type::dealer, e).level;
}

}  // namespace

TEST_CASE("a record names the socket, the endpoint and the error")
{
    const log_record r =
        make_log_record(socket_type::dealer, incoming(disconnected, errc::heartbeat_timed_out));
    CHECK(r.socket == socket_type::dealer);
    CHECK(r.endpoint == bound);
    CHECK(r.error == errc::heartbeat_timed_out);
    CHECK(r.level == log_level::warning);
}

TEST_CASE("what a bound endpoint says")
{
    CHECK(text(incoming(listening)) == "bind tcp://127.0.0.1:5555: listening");
    CHECK(text(incoming(accepted)) ==
        "bind tcp://127.0.0.1:5555: accepted a connection from tcp://10.0.0.7:40312");
    CHECK(text(incoming(closed)) == "bind tcp://127.0.0.1:5555: no longer listening");
    monitor_event failed =
        incoming(accept_failed, std::make_error_code(std::errc::too_many_files_open));
    failed.delay = 100ms;
    CHECK(text(failed) ==
        "bind tcp://127.0.0.1:5555: accepting a connection failed: too many open files; next "
        "attempt in 100 ms");
    CHECK(level(failed) == log_level::error);
}

TEST_CASE("what a connecting endpoint says")
{
    CHECK(text(outgoing(connecting)) == "connect tcp://10.0.0.7:40312: connecting");
    CHECK(text(outgoing(connected)) ==
        "connect tcp://10.0.0.7:40312: connected; the handshake begins");
    CHECK(text(outgoing(waiting)) ==
        "connect tcp://10.0.0.7:40312: nobody is bound there yet; waiting for who will be");
    monitor_event again = outgoing(retrying, std::make_error_code(std::errc::connection_refused));
    again.delay = 200ms;
    CHECK(
        text(again) == "connect tcp://10.0.0.7:40312: connection refused; next attempt in 200 ms");
    CHECK(level(again) == log_level::warning);
    const monitor_event never = outgoing(given_up, errc::connect_timed_out);
    CHECK(text(never) == "connect tcp://10.0.0.7:40312: connecting took too long; not tried again");
    CHECK(level(never) == log_level::error);
}

TEST_CASE("a handshake says who the peer is, as far as it is known")
{
    monitor_event e = incoming(handshake_succeeded);
    e.peer_type = socket_type::router;
    e.version = zmtp_version{3, 1};
    e.mechanism = "NULL";
    e.routing_id = "desk";
    CHECK(text(e) ==
        "bind tcp://127.0.0.1:5555: ROUTER at tcp://10.0.0.7:40312 is ready, ZMTP 3.1, NULL, "
        "routing id desk");
    CHECK(level(e) == log_level::info);

    monitor_event old = incoming(handshake_succeeded);
    old.peer_address = "ipc://";
    old.version = zmtp_version{1, 0};
    CHECK(text(old) == "bind tcp://127.0.0.1:5555: a peer is ready, ZMTP 1.0");
}

TEST_CASE("a failed handshake quotes what the peer said, and nothing a terminal would obey")
{
    monitor_event e = incoming(handshake_failed, protocol_errc::error_received);
    e.reason = "not\n\x1b[2J \"today\"\\ \xff";
    CHECK(text(e) ==
        "bind tcp://127.0.0.1:5555: the handshake with tcp://10.0.0.7:40312 failed: the peer "
        "refused the connection with ERROR, saying \"not\\x0a\\x1b[2J \"today\"\\x5c \\xff\"");
    CHECK(level(e) == log_level::warning);
    CHECK(level(incoming(handshake_failed, errc::closed)) == log_level::info);
}

TEST_CASE("a connection's end is a warning when nobody wanted it")
{
    CHECK(text(incoming(disconnected)) ==
        "bind tcp://127.0.0.1:5555: the connection with tcp://10.0.0.7:40312 was closed by this "
        "socket");
    CHECK(text(outgoing(disconnected, errc::connection_closed)) ==
        "connect tcp://10.0.0.7:40312: the connection ended: the peer closed the connection");
    CHECK(level(incoming(disconnected)) == log_level::info);
    CHECK(level(incoming(disconnected, errc::closed)) == log_level::info);
    CHECK(level(incoming(disconnected, errc::connection_closed)) == log_level::info);
    CHECK(level(incoming(disconnected, protocol_errc::frame_too_large)) == log_level::warning);
}

TEST_CASE("what a log throws is swallowed")
{
    int calls = 0;
    const log_function fails = [&calls](const log_record&) {
        ++calls;
        throw std::runtime_error("the disk is full");
    };
    detail::write_log(fails, socket_type::pair, incoming(listening));
    CHECK(calls == 1);
}

TEST_CASE("levels have names")
{
    CHECK(std::string(to_string(log_level::error)) == "error");
    CHECK(std::string(to_string(log_level::warning)) == "warning");
    CHECK(std::string(to_string(log_level::info)) == "info");
    CHECK(std::string(to_string(log_level::debug)) == "debug");
}
