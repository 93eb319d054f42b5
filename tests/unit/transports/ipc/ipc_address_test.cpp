#include "transports/ipc/ipc_address.hpp"

#include <string>

#include <sys/un.h>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"

using namespace ferry::transports;
using kind = ipc_address::kind;

TEST_CASE("an ipc address is a path, an abstract name or the wildcard")
{
    failure why;
    CHECK(parse_ipc_address("/tmp/x", why)->what == kind::path);
    CHECK(parse_ipc_address("relative", why)->what == kind::path);
    CHECK(parse_ipc_address("*x", why)->what == kind::path);
    CHECK(parse_ipc_address("*", why)->what == kind::wildcard);
#ifdef __linux__
    CHECK(parse_ipc_address("@name", why)->what == kind::abstract_name);
    CHECK(parse_ipc_address("@name", why)->text == "@name");
#endif
    CHECK(!why);
}

TEST_CASE("an ipc address that names nothing is refused")
{
    failure why;
    CHECK(!parse_ipc_address("", why));
    CHECK(why.error == ferry::errc::invalid_endpoint);
    CHECK(!parse_ipc_address("@", why));
    CHECK(why.error == ferry::errc::invalid_endpoint);
    CHECK(why.detail == "no name after @");
    CHECK(!parse_ipc_address(std::string_view("a\0b", 3), why));
    CHECK(why.error == ferry::errc::invalid_endpoint);
}

#ifdef __linux__
TEST_CASE("a path may have 107 octets and not one more")
{
    failure why;
    for (const char first : {'/', '@'})
    {
        const auto longest = first + std::string(106, 'x');
        CHECK(parse_ipc_address(longest, why));
        CHECK(!parse_ipc_address(longest + "x", why));
        CHECK(why.error == ferry::errc::path_too_long);
        CHECK(why.detail == "the path has 108 octets, the limit is 107");
    }
}

TEST_CASE("an abstract name is told to the system with NUL first and without NUL last")
{
    failure why;
    const auto address = parse_ipc_address("@ab", why)->to_socket_address();
    CHECK(address.size() == offsetof(sockaddr_un, sun_path) + 3);
    const auto* raw = reinterpret_cast<const sockaddr_un*>(address.data());
    CHECK(std::string(raw->sun_path, 3) == std::string("\0ab", 3));
}
#endif
