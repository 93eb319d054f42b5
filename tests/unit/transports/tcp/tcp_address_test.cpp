#include "transports/tcp/tcp_address.hpp"

#include <string>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"

using namespace ferry::transports;
using kind = tcp_host::kind;

namespace
{

/// "4 127.0.0.1" and the like, short enough for a table.
std::string summary(const tcp_host& host)
{
    std::string result;
    switch (host.what)
    {
    case kind::any: return "any";
    case kind::name: return "name " + host.name;
    case kind::ipv4:
        for (std::size_t i = 0; i < 4; ++i)
            result += (i != 0 ? "." : "v4 ") + std::to_string(host.octets[i]);
        break;
    case kind::ipv6:
        result = "v6 ..." + std::to_string(host.octets[15]);
        if (!host.zone.empty())
            result += " zone " + host.zone;
        break;
    }
    return result;
}

std::string bind_summary(std::string_view text)
{
    failure why;
    const auto parsed = parse_tcp_bind_address(text, why);
    CHECK(parsed.has_value() != static_cast<bool>(why));
    if (parsed)
        return summary(parsed->host) + " : " + std::to_string(parsed->port);
    CHECK(why.error == ferry::errc::invalid_endpoint);
    return why.detail;
}

std::string connect_summary(std::string_view text)
{
    failure why;
    const auto parsed = parse_tcp_connect_address(text, why);
    CHECK(parsed.has_value() != static_cast<bool>(why));
    if (!parsed)
    {
        CHECK(why.error == ferry::errc::invalid_endpoint);
        return why.detail;
    }
    std::string source;
    if (parsed->source)
    {
        source =
            summary(parsed->source->host) + " : " + std::to_string(parsed->source->port) + " -> ";
    }
    return source + summary(parsed->host) + " : " + std::to_string(parsed->port);
}

}  // namespace

TEST_CASE("what may be bound: interface:port")
{
    CHECK(bind_summary("*:5555") == "any : 5555");
    CHECK(bind_summary("*:*") == "any : 0");
    CHECK(bind_summary("127.0.0.1:0") == "v4 127.0.0.1 : 0");
    CHECK(bind_summary("127.0.0.1:65535") == "v4 127.0.0.1 : 65535");
    CHECK(bind_summary("[127.0.0.1]:1") == "v4 127.0.0.1 : 1");
    CHECK(bind_summary("[::1]:5555") == "v6 ...1 : 5555");
    CHECK(bind_summary("::1:5555") == "v6 ...1 : 5555");
    CHECK(bind_summary("[fe80::2%eth0]:1") == "v6 ...2 zone eth0 : 1");
    CHECK(bind_summary("fe80::2%7:1") == "v6 ...2 zone 7 : 1");
    CHECK(bind_summary("[::]:*") == "v6 ...0 : 0");
    CHECK(bind_summary("[::ffff:127.0.0.1]:1") == "v6 ...1 : 1");
    CHECK(bind_summary("eth0:5555") == "name eth0 : 5555");
    CHECK(bind_summary("eth0:1:5555") == "name eth0:1 : 5555");
    CHECK(bind_summary("localhost:*") == "name localhost : 0");
    CHECK(bind_summary("host.example.org:00080") == "name host.example.org : 80");
}

