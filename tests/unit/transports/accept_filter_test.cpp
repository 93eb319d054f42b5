// Who is let in by the filters of tcp and ipc, and how the others are told.
#include <sys/socket.h>
#include <unistd.h>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/transport_rig.hpp"

using namespace ferry::test;
using namespace ferry::transports;

namespace
{

const std::uint32_t our_user = ::geteuid();
const std::uint32_t our_group = ::getegid();
const auto our_process = static_cast<std::uint32_t>(::getpid());

struct meeting
{
    stream_result accepted;
    std::error_code client_read;
};

/// One connection to a listener with these options.
meeting meet(transport_options options, std::string_view where, const std::string& to = {})
{
    transport_rig rig(std::move(options));
    const auto listening = rig.listen(where);
    REQUIRE(listening);
    const std::string& bound = listening->bound_endpoint();
    const auto from = rig.connector_to(to.empty() ? bound : to + bound.substr(bound.rfind(':')));
    stream_result connected;
    meeting result;
    listening->async_accept(rig.io.get_executor(), result.accepted.handler());
    from->async_connect(connected.handler());
    REQUIRE(rig.run_until([&] { return connected.calls == 1 && result.accepted.calls == 1; }));
    REQUIRE(connected.stream);
    if (!result.accepted.error)
    {
        result.accepted.stream.reset();  // before the loop ends
        return result;
    }
    REQUIRE(result.accepted.stream);  // for its description
    CHECK(!result.accepted.stream->description().peer_address.empty());
    result.accepted.stream.reset();
    std::byte octet{};
    io_result read;
    connected.stream->async_read_some({&octet, 1}, read.handler());
    REQUIRE(rig.run_until([&] { return read.calls == 1; }));
    result.client_read = read.error;
    return result;
}

bool is_let_in(transport_options options, std::string_view where, const std::string& to = {})
{
    const meeting result = meet(std::move(options), where, to);
    if (!result.accepted.error)
        return true;
    CHECK(result.accepted.error == ferry::errc::peer_not_allowed);
    CHECK(result.client_read == asio::error::eof);
    return false;
}

bool is_address_let_in(std::vector<std::string> ranges)
{
    transport_options options;
    options.tcp_accept_filter = std::move(ranges);
    return is_let_in(std::move(options), "tcp://127.0.0.1:*");
}

using ids = std::vector<std::uint32_t>;

bool is_process_let_in(ids users, ids groups, ids processes)
{
    transport_options options;
    options.ipc_accept_users = std::move(users);
    options.ipc_accept_groups = std::move(groups);
    options.ipc_accept_processes = std::move(processes);
    return is_let_in(std::move(options), "ipc://*");
}

}  // namespace

TEST_CASE("without a filter, everybody is let in over tcp")
{
    CHECK(is_address_let_in({}));
}

TEST_CASE("over tcp, who is in one of the ranges is let in, and nobody else")
{
    CHECK(is_address_let_in({"127.0.0.0/8"}));
    CHECK(is_address_let_in({"10.0.0.0/8", "127.0.0.1"}));
    CHECK_FALSE(is_address_let_in({"10.0.0.0/8"}));
    CHECK_FALSE(is_address_let_in({"127.0.0.2", "::1"}));
}

TEST_CASE("a socket of both families knows an IPv4 peer by its IPv4 address")
{
    transport_options options;
    options.ipv6 = true;
    options.tcp_accept_filter = {"127.0.0.0/8"};
    CHECK(is_let_in(options, "tcp://*:*", "tcp://127.0.0.1"));
    CHECK_FALSE(is_let_in(options, "tcp://*:*", "tcp://[::1]"));
    options.tcp_accept_filter = {"10.0.0.0/8", "::1"};
    CHECK_FALSE(is_let_in(options, "tcp://*:*", "tcp://127.0.0.1"));
    CHECK(is_let_in(options, "tcp://*:*", "tcp://[::1]"));
}

TEST_CASE("after somebody was turned away, the next one is accepted")
{
    transport_options options;
    options.tcp_accept_filter = {"127.0.0.2"};
    transport_rig rig(options);
    const auto listening = rig.listen("tcp://127.0.0.1:*");
    REQUIRE(listening);
    const std::string& bound = listening->bound_endpoint();
    const auto from = rig.connector_to(bound);
    stream_result connected;
    stream_result refused;
    listening->async_accept(rig.io.get_executor(), refused.handler());
    from->async_connect(connected.handler());
    REQUIRE(rig.run_until([&] { return refused.calls == 1; }));
    CHECK(refused.error == ferry::errc::peer_not_allowed);

    const auto allowed_source = rig.connector_to("tcp://127.0.0.2;" + bound.substr(6));
    stream_result allowed;
    listening->async_accept(rig.io.get_executor(), allowed.handler());
    stream_result again;
    allowed_source->async_connect(again.handler());
    REQUIRE(rig.run_until([&] { return allowed.calls == 1; }));
    CHECK(!allowed.error);
    REQUIRE(allowed.stream);
    CHECK(allowed.stream->description().peer_address == "127.0.0.2");
}

TEST_CASE("without filters, everybody is let in over ipc")
{
    CHECK(is_process_let_in({}, {}, {}));
}

TEST_CASE("over ipc, one filter that names the peer is enough")
{
    CHECK(is_process_let_in({our_user}, {}, {}));
    CHECK(is_process_let_in({}, {our_group}, {}));
    CHECK(is_process_let_in({}, {}, {our_process}));
    CHECK(is_process_let_in({our_user + 1, our_user}, {}, {}));
    CHECK(is_process_let_in({our_user + 1}, {our_group}, {}));
    CHECK(is_process_let_in({our_user + 1}, {our_group + 60'000}, {our_process}));
}

TEST_CASE("over ipc, whom no filter names is turned away")
{
    CHECK_FALSE(is_process_let_in({our_user + 1}, {}, {}));
    CHECK_FALSE(is_process_let_in({}, {our_group + 60'000}, {}));
    CHECK_FALSE(is_process_let_in({}, {}, {our_process + 1}));
    CHECK_FALSE(is_process_let_in({our_user + 1}, {our_group + 60'000}, {our_process + 1}));
}

TEST_CASE("the filters of one transport are nothing to the other")
{
    transport_options options;
    options.tcp_accept_filter = {"10.0.0.0/8"};
    CHECK(is_let_in(options, "ipc://*"));
    options = {};
    options.ipc_accept_users = {our_user + 1};
    CHECK(is_let_in(options, "tcp://127.0.0.1:*"));
}
