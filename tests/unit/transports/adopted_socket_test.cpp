// Listening on a socket that the program made itself.
#include "transports/adopted_socket.hpp"

#include <filesystem>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/transport_rig.hpp"
#include "transports/socket_handle.hpp"

using namespace ferry::test;
using namespace ferry::transports;
namespace fs = std::filesystem;

namespace
{

const socket_address any_port = socket_address::ipv4({127, 0, 0, 1}, 0);

/// Blocking, and inherited by programs that are started: as somebody else would make it.
socket_handle made_socket(const socket_address& where, bool listens = true)
{
    socket_handle made(::socket(where.family(), SOCK_STREAM, 0));
    REQUIRE(made);
    REQUIRE(!bind_socket(made.get(), where));
    if (listens)
        REQUIRE(!listen_on(made.get(), 5));
    return made;
}

bool is_open(int descriptor)
{
    return ::fcntl(descriptor, F_GETFD) != -1;
}

std::string endpoint_of(const socket_handle& socket)
{
    std::error_code error;
    const auto port = socket_address::of_local_end(socket.get(), error).port();
    return "tcp://127.0.0.1:" + std::to_string(port);
}

/// What listening on that descriptor says; it is still open then.
std::error_code refusal(int descriptor, std::string_view endpoint)
{
    transport_rig rig;
    rig.options.descriptor = descriptor;
    failure why;
    CHECK(rig.listen(endpoint, why) == nullptr);
    CHECK(why.detail.find(std::to_string(descriptor)) != std::string::npos);
    return why.error;
}

}  // namespace

TEST_CASE("a listening tcp socket is taken over, and closed with the listener")
{
    auto made = made_socket(any_port);
    const int descriptor = made.get();
    const std::string endpoint = endpoint_of(made);
    {
        transport_rig rig;
        rig.options.descriptor = made.release();
        const auto listening = rig.listen("tcp://192.0.2.1:1");
        REQUIRE(listening);
        CHECK(listening->bound_endpoint() == endpoint);
        CHECK(listening->native_handle() == descriptor);
        CHECK((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
        CHECK((::fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0);
        const auto pair = rig.meet(*listening);
        REQUIRE(pair);
        REQUIRE(rig.write(*pair.client, octets_of("hello")));
        CHECK(text_of(rig.read(*pair.server, 5)) == "hello");
    }
    CHECK_FALSE(is_open(descriptor));
}

TEST_CASE("a listening ipc socket is taken over, and its file is left to who made it")
{
    const temporary_directory directory;
    const std::string path = directory.file("socket");
    auto made = made_socket(socket_address::local(path));
    const int descriptor = made.get();
    {
        transport_rig rig;
        rig.options.descriptor = made.release();
        const auto listening = rig.listen("ipc://*");
        REQUIRE(listening);
        CHECK(listening->bound_endpoint() == "ipc://" + path);
        CHECK(rig.meet(*listening));
    }
    CHECK_FALSE(is_open(descriptor));
    CHECK(fs::is_socket(path));
}

TEST_CASE("an abstract name of a socket that is taken over reads as it is written")
{
    const std::string name = "ferry-adopted-" + std::to_string(::getpid());
    auto made = made_socket(socket_address::local('\0' + name));
    transport_rig rig;
    rig.options.descriptor = made.release();
    const auto listening = rig.listen("ipc://whatever");
    REQUIRE(listening);
    CHECK(listening->bound_endpoint() == "ipc://@" + name);
    CHECK(rig.meet(*listening));
}

TEST_CASE("what is no listening socket of the transport stays the caller's")
{
    const auto tcp = made_socket(any_port);
    const auto bound_only = made_socket(any_port, false);
    const temporary_directory directory;
    const auto ipc = made_socket(socket_address::local(directory.file("socket")));
    const socket_handle file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const socket_handle datagrams(::socket(AF_INET, SOCK_DGRAM, 0));
    const int closed = ::dup(tcp.get());
    ::close(closed);

    CHECK(refusal(closed, "tcp://127.0.0.1:*") == std::errc::bad_file_descriptor);
    CHECK(refusal(file.get(), "tcp://127.0.0.1:*") == std::errc::not_a_socket);
    CHECK(refusal(bound_only.get(), "tcp://127.0.0.1:*") == ferry::errc::invalid_argument);
    CHECK(refusal(datagrams.get(), "tcp://127.0.0.1:*") == ferry::errc::invalid_argument);
    CHECK(refusal(ipc.get(), "tcp://127.0.0.1:*") == std::errc::address_family_not_supported);
    CHECK(refusal(tcp.get(), "ipc://*") == std::errc::address_family_not_supported);
    for (const auto* left : {&tcp, &bound_only, &ipc, &file, &datagrams})
        CHECK(is_open(left->get()));
}

TEST_CASE("a filter that cannot be read leaves the descriptor alone, too")
{
    const auto made = made_socket(any_port);
    transport_rig rig;
    rig.options.descriptor = made.get();
    rig.options.tcp_accept_filter = {"nonsense"};
    failure why;
    CHECK(rig.listen("tcp://127.0.0.1:*", why) == nullptr);
    CHECK(why.error == ferry::errc::invalid_argument);
    CHECK(is_open(made.get()));
}
