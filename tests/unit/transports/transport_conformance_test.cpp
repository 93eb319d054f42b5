// One suite, four transports.
#include <string>

#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/temporary_directory.hpp"
#include "tests/support/transport_suite.hpp"

using namespace ferry::test;

namespace
{

/// A name that no other test and no other process uses.
std::string fresh_abstract_endpoint()
{
    static int count = 0;
    return "ipc://@ferry-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

transport_under_test tcp_over_ipv4()
{
    return {"tcp", {}, [] { return "tcp://127.0.0.1:*"; }};
}

transport_under_test tcp_over_ipv6()
{
    transport_options options;
    options.ipv6 = true;
    return {"tcp", options, [] { return "tcp://[::1]:*"; }};
}

transport_under_test ipc_path()
{
    return {"ipc", {}, [] {
                static const temporary_directory directory;
                static int count = 0;
                return "ipc://" + directory.file(std::to_string(++count));
            }};
}

transport_under_test ipc_abstract()
{
    return {"ipc", {}, fresh_abstract_endpoint};
}

bool is_there(const transport_under_test& kind)
{
    transport_rig rig(kind.options);
    if (rig.listen(kind.fresh_endpoint()))
        return true;
    WARN("skipped: this machine cannot bind " + kind.fresh_endpoint());
    return false;
}

void whole_suite(const transport_under_test& kind)
{
    // clang-format off
    SECTION("meeting") { suite_of_meeting(kind); }
    SECTION("sharing") { suite_of_sharing(kind); }
    SECTION("octets") { suite_of_octets(kind); }
    SECTION("direct calls") { suite_of_direct_calls(kind); }
    SECTION("expecting") { suite_of_expecting(kind); }
    SECTION("gathering") { suite_of_gathering(kind); }
    SECTION("ending") { suite_of_ending(kind); }
    SECTION("closing") { suite_of_closing(kind); }
    SECTION("cancelling") { suite_of_cancelling(kind); }
    SECTION("listeners") { suite_of_listeners(kind); }
    SECTION("exhaustion") { suite_of_exhaustion(kind); }
    SECTION("connectors") { suite_of_connectors(kind); }
    SECTION("loops") { suite_of_loops(kind); }
    // clang-format on
}

}  // namespace

TEST_CASE("tcp over IPv4 is a byte transport")
{
    whole_suite(tcp_over_ipv4());
}

TEST_CASE("tcp over IPv6 is a byte transport")
{
    if (is_there(tcp_over_ipv6()))
        whole_suite(tcp_over_ipv6());
}

TEST_CASE("ipc over a path is a byte transport")
{
    whole_suite(ipc_path());
}

#ifdef __linux__
TEST_CASE("tcp is a byte transport where a descriptor_watch looks after the streams")
{
    auto kind = tcp_over_ipv4();
    kind.watched = true;
    whole_suite(kind);
}

TEST_CASE("ipc is a byte transport where a descriptor_watch looks after the streams")
{
    auto kind = ipc_path();
    kind.watched = true;
    whole_suite(kind);
}

TEST_CASE("ipc over an abstract name is a byte transport")
{
    whole_suite(ipc_abstract());
}
#endif
