#include "transports/endpoint.hpp"

#include "tests/support/catch.hpp"

using ferry::transports::endpoint;

TEST_CASE("an endpoint is split at the first ://")
{
    const auto plain = endpoint::parse("tcp://127.0.0.1:5555");
    REQUIRE(plain);
    CHECK(plain->scheme() == "tcp");
    CHECK(plain->address() == "127.0.0.1:5555");
    CHECK(plain->text() == "tcp://127.0.0.1:5555");

    const auto twice = endpoint::parse("inproc://a://b");
    REQUIRE(twice);
    CHECK(twice->scheme() == "inproc");
    CHECK(twice->address() == "a://b");

    const auto path = endpoint::parse("ipc:///tmp/x");
    REQUIRE(path);
    CHECK(path->address() == "/tmp/x");
}

TEST_CASE("a text without scheme, separator or address is no endpoint")
{
    for (const auto* text : {"", ":", "://", "tcp", "tcp:", "tcp:/", "tcp://", "://x", "tcp:/x"})
        CHECK(!endpoint::parse(text));
}

TEST_CASE("endpoints are values")
{
    const auto a = endpoint::parse("tcp://*:1");
    auto b = a;
    CHECK(a == b);
    b = endpoint::parse("tcp://*:2");
    CHECK(a != b);
}
