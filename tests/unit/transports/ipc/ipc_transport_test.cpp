// What ipc does beyond the common suite: files, abstract names, credentials.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
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

/// A bound socket by hand; when it goes, its file stays.
socket_handle raw_bound(const std::string& path, bool listening)
{
    std::error_code error;
    auto socket = open_stream_socket(AF_UNIX, error);
    REQUIRE(!error);
    REQUIRE(!bind_socket(socket.get(), socket_address::local(path)));
    if (listening)
        REQUIRE(!listen_on(socket.get(), 5));
    return socket;
}

void leave_dead_socket(const std::string& path)
{
    (void)raw_bound(path, true);
    REQUIRE(fs::is_socket(path));
}

/// Sets an environment variable for a while.
class variable
{
public:
    variable(const char* name, const char* value) : name_(name)
    {
        if (const char* before = std::getenv(name))
            before_ = before;
        value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
    }
    ~variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;

private:
    const char* name_;
    std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("a bound ipc path is a socket file, removed when the listener goes")
{
    const temporary_directory directory;
    const auto path = directory.file("socket");
    transport_rig rig;
    auto listening = rig.listen("ipc://" + path);
    REQUIRE(listening);
    CHECK(listening->bound_endpoint() == "ipc://" + path);
    CHECK(fs::is_socket(path));
    listening.reset();
    CHECK(!fs::exists(path));
}

TEST_CASE("a dead socket file is replaced")
{
    const temporary_directory directory;
    const auto path = directory.file("socket");
    leave_dead_socket(path);
    transport_rig rig;
    failure why;
    const auto listening = rig.listen("ipc://" + path, why);
    CHECK(!why);
    REQUIRE(listening);
    CHECK(rig.meet(*listening));
}

TEST_CASE("a live socket file is not stolen")
{
    const temporary_directory directory;
    const auto path = directory.file("socket");
    const auto server = raw_bound(path, true);
    transport_rig rig;
    failure why;
    CHECK(!rig.listen("ipc://" + path, why));
    CHECK(why.error == std::errc::address_in_use);
    CHECK(why.detail == path + " is in use: somebody answers there");
    CHECK(fs::is_socket(path));
}

TEST_CASE("a live server with a full backlog is not stolen from either")
{
    const temporary_directory directory;
    const auto path = directory.file("socket");
    transport_options options;
    options.backlog = 0;
    transport_rig rig(options);
    const auto first = rig.listen("ipc://" + path);
    REQUIRE(first);
    stream_result connected;
    const auto from = rig.connector_to("ipc://" + path);
    from->async_connect(connected.handler());
    CHECK(rig.run_until([&] { return connected.calls == 1; }));

    failure why;
    CHECK(!rig.listen("ipc://" + path, why));
    CHECK(why.error == std::errc::address_in_use);
    CHECK(!rig.listen("ipc://" + path, why));
    CHECK(why.error == std::errc::address_in_use);
}

TEST_CASE("a file that is no socket is left alone")
{
    const temporary_directory directory;
    const auto path = directory.file("precious");
    std::ofstream(path) << "data";
    transport_rig rig;
    failure why;
    CHECK(!rig.listen("ipc://" + path, why));
    CHECK(why.error == std::errc::address_in_use);
    CHECK(why.detail == path + " exists and is not a socket");
    CHECK(fs::file_size(path) == 4);
}

TEST_CASE("a file that is no longer ours survives our closing")
{
    const temporary_directory directory;
    const auto path = directory.file("socket");
    transport_rig rig;
    auto listening = rig.listen("ipc://" + path);
    REQUIRE(listening);
    fs::rename(path, path + ".ours");  // keeps the inode from being used again
    const auto other = raw_bound(path, true);
    listening.reset();
    CHECK(fs::is_socket(path));
}

TEST_CASE("what is in the way but cannot be removed safely stays")
{
    const temporary_directory directory;
    const auto path = directory.file("socket");
    leave_dead_socket(path);
    const socket_handle lock(::open(directory.path().c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::flock(lock.get(), LOCK_EX) == 0);
    transport_rig rig;
    failure why;
    CHECK(!rig.listen("ipc://" + path, why));
    CHECK(why.error == std::errc::address_in_use);
    CHECK(why.detail.find("cannot be locked") != std::string::npos);
    CHECK(fs::is_socket(path));
    CHECK(rig.listen("ipc://" + directory.file("free")));
}

TEST_CASE("of many who find the same dead file, exactly one binds")
{
    const temporary_directory directory;
    for (int round = 0; round < 20; ++round)
    {
        const auto path = directory.file("socket" + std::to_string(round));
        leave_dead_socket(path);
        constexpr std::size_t count = 4;
        std::array<transport_rig, count> rigs;
        std::array<std::unique_ptr<listener>, count> listeners;
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < count; ++i)
            threads.emplace_back([&, i] { listeners[i] = rigs[i].listen("ipc://" + path); });
        for (auto& thread : threads)
            thread.join();

        int bound = 0;
        for (std::size_t i = 0; i < count; ++i)
        {
            if (!listeners[i])
                continue;
            ++bound;
            stream_result connected;
            const auto from = rigs[i].connector_to("ipc://" + path);
            from->async_connect(connected.handler());
            CHECK(rigs[i].run_until([&] { return connected.calls == 1; }));
            CHECK(!connected.error);
        }
        CHECK(bound == 1);
    }
}

TEST_CASE("a missing directory and a long path are refused")
{
    transport_rig rig;
    failure why;
    CHECK(!rig.listen("ipc:///no/such/directory/socket", why));
    CHECK(why.error == std::errc::no_such_file_or_directory);
    CHECK(!rig.listen("ipc:///" + std::string(107, 'x'), why));
    CHECK(why.error == ferry::errc::path_too_long);
    CHECK(!rig.connector_to("ipc:///" + std::string(107, 'x'), why));
    CHECK(why.error == ferry::errc::path_too_long);
    CHECK(!rig.connector_to("ipc://*", why));
    CHECK(why.error == ferry::errc::invalid_endpoint);
}

TEST_CASE("a relative path is taken from the current directory")
{
    const temporary_directory directory;
    const auto before = fs::current_path();
    fs::current_path(directory.path());
    transport_rig rig;
    const auto listening = rig.listen("ipc://socket");
    const bool there = fs::is_socket("socket");
    const bool met = listening && rig.meet(*listening);
    fs::current_path(before);
    CHECK(there);
    CHECK(met);
    REQUIRE(listening);
    CHECK(listening->bound_endpoint() == "ipc://socket");
}

TEST_CASE("the ipc wildcard makes a private directory where the environment says")
{
    const temporary_directory directory;
    const variable first("TMPDIR", "/no/such/directory");
    const variable second("TEMPDIR", directory.path().c_str());
    transport_rig rig;
    auto listening = rig.listen("ipc://*");
    REQUIRE(listening);
    const fs::path path = listening->bound_endpoint().substr(6);
    CHECK(path.parent_path().parent_path() == directory.path());
    CHECK(fs::is_socket(path));
    CHECK(fs::status(path.parent_path()).permissions() == fs::perms::owner_all);
    CHECK(rig.meet(*listening));
    listening->close();
    CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("the ipc wildcard falls back on /tmp, and refuses a directory too deep for it")
{
    const temporary_directory directory;
    const variable first("TMPDIR", nullptr);
    const variable second("TEMPDIR", nullptr);
    const variable third("TMP", nullptr);
    transport_rig rig;
    const auto listening = rig.listen("ipc://*");
    REQUIRE(listening);
    CHECK(listening->bound_endpoint().starts_with("ipc:///tmp/ferry-"));

    const auto deep = directory.file(std::string(100, 'd'));
    fs::create_directory(deep);
    const variable again("TMPDIR", deep.c_str());
    failure why;
    CHECK(!rig.listen("ipc://*", why));
    CHECK(why.error == ferry::errc::path_too_long);
    CHECK(fs::is_empty(deep));
}

TEST_CASE("the peer's address is its user, group and process, as the system knows them")
{
    transport_rig rig;
    const auto listening = rig.listen("ipc://*");
    REQUIRE(listening);
    const auto pair = rig.meet(*listening);
    REQUIRE(pair);
#ifdef __linux__
    const auto self = "localhost:" + std::to_string(::getuid()) + ":" + std::to_string(::getgid()) +
        ":" + std::to_string(::getpid());
    CHECK(pair.server->description().peer_address == self);
    CHECK(pair.client->description().peer_address == self);
#endif
    CHECK(pair.server->description().remote_endpoint == "ipc://");
}

#ifdef __linux__
TEST_CASE("other programs reach an abstract name at its exact length")
{
    const auto name = "ferry-test-raw-" + std::to_string(::getpid());
    transport_rig rig;
    const auto listening = rig.listen("ipc://@" + name);
    REQUIRE(listening);
    CHECK(listening->bound_endpoint() == "ipc://@" + name);

    std::error_code error;
    const auto raw = open_stream_socket(AF_UNIX, error);
    const std::string exact = std::string(1, '\0') + name;
    CHECK(!start_connect(raw.get(), socket_address::local(exact)));
    const auto padded = open_stream_socket(AF_UNIX, error);
    const auto refused =
        start_connect(padded.get(), socket_address::local(exact + std::string(1, '\0')));
    CHECK(refused == std::errc::connection_refused);

    stream_result accepted;
    listening->async_accept(rig.io.get_executor(), accepted.handler());
    CHECK(rig.run_until([&] { return accepted.calls == 1; }));
    CHECK(accepted.stream);
}

TEST_CASE("an abstract name bound by another program can be connected to")
{
    const auto name = "ferry-test-other-" + std::to_string(::getpid());
    const auto server = raw_bound(std::string(1, '\0') + name, true);
    transport_rig rig;
    stream_result connected;
    const auto from = rig.connector_to("ipc://@" + name);
    from->async_connect(connected.handler());
    CHECK(rig.run_until([&] { return connected.calls == 1; }));
    CHECK(!connected.error);
}
#endif
