// What tcp does beyond the common suite: addresses, names, interfaces, sources.
#include <array>
#include <filesystem>
#include <thread>

#include <asio/strand.hpp>
#include <sys/socket.h>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/transport_rig.hpp"
#include "transports/tcp/interfaces.hpp"
#include "transports/tcp/tcp_socket.hpp"

using namespace ferry::test;
using ferry::errc;
using ferry::transports::failure;

namespace
{

transport_options with_ipv6()
{
    transport_options options;
    options.ipv6 = true;
    return options;
}

std::string port_of(const listener& at)
{
    const auto& text = at.bound_endpoint();
    return text.substr(text.rfind(':') + 1);
}

bool has_ipv6_loopback()
{
    transport_rig rig(with_ipv6());
    const bool there = rig.listen("tcp://[::1]:*") != nullptr;
    if (!there)
        WARN("skipped: this machine has no ::1");
    return there;
}

#ifdef __linux__
std::ptrdiff_t count_threads()
{
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
}
#endif

}  // namespace

TEST_CASE("a bound tcp endpoint reads as the address the system chose")
{
    transport_rig rig;
    const auto literal = rig.listen("tcp://127.0.0.1:0");
    REQUIRE(literal);
    CHECK(literal->bound_endpoint().starts_with("tcp://127.0.0.1:"));
    CHECK(port_of(*literal) != "0");

    const auto any = rig.listen("tcp://*:*");
    REQUIRE(any);
    CHECK(any->bound_endpoint() == "tcp://0.0.0.0:" + port_of(*any));

    const auto name = rig.listen("tcp://localhost:*");
    REQUIRE(name);
    CHECK(name->bound_endpoint() == "tcp://127.0.0.1:" + port_of(*name));
}

TEST_CASE("a bound tcp endpoint says who the connected peers are")
{
    transport_rig rig;
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    const auto pair = rig.meet(*listening);
    REQUIRE(pair);
    CHECK(pair.server->description().peer_address == "127.0.0.1");
    CHECK(pair.client->description().peer_address == "127.0.0.1");
    CHECK(pair.server->description().remote_endpoint.starts_with("tcp://127.0.0.1:"));
}

TEST_CASE("an interface is bound by its name")
{
    transport_rig rig;
    const auto listening = rig.listen("tcp://lo:*");
    REQUIRE(listening);
    CHECK(listening->bound_endpoint() == "tcp://127.0.0.1:" + port_of(*listening));
    CHECK(rig.meet(*listening));
}

TEST_CASE("an interface that does not exist is named in the failure")
{
    // A name that no resolver has to be asked about: it has an empty label.
    transport_rig rig;
    failure why;
    CHECK(!rig.listen("tcp://eth9..:5555", why));
    CHECK(why.error == errc::no_such_interface);
    CHECK(why.detail.starts_with("no interface named eth9.."));

    CHECK(!rig.listen("tcp://[::1]:5555", why));
    CHECK(why.error == errc::no_such_interface);
    CHECK(why.detail == "an IPv6 address needs the ipv6 option");
}

TEST_CASE("an address that is not this machine's is refused by the system")
{
    transport_rig rig;
    failure why;
    CHECK(!rig.listen("tcp://192.0.2.1:*", why));  // RFC 5737: nobody's
    CHECK(why.error == std::errc::address_not_available);
}

TEST_CASE("with ipv6, the wildcard serves both families, and IPv4 peers keep their address")
{
    if (!has_ipv6_loopback())
        return;
    transport_rig rig(with_ipv6());
    const auto listening = rig.listen("tcp://*:*");
    REQUIRE(listening);
    CHECK(listening->bound_endpoint() == "tcp://[::]:" + port_of(*listening));

    const auto v4 = rig.connector_to("tcp://127.0.0.1:" + port_of(*listening));
    const auto over_v4 = rig.meet(*v4, *listening);
    REQUIRE(over_v4);
    CHECK(over_v4.server->description().peer_address == "127.0.0.1");
    CHECK(over_v4.server->description().local_endpoint == "tcp://127.0.0.1:" + port_of(*listening));

    const auto v6 = rig.connector_to("tcp://[::1]:" + port_of(*listening));
    const auto over_v6 = rig.meet(*v6, *listening);
    REQUIRE(over_v6);
    CHECK(over_v6.server->description().peer_address == "::1");
    CHECK(over_v6.server->description().remote_endpoint.starts_with("tcp://[::1]:"));
}

TEST_CASE("with ipv6, an IPv4 literal stays one, and names and interfaces prefer IPv6")
{
    if (!has_ipv6_loopback())
        return;
    transport_rig rig(with_ipv6());
    const auto literal = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(literal);
    CHECK(literal->bound_endpoint().starts_with("tcp://127.0.0.1:"));
    const auto interface = rig.listen("tcp://lo:*");
    REQUIRE(interface);
    CHECK(interface->bound_endpoint().starts_with("tcp://[::1]:"));
    const auto unbracketed = rig.listen("tcp://::1:*");
    REQUIRE(unbracketed);
    CHECK(unbracketed->bound_endpoint().starts_with("tcp://[::1]:"));
}