TEST_CASE("what may not be bound, and why")
{
    CHECK(bind_summary("") == "no port");
    CHECK(bind_summary("*") == "no port");
    CHECK(bind_summary("eth0") == "no port");
    CHECK(bind_summary("eth0:") == "no port");
    CHECK(bind_summary("[::1]") == "no port");
    CHECK(bind_summary(":5555") == "no interface");
    CHECK(bind_summary("*:70000") == "port 70000 is not between 0 and 65535");
    CHECK(bind_summary("*:65536") == "port 65536 is not between 0 and 65535");
    CHECK(bind_summary("*:99999999999999999999") ==
        "port 99999999999999999999 is not between 0 and 65535");
    CHECK(bind_summary("*:-1") == "port '-1' is not a number");
    CHECK(bind_summary("*:+1") == "port '+1' is not a number");
    CHECK(bind_summary("*:80x") == "port '80x' is not a number");
    CHECK(bind_summary("*: 80") == "port ' 80' is not a number");
    CHECK(bind_summary("[eth0]:1") == "'eth0' is not an IP address");
    CHECK(bind_summary("[]:1") == "'' is not an IP address");
    CHECK(bind_summary("[::1:1") == "'[::1' is neither an address nor a name");
    CHECK(bind_summary("::1]:1") == "'::1]' is neither an address nor a name");
    CHECK(bind_summary("a b:1") == "'a b' is neither an address nor a name");
    CHECK(bind_summary("*x:1") == "'*x' is neither an address nor a name");
    CHECK(bind_summary("[fe80::1%]:1") == "the zone after % is empty");
    CHECK(bind_summary("127.0.0.1%lo:1") == "an IPv4 address has no zone");
    CHECK(bind_summary("[fe80::1%a-name-that-is-too-long]:1") ==
        "'a-name-that-is-too-long' is no zone");
    CHECK(bind_summary("127.0.0.1;127.0.0.1:1") ==
        "'127.0.0.1;127.0.0.1' is neither an address nor a name");
    CHECK(bind_summary(std::string_view("127.0.0.1\0:1", 12)) ==
        "'127.0.0.1?' is neither an address nor a name");
    CHECK(bind_summary(std::string(256, 'a') + ":1").ends_with("is neither an address nor a name"));
}

TEST_CASE("what may be connected to: [source;]host:port")
{
    CHECK(connect_summary("127.0.0.1:5555") == "v4 127.0.0.1 : 5555");
    CHECK(connect_summary("localhost:1") == "name localhost : 1");
    CHECK(connect_summary("_service.example.org:65535") == "name _service.example.org : 65535");
    CHECK(connect_summary("[::1]:5555") == "v6 ...1 : 5555");
    CHECK(connect_summary("::1:5555") == "v6 ...1 : 5555");
    CHECK(connect_summary("[fe80::2%eth0]:1") == "v6 ...2 zone eth0 : 1");
    CHECK(connect_summary("127.0.0.1:0;host:1") == "v4 127.0.0.1 : 0 -> name host : 1");
    CHECK(connect_summary("127.0.0.1:*;host:1") == "v4 127.0.0.1 : 0 -> name host : 1");
    CHECK(connect_summary("127.0.0.1:77;host:1") == "v4 127.0.0.1 : 77 -> name host : 1");
    CHECK(connect_summary("127.0.0.1;host:1") == "v4 127.0.0.1 : 0 -> name host : 1");
    CHECK(connect_summary("eth0;host:1") == "name eth0 : 0 -> name host : 1");
    CHECK(connect_summary("[::1];[::2]:1") == "v6 ...1 : 0 -> v6 ...2 : 1");
    CHECK(connect_summary("[::1]:9;[::2]:1") == "v6 ...1 : 9 -> v6 ...2 : 1");
    CHECK(connect_summary("*:9;host:1") == "any : 9 -> name host : 1");
}

TEST_CASE("what may not be connected to, and why")
{
    CHECK(connect_summary("") == "no port");
    CHECK(connect_summary("host") == "no port");
    CHECK(connect_summary("host:") == "no port");
    CHECK(connect_summary(":1") == "no host");
    CHECK(connect_summary("*:1") == "* can only be bound");
    CHECK(connect_summary("host:*") == "port '*' is not a number");
    CHECK(connect_summary("host:0") == "port 0 is not between 1 and 65535");
    CHECK(connect_summary("host:65536") == "port 65536 is not between 1 and 65535");
    CHECK(connect_summary("-host:1") == "'-host' is neither an address nor a host name");
    CHECK(connect_summary("a:b:1") == "'a:b' is neither an address nor a host name");
    CHECK(connect_summary("a/b:1") == "'a/b' is neither an address nor a host name");
    CHECK(connect_summary(";host:1") == "no interface");
    CHECK(connect_summary("eth0;") == "no port");
    CHECK(connect_summary("a;b;c:1") == "'b;c' is neither an address nor a host name");
    CHECK(connect_summary("eth0:70000;host:1") == "port 70000 is not between 0 and 65535");
}

TEST_CASE("a literal's octets are in network order")
{
    failure why;
    const auto parsed = parse_tcp_bind_address("1.2.3.4:5", why);
    REQUIRE(parsed);
    CHECK(parsed->host.octets[0] == 1);
    CHECK(parsed->host.octets[3] == 4);
    CHECK(parsed == parse_tcp_bind_address("[1.2.3.4]:5", why));
}
