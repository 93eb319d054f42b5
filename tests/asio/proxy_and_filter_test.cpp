// Connections by a SOCKS proxy, and filters, on the program's own loop.

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <ferry/ferry.hpp>

#include "tests/integration/harness.hpp"
#include "tests/support/socks_server.hpp"

using namespace ferry;
using namespace ferry::test;
using namespace std::string_literals;

namespace
{

/// Runs the loop until something has happened; throws after `patience`.
template <class Predicate>
void run_until(asio::io_context& io, Predicate predicate)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!predicate())
        if (io.run_one_until(deadline) == 0)
            throw std::runtime_error("the loop ran dry, or it took too long");
}

}  // namespace

TEST_CASE("on the program's loop, messages go by the proxy")
{
    const socks_server proxy;
    asio::io_context io;
    context ctx{io.get_executor()};
    pull_socket sink{ctx};
    push_socket source{ctx, {.socks_proxy = proxy.address()}};
    source.connect(sink.bind("tcp://127.0.0.1:*"));
    std::optional<message> received;
    source.async_send(message{"hello"}, asio::detached);
    sink.async_receive([&](std::error_code, message m) { received = std::move(m); });
    run_until(io, [&] { return received.has_value(); });
    CHECK((*received)[0].text() == "hello");
    CHECK(proxy.wishes().size() == 1);
}

TEST_CASE("on the program's loop, a silent proxy is given up in time")
{
    const raw_listener proxy;
    asio::io_context io;
    context ctx{io.get_executor()};
    push_socket source{ctx};
    monitor events{source};
    source.connect("tcp://192.0.2.1:5555",
        {.handshake_timeout = 20ms, .socks_proxy = proxy.endpoint().substr(6)});
    std::optional<monitor_event> failed;
    run_until(io, [&] {
        auto event = events.try_receive();
        if (event && event->type == monitor_event_type::retrying)
            failed = std::move(event);
        return failed.has_value();
    });
    CHECK(failed->error == proxy_errc::timed_out);
}

TEST_CASE("a loop that is destroyed while a socket talks to its proxy leaves the proxy")
{
    const raw_listener proxy;
    auto io = std::make_unique<asio::io_context>();
    context ctx{io->get_executor()};
    push_socket source{ctx, {.socks_proxy = proxy.endpoint().substr(6)}};
    source.connect("tcp://192.0.2.1:5555");
    run_until(*io, [&] { return proxy.is_awaited(0ms); });
    raw_peer talking = proxy.accept();
    run_until(*io, [&] { return talking.is_readable(); });
    CHECK(talking.read(3) == "\5\1\0"s);
    talking.send("\5"s);
    io.reset();
    CHECK(talking.wait_for_end());
    std::error_code error;
    source.connect("tcp://192.0.2.1:5555", error);
    CHECK(error == errc::terminated);
}

TEST_CASE(
    "on the program's loop, whom a filter does not name is turned away, and the others are not")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    pull_socket sink{ctx};
    monitor events{sink};
    const std::string open = sink.bind("tcp://127.0.0.1:*");
    sink.set_tcp_accept_filter({"192.0.2.0/24"});
    const std::string shut = sink.bind("tcp://127.0.0.1:*");
    push_socket source{ctx};
    source.connect(shut);
    std::optional<monitor_event> refused;
    run_until(io, [&] {
        auto event = events.try_receive();
        if (event && event->type == monitor_event_type::accept_failed)
            refused = std::move(event);
        return refused.has_value();
    });
    CHECK(refused->error == errc::peer_not_allowed);
    CHECK(refused->endpoint == shut);
    source.connect(open);
    run_until(io, [&] { return sink.peer_count() == 1; });
}