TEST_CASE("localhost tries every loopback address, and starts no thread")
{
    transport_rig rig(with_ipv6());
    const auto listening = rig.listen("tcp://127.0.0.1:*");  // not on ::1
    REQUIRE(listening);
    const auto from = rig.connector_to("tcp://localhost:" + port_of(*listening));
#ifdef __linux__
    const auto before = count_threads();
    CHECK(rig.meet(*from, *listening));
    CHECK(count_threads() == before);
#else
    CHECK(rig.meet(*from, *listening));
#endif
}

TEST_CASE("a host name goes through the resolver, at every attempt")
{
    // The short form of 127.0.0.1: no literal to us, and no question to a name server either.
    transport_rig rig;
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    const auto from = rig.connector_to("tcp://127.1:" + port_of(*listening));
    for (int round = 0; round < 2; ++round)
    {
        const auto pair = rig.meet(*from, *listening);
        REQUIRE(pair);
        CHECK(pair.client->description().remote_endpoint == listening->bound_endpoint());
    }
}

TEST_CASE("an attempt that resolves can be cancelled, and its connector used again")
{
    transport_rig rig;
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    const auto from = rig.connector_to("tcp://127.1:" + port_of(*listening));
    stream_result result;
    from->async_connect(result.handler());
    from->cancel();
    CHECK(result.calls == 0);
    CHECK(rig.run_until([&] { return result.calls == 1; }));
    CHECK(result.error == asio::error::operation_aborted);
    CHECK(rig.meet(*from, *listening));
    rig.poll();
    CHECK(result.calls == 1);
}

TEST_CASE("a name that does not exist is an error of the attempt, not of the connector")
{
    transport_rig rig;
    const auto from = rig.connector_to("tcp://no..such..name:5555");
    REQUIRE(from);
    stream_result result;
    from->async_connect(result.handler());
    CHECK(rig.run_until([&] { return result.calls == 1; }));
    CHECK(result.error);
    CHECK(result.error != asio::error::operation_aborted);
}

TEST_CASE("the source address and port are those asked for")
{
    transport_rig rig;
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    const auto where = "127.0.0.1:" + port_of(*listening);

    const auto address = rig.connector_to("tcp://127.0.0.2:0;" + where);
    const auto by_address = rig.meet(*address, *listening);
    REQUIRE(by_address);
    CHECK(by_address.server->description().peer_address == "127.0.0.2");

    const auto interface = rig.connector_to("tcp://lo;" + where);
    const auto by_interface = rig.meet(*interface, *listening);
    REQUIRE(by_interface);
    CHECK(by_interface.server->description().peer_address == "127.0.0.1");

    const auto free_port = port_of(*rig.listen("tcp://127.0.0.3:*"));
    const auto port = rig.connector_to("tcp://127.0.0.3:" + free_port + ";" + where);
    const auto by_port = rig.meet(*port, *listening);
    REQUIRE(by_port);
    CHECK(by_port.server->description().remote_endpoint == "tcp://127.0.0.3:" + free_port);
}

TEST_CASE("a source that cannot be had fails the attempt")
{
    transport_rig rig;
    const auto attempt = [&rig](const std::string& text) {
        const auto from = rig.connector_to(text);
        REQUIRE(from);
        stream_result result;
        from->async_connect(result.handler());
        CHECK(result.calls == 0);
        CHECK(rig.run_until([&] { return result.calls == 1; }));
        return result.error;
    };
    CHECK(attempt("tcp://eth9;127.0.0.1:5555") == errc::no_such_interface);
    CHECK(attempt("tcp://192.0.2.1;127.0.0.1:5555") == std::errc::address_not_available);
}

TEST_CASE("addresses that can never connect are refused at once")
{
    transport_rig rig;
    failure why;
    CHECK(!rig.connector_to("tcp://[::1]:5555", why));
    CHECK(why.error == errc::invalid_endpoint);
    CHECK(why.detail == "an IPv6 address needs the ipv6 option");
    CHECK(!rig.connector_to("tcp://[::1];127.0.0.1:5555", why));
    CHECK(why.error == errc::invalid_endpoint);

    transport_rig both(with_ipv6());
    CHECK(!both.connector_to("tcp://[::1];127.0.0.1:5555", why));
    CHECK(why.detail == "source and host are of different address families");
}

