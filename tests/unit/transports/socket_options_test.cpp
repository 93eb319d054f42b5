// Which options reach the sockets, read back from the system.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/support/catch.hpp"
#include "tests/support/transport_rig.hpp"

using namespace ferry::test;
using namespace std::chrono_literals;
using ferry::transports::failure;

namespace
{

int option_of(int descriptor, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    CHECK(::getsockopt(descriptor, level, name, &value, &size) == 0);
    return value;
}

bool is_closed_on_exec(int descriptor)
{
    return (::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0;
}

}  // namespace

TEST_CASE("without wishes, a tcp socket has no delay and the system's defaults")
{
    transport_rig rig;
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    CHECK(option_of(listening->native_handle(), SOL_SOCKET, SO_REUSEADDR) == 1);
    const auto pair = rig.meet(*listening);
    REQUIRE(pair);
    for (const auto* stream : {pair.client.get(), pair.server.get()})
    {
        const int descriptor = stream->native_handle();
        CHECK(option_of(descriptor, IPPROTO_TCP, TCP_NODELAY) == 1);
        CHECK(option_of(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 0);
        CHECK(option_of(descriptor, IPPROTO_IP, IP_TOS) == 0);
    }
}

TEST_CASE("programs that are started inherit no descriptor")
{
    transport_rig rig;
    for (const auto* where : {"tcp://127.0.0.1:*", "ipc://*"})
    {
        const auto listening = rig.listen(where);
        REQUIRE(listening);
        const auto pair = rig.meet(*listening);
        REQUIRE(pair);
        CHECK(is_closed_on_exec(listening->native_handle()));
        CHECK(is_closed_on_exec(pair.client->native_handle()));
        CHECK(is_closed_on_exec(pair.server->native_handle()));
    }
}

TEST_CASE("every tcp option reaches both ends")
{
    transport_options options;
    options.tcp_keepalive = 1;
    options.tcp_keepalive_count = 5;
    options.tcp_keepalive_idle = 61;
    options.tcp_keepalive_interval = 7;
    options.tcp_max_retransmit = 12'345ms;
    options.type_of_service = 0x28;
    transport_rig rig(options);
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    const auto pair = rig.meet(*listening);
    REQUIRE(pair);
    for (const auto* stream : {pair.client.get(), pair.server.get()})
    {
        const int descriptor = stream->native_handle();
        CHECK(option_of(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 1);
        CHECK(option_of(descriptor, IPPROTO_TCP, TCP_KEEPCNT) == 5);
#ifdef TCP_KEEPIDLE
        CHECK(option_of(descriptor, IPPROTO_TCP, TCP_KEEPIDLE) == 61);
#endif
        CHECK(option_of(descriptor, IPPROTO_TCP, TCP_KEEPINTVL) == 7);
#ifdef TCP_USER_TIMEOUT
        CHECK(option_of(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT) == 12'345);
#endif
        CHECK(option_of(descriptor, IPPROTO_IP, IP_TOS) == 0x28);
    }
}

TEST_CASE("the keepalive family is left alone when keepalive is off or not asked for")
{
    transport_options options;
    options.tcp_keepalive = GENERATE(-1, 0);
    options.tcp_keepalive_count = options.tcp_keepalive == -1 ? 5 : -1;
    transport_rig rig(options);
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    const auto pair = rig.meet(*listening);
    REQUIRE(pair);
    const int descriptor = pair.client->native_handle();
    CHECK(option_of(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 0);
    CHECK(option_of(descriptor, IPPROTO_TCP, TCP_KEEPCNT) != 5);
}

TEST_CASE("the type of service reaches IPv6 sockets as traffic class")
{
    transport_options options;
    options.ipv6 = true;
    options.type_of_service = 0x28;
    transport_rig rig(options);
    const auto listening = rig.listen("tcp://[::1]:*");
    if (!listening)
    {
        WARN("skipped: this machine has no ::1");
        return;
    }
    const auto pair = rig.meet(*listening);
    REQUIRE(pair);
    for (const auto* stream : {pair.client.get(), pair.server.get()})
        CHECK(option_of(stream->native_handle(), IPPROTO_IPV6, IPV6_TCLASS) == 0x28);
}

TEST_CASE("buffer sizes reach both ends of tcp and ipc")
{
    transport_options options;
    options.send_buffer = 20'000;
    options.receive_buffer = 30'000;
    transport_rig rig(options);
    for (const auto* where : {"tcp://127.0.0.1:*", "ipc://*"})
    {
        const auto listening = rig.listen(where);
        REQUIRE(listening);
        const auto pair = rig.meet(*listening);
        REQUIRE(pair);
        const int client = pair.client->native_handle();
        // Linux doubles what it is told, for its own bookkeeping.
        CHECK(option_of(client, SOL_SOCKET, SO_SNDBUF) >= 20'000);
        CHECK(option_of(client, SOL_SOCKET, SO_SNDBUF) <= 40'000);
        CHECK(option_of(client, SOL_SOCKET, SO_RCVBUF) >= 30'000);
        CHECK(option_of(client, SOL_SOCKET, SO_RCVBUF) <= 60'000);
        CHECK(option_of(listening->native_handle(), SOL_SOCKET, SO_RCVBUF) <= 60'000);
    }
}

TEST_CASE("between ends on one machine no more than the caches hold is under way")
{
    transport_rig rig;
    for (const auto* where : {"tcp://127.0.0.1:*", "ipc://*"})
    {
        const auto listening = rig.listen(where);
        REQUIRE(listening);
        const auto pair = rig.meet(*listening);
        REQUIRE(pair);
        for (const auto* stream : {pair.client.get(), pair.server.get()})
        {
            const int size = option_of(stream->native_handle(), SOL_SOCKET, SO_SNDBUF);
            CHECK(size >= 208 * 1024);
            CHECK(size <= 2 * 208 * 1024);
        }
    }
}

#ifdef SO_BINDTODEVICE
TEST_CASE("a device that does not exist is named in the failure")
{
    transport_options options;
    options.bind_to_device = "eth9";
    transport_rig rig(options);
    failure why;
    CHECK(!rig.listen("tcp://127.0.0.1:*", why));
    CHECK(why.error);
    CHECK(why.detail.starts_with("cannot bind to device eth9: "));
}

TEST_CASE("both ends can be bound to a device")
{
    transport_options options;
    options.bind_to_device = "lo";
    transport_rig rig(options);
    failure why;
    const auto listening = rig.listen("tcp://127.0.0.1:*", why);
    if (why.error == std::errc::operation_not_permitted)
    {
        WARN("skipped: no right to bind to a device");
        return;
    }
    REQUIRE(listening);
    CHECK(rig.meet(*listening));
}
#endif

TEST_CASE("an option that the system refuses is named in the failure")
{
    transport_options options;
    options.tcp_keepalive = 1;
    options.tcp_keepalive_count = 100'000;
    transport_rig rig(options);
    failure why;
    CHECK(!rig.listen("tcp://127.0.0.1:*", why));
    CHECK(why.error == std::errc::invalid_argument);
    CHECK(why.detail.starts_with("cannot set tcp_keepalive_count: "));
}
