#include "transports/registry.hpp"

#include <asio/io_context.hpp>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"

using namespace ferry::transports;

TEST_CASE("the registry knows tcp and ipc, and nothing by another name")
{
    const registry all;
    REQUIRE(all.find("tcp"));
    CHECK(all.find("tcp")->scheme() == "tcp");
    REQUIRE(all.find("ipc"));
    CHECK(all.find("ipc")->scheme() == "ipc");
    for (const auto* name : {"", "TCP", "tcp ", "udp", "inproc", "ws"})
        CHECK(!all.find(name));

    const registry copy = all;
    CHECK(copy.find("tcp") == all.find("tcp"));
}

TEST_CASE("an address that cannot be understood is refused with the reason, before anything opens")
{
    asio::io_context io;
    const registry all;
    for (const auto* text : {"tcp://nowhere", "tcp://*:x", "ipc://@"})
    {
        const auto where = endpoint::parse(text);
        const auto* kind = all.find(where->scheme());
        failure why;
        CHECK(!kind->listen(io.get_executor(), *where, {}, why));
        CHECK(why.error == ferry::errc::invalid_endpoint);
        CHECK(!why.detail.empty());
        why = {};
        CHECK(!kind->make_connector(io.get_executor(), *where, {}, why));
        CHECK(why.error == ferry::errc::invalid_endpoint);
        CHECK(!why.detail.empty());
    }
}