TEST_CASE("a zone that does not exist fails at bind, and at each attempt to connect")
{
    transport_rig rig(with_ipv6());
    failure why;
    CHECK(!rig.listen("tcp://[fe80::1%eth9]:*", why));
    CHECK(why.error == errc::no_such_interface);
    CHECK(why.detail == "no interface named eth9");

    const auto from = rig.connector_to("tcp://[fe80::1%eth9]:5555");
    REQUIRE(from);
    stream_result result;
    from->async_connect(result.handler());
    CHECK(rig.run_until([&] { return result.calls == 1; }));
    CHECK(result.error == errc::no_such_interface);
}

TEST_CASE("a socket that TCP connects to itself counts as refused")
{
    transport_rig rig;
    const auto port = port_of(*rig.listen("tcp://127.0.0.1:*"));  // free again
    const auto from = rig.connector_to("tcp://127.0.0.1:" + port + ";127.0.0.1:" + port);
    stream_result result;
    from->async_connect(result.handler());
    CHECK(rig.run_until([&] { return result.calls == 1; }));
    CHECK(result.error == std::errc::connection_refused);
    CHECK(!result.stream);
}

TEST_CASE("a full backlog of one still serves everybody in the end")
{
    transport_options options;
    options.backlog = 1;
    transport_rig rig(options);
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    for (int round = 0; round < 5; ++round)
        CHECK(rig.meet(*listening));
}

#ifdef __linux__
TEST_CASE("an attempt that nobody answers can be cancelled")
{
    // Linux answers no more connections than the backlog holds, and one.
    transport_options options;
    options.backlog = 0;
    transport_rig rig(options);
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    std::array<std::unique_ptr<connector>, 4> connectors;
    std::array<stream_result, 4> results;
    for (std::size_t i = 0; i < connectors.size(); ++i)
    {
        connectors[i] = rig.connector_to(listening->bound_endpoint());
        connectors[i]->async_connect(results[i].handler());
    }
    rig.poll();
    for (auto& each : connectors)
        each->cancel();
    int cancelled = 0;
    for (auto& result : results)
    {
        CHECK(rig.run_until([&] { return result.calls == 1; }));
        cancelled += result.error == asio::error::operation_aborted ? 1 : 0;
    }
    CHECK(cancelled >= 2);
}
#endif

TEST_CASE("streams on strands are safe on a pool of threads")
{
    transport_rig rig;
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    constexpr int rounds = 2000;

    struct player
    {
        void turn()
        {
            stream->async_read_some(buffer, [this](std::error_code error, std::size_t size) {
                if (!error && ++played < rounds)
                    return serve(size);
                stream->close();
            });
        }
        void serve(std::size_t size)
        {
            const std::span<const std::byte> ball(buffer.data(), size);
            stream->async_write_some(
                std::span(&ball, 1), [this](std::error_code, std::size_t) { turn(); });
        }

        std::unique_ptr<byte_stream> stream;
        std::array<std::byte, 16> buffer{};
        int played = 0;
    };

    std::array<player, 2> players;
    const auto accepting = asio::make_strand(rig.io);
    stream_result accepted;
    stream_result connected;
    listening->async_accept(accepting, accepted.handler());
    const auto where = ferry::transports::endpoint::parse(listening->bound_endpoint());
    failure why;
    const auto from = rig.transports.find("tcp")->make_connector(
        asio::make_strand(rig.io), *where, rig.options, why);
    from->async_connect(connected.handler());
    REQUIRE(rig.run_until([&] { return accepted.calls == 1 && connected.calls == 1; }));
    players[0].stream = std::move(accepted.stream);
    players[1].stream = std::move(connected.stream);
    players[0].turn();
    players[1].serve(1);

    rig.io.restart();
    std::thread other([&] { rig.io.run_for(std::chrono::seconds(10)); });
    rig.io.run_for(std::chrono::seconds(10));
    other.join();
    CHECK(players[0].played + players[1].played >= rounds);
}

TEST_CASE("tcp endpoint texts are canonical")
{
    using ferry::transports::socket_address;
    using ferry::transports::tcp_endpoint_text;
    CHECK(tcp_endpoint_text(socket_address::ipv4({10, 0, 0, 1}, 80)) == "tcp://10.0.0.1:80");
    std::array<std::uint8_t, 16> octets{};
    octets[15] = 1;
    CHECK(tcp_endpoint_text(socket_address::ipv6(octets, 0, 80)) == "tcp://[::1]:80");
    octets = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    CHECK(tcp_endpoint_text(socket_address::ipv6(octets, 1, 80)) == "tcp://[fe80::1%lo]:80");
    CHECK(tcp_endpoint_text(socket_address::ipv6(octets, 9'999'999, 80)) ==
        "tcp://[fe80::1%9999999]:80");
    octets = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    CHECK(tcp_endpoint_text(socket_address::ipv6(octets, 0, 80)) == "tcp://10.0.0.1:80");
}
