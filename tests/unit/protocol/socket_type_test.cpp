#include <ferry/socket_type.hpp>

#include <map>
#include <set>
#include <string>

#include "tests/support/catch.hpp"

using ferry::socket_type;

namespace
{

constexpr int type_count = 12;

}  // namespace

TEST_CASE("every type's wire name parses back to it")
{
    for (int value = 0; value < type_count; ++value)
    {
        const auto type = static_cast<socket_type>(value);
        CHECK(ferry::parse_socket_type(to_string(type)) == type);
    }
    CHECK(to_string(socket_type::dealer) == "DEALER");
    CHECK(to_string(socket_type::xpub) == "XPUB");
}

TEST_CASE("a name that is not exactly a type's is unknown")
{
    for (const char* name : {"", "dealer", "Dealer", "DEALER ", "DEALE", "SERVER", "RADIO"})
        CHECK(!ferry::parse_socket_type(name));
    CHECK(!ferry::parse_socket_type(std::string_view("PUB\0", 4)));
}

TEST_CASE("types talk to those that RFC 28 to 31 name, and to no others (RFC 37 'Socket-Type')")
{
    const std::map<std::string, std::set<std::string>> accepted{
        {"PAIR", {"PAIR"}},
        {"PUB", {"SUB", "XSUB"}},
        {"XPUB", {"SUB", "XSUB"}},
        {"SUB", {"PUB", "XPUB"}},
        {"XSUB", {"PUB", "XPUB"}},
        {"REQ", {"REP", "ROUTER"}},
        {"REP", {"REQ", "DEALER"}},
        {"DEALER", {"REP", "DEALER", "ROUTER"}},
        {"ROUTER", {"REQ", "DEALER", "ROUTER"}},
        {"PUSH", {"PULL"}},
        {"PULL", {"PUSH"}},
        {"STREAM", {}},
    };
    for (int a = 0; a < type_count; ++a)
        for (int b = 0; b < type_count; ++b)
        {
            const auto own = static_cast<socket_type>(a);
            const auto peer = static_cast<socket_type>(b);
            const bool expected =
                accepted.at(std::string(to_string(own))).contains(std::string(to_string(peer)));
            CHECK(are_compatible(own, peer) == expected);
            CHECK(are_compatible(peer, own) == expected);
        }
}

TEST_CASE("a number that is no type is compatible with nothing")
{
    const auto unknown = static_cast<socket_type>(12);
    CHECK(!are_compatible(unknown, socket_type::pair));
    CHECK(!are_compatible(socket_type::pair, unknown));
    CHECK(to_string(unknown) == "UNKNOWN");
}
