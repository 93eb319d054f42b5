// What every byte transport must do. A test case calls these functions once per transport; each
// holds sections, so it starts afresh for every one of them.
#pragma once

#include <array>
#include <functional>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/gather_transfer.hpp"
#include "tests/support/transport_rig.hpp"

namespace ferry::test
{

struct transport_under_test
{
    std::string scheme;
    transport_options options;
    std::function<std::string()> fresh_endpoint;  ///< to bind; a wildcard, or a name never used
    bool watched = false;                         ///< streams by a descriptor_watch, not by Asio
};

/// An endpoint where nobody listens (any more).
inline std::string dead_endpoint(transport_rig& rig, const transport_under_test& kind)
{
    const auto once = rig.listen(kind.fresh_endpoint());
    REQUIRE(once);
    return once->bound_endpoint();
}

inline void suite_of_meeting(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    const auto endpoint = listening->bound_endpoint();

    SECTION("both ends say who they are")
    {
        const auto pair = rig.meet(*listening);
        REQUIRE(pair);
        CHECK(endpoint.starts_with(kind.scheme + "://"));
        CHECK(pair.client->description().remote_endpoint == endpoint);
        CHECK(pair.server->description().local_endpoint == endpoint);
        CHECK(pair.client->description().local_endpoint ==
            pair.server->description().remote_endpoint);
        CHECK(!pair.server->description().peer_address.empty());
        for (const auto* end : {pair.client.get(), pair.server.get()})
        {
            CHECK(end->native_handle() >= 0);
            CHECK(end->description().native_handle == end->native_handle());
        }
        CHECK(listening->native_handle() >= 0);
    }
    SECTION("a connection that waits in the backlog is accepted later")
    {
        stream_result connected;
        const auto from = rig.connector_to(endpoint);
        from->async_connect(connected.handler());
        CHECK(connected.calls == 0);
        REQUIRE(rig.run_until([&] { return connected.calls == 1; }));
        CHECK(!connected.error);

        stream_result accepted;
        listening->async_accept(rig.io.get_executor(), accepted.handler());
        CHECK(accepted.calls == 0);
        REQUIRE(rig.run_until([&] { return accepted.calls == 1; }));
        CHECK(!accepted.error);
        CHECK(accepted.stream);
    }
    SECTION("one connector and one listener meet again and again")
    {
        const auto from = rig.connector_to(endpoint);
        for (int round = 0; round < 5; ++round)
        {
            const auto pair = rig.meet(*from, *listening);
            REQUIRE(pair);
            REQUIRE(rig.write(*pair.client, octets_of("again")));
            CHECK(text_of(rig.read(*pair.server, 5)) == "again");
        }
    }
}

inline void suite_of_sharing(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    const auto endpoint = listening->bound_endpoint();

    SECTION("a second attempt beside an outstanding one is refused")
    {
        stream_result first;
        stream_result second;
        const auto from = rig.connector_to(endpoint);
        from->async_connect(first.handler());
        from->async_connect(second.handler());
        CHECK(rig.run_until([&] { return first.calls == 1 && second.calls == 1; }));
        CHECK(!first.error);
        CHECK(second.error == std::errc::connection_already_in_progress);
    }
    SECTION("accepted streams may belong to another loop")
    {
        asio::io_context other;
        stream_result connected;
        stream_result accepted;
        listening->async_accept(other.get_executor(), accepted.handler());
        rig.connector_to(endpoint)->async_connect(connected.handler());
        const auto from = rig.connector_to(endpoint);
        from->async_connect(connected.handler());
        REQUIRE(rig.run_until([&] { return connected.calls == 2 && accepted.calls == 1; }));
        REQUIRE(accepted.stream);
        CHECK(accepted.stream->get_executor() == asio::any_io_executor(other.get_executor()));
    }
    SECTION("what is bound cannot be bound again, and is unharmed by the try")
    {
        transports::failure why;
        CHECK(!rig.listen(endpoint, why));
        CHECK(why.error == std::errc::address_in_use);
        const auto from = rig.connector_to(endpoint);
        stream_result connected;
        from->async_connect(connected.handler());
        CHECK(rig.run_until([&] { return connected.calls == 1; }));
        CHECK(!connected.error);
    }
}

inline void suite_of_octets(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    const auto pair = rig.meet(*listening);
    REQUIRE(pair);

    SECTION("octets go both ways")
    {
        REQUIRE(rig.write(*pair.client, octets_of("there")));
        CHECK(text_of(rig.read(*pair.server, 5)) == "there");
        REQUIRE(rig.write(*pair.server, octets_of("and back")));
        CHECK(text_of(rig.read(*pair.client, 8)) == "and back");
    }
    SECTION("a read and a write may be outstanding together, and complete later")
    {
        std::array<std::byte, 8> buffer{};
        io_result read;
        io_result written;
        const std::array list{octets_of("ab"), octets_of(""), octets_of("c")};
        pair.client->async_read_some(buffer, read.handler());
        pair.client->async_write_some(list, written.handler());
        CHECK(read.calls + written.calls == 0);
        CHECK(rig.run_until([&] { return written.calls == 1; }));
        CHECK(written.size == 3);
        CHECK(read.calls == 0);
        REQUIRE(rig.write(*pair.server, octets_of("xyz")));
        CHECK(rig.run_until([&] { return read.calls == 1; }));
        CHECK(read.size == 3);
    }
}

inline void suite_of_direct_calls(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    const auto pair = rig.meet(*listening);
    REQUIRE(pair);

    SECTION("calls without waiting say when they would block")
    {
        std::array<std::byte, 8> buffer{};
        std::error_code error;
        CHECK(pair.server->read_some(buffer, error) == 0);
        CHECK(error == std::errc::operation_would_block);

        const auto text = octets_of("direct");
        CHECK(pair.client->write_some(std::span(&text, 1), error) == 6);
        CHECK(!error);
        io_result ready;
        pair.server->async_wait_readable(ready.handler());
        CHECK(ready.calls == 0);
        CHECK(rig.run_until([&] { return ready.calls == 1; }));
        CHECK(!ready.error);
        CHECK(pair.server->read_some(buffer, error) == 6);
        CHECK(!error);

        const std::vector<std::byte> much(1 << 20);
        const std::array list{std::span<const std::byte>(much)};
        while (!error)
            (void)pair.client->write_some(list, error);
        CHECK(error == std::errc::operation_would_block);
    }
    SECTION("nothing to read or write is done at once")
    {
        std::error_code error;
        CHECK(pair.client->read_some({}, error) == 0);
        CHECK(!error);
        CHECK(pair.client->write_some({}, error) == 0);
        CHECK(!error);
    }
    SECTION("what is there already is seen by a wait that comes later")
    {
        REQUIRE(rig.write(*pair.client, octets_of("12")));
        CHECK(text_of(rig.read(*pair.server, 1)) == "1");
        for (int round = 0; round < 3; ++round)
        {
            io_result ready;
            pair.server->async_wait_readable(ready.handler());
            CHECK(rig.run_until([&] { return ready.calls == 1; }));
            CHECK(!ready.error);
        }
        CHECK(text_of(rig.read(*pair.server, 1)) == "2");
    }
}

inline void suite_of_expecting(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    auto pair = rig.meet(*listening);
    REQUIRE(pair);
    const std::string most(900, 'm');
    const std::string rest(100, 'r');
    io_result ready;
    pair.server->expect(1000);

    SECTION("a wait ends at the latest with the last octet that is expected")
    {
        pair.server->async_wait_readable(ready.handler());
        REQUIRE(rig.write(*pair.client, octets_of(most)));
        rig.poll();
#ifdef __linux__
        if (kind.scheme == "tcp")
            CHECK(ready.calls == 0);
#endif
        REQUIRE(rig.write(*pair.client, octets_of(rest)));
        CHECK(rig.run_until([&] { return ready.calls == 1; }));
        CHECK(!ready.error);
        CHECK(text_of(rig.read(*pair.server, 1000)) == most + rest);
    }
    SECTION("who expects anything again sees what is there")
    {
        REQUIRE(rig.write(*pair.client, octets_of(most)));
        rig.poll();
        pair.server->expect(1);
        pair.server->async_wait_readable(ready.handler());
        CHECK(rig.run_until([&] { return ready.calls == 1; }));
        CHECK(text_of(rig.read(*pair.server, 900)) == most);
    }
    SECTION("the end of the stream is no longer waited for than any other")
    {
        pair.server->async_wait_readable(ready.handler());
        REQUIRE(rig.write(*pair.client, octets_of(most)));
        pair.client->close();
        CHECK(rig.run_until([&] { return ready.calls == 1; }));
        CHECK(text_of(rig.read(*pair.server, 900)) == most);
    }
}

inline void suite_of_gathering(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    const auto pair = rig.meet(*listening);
    REQUIRE(pair);

    const bool direct = GENERATE(false, true);
    const std::size_t count = GENERATE(1U, 2U, 64U, 200U);
    gather_transfer transfer(*pair.client, *pair.server, count, direct);
    if (count == 1)
        return;  // a list of one empty buffer writes nothing
    transfer.start();
    CHECK(rig.run_until([&] { return transfer.is_done(); }));
    CHECK(transfer.is_exact());
    if (count == 200)
        CHECK(transfer.saw_partial_write());
}

inline void suite_of_ending(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    auto pair = rig.meet(*listening);
    REQUIRE(pair);
    std::array<std::byte, 8> buffer{};

    SECTION("the end of the stream follows the last octet")
    {
        REQUIRE(rig.write(*pair.client, octets_of("bye")));
        pair.client->close();
        CHECK(pair.client->native_handle() == -1);
        io_result ready;
        pair.server->async_wait_readable(ready.handler());
        CHECK(rig.run_until([&] { return ready.calls == 1; }));
        CHECK(text_of(rig.read(*pair.server, 3)) == "bye");

        io_result end;
        pair.server->async_read_some(buffer, end.handler());
        CHECK(rig.run_until([&] { return end.calls == 1; }));
        CHECK(end.error == asio::error::eof);
        std::error_code error;
        CHECK(pair.server->read_some(buffer, error) == 0);
        CHECK(error == asio::error::eof);
    }
    SECTION("writing to somebody who left is an error, not a signal")
    {
        pair.client->close();
        const auto text = octets_of("anybody?");
        std::error_code error;
        for (int round = 0; round < 1000 && !error; ++round)
            (void)pair.server->write_some(std::span(&text, 1), error);
        CHECK((error == std::errc::broken_pipe || error == std::errc::connection_reset));
        io_result result;
        pair.server->async_write_some(std::span(&text, 1), result.handler());
        CHECK(rig.run_until([&] { return result.calls == 1; }));
        CHECK(result.error);
    }
}

inline void suite_of_closing(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    auto pair = rig.meet(*listening);
    REQUIRE(pair);
    std::array<std::byte, 8> buffer{};

    SECTION("closing ends a read, never inline, and may be repeated")
    {
        io_result result;
        pair.server->async_read_some(buffer, result.handler());
        rig.poll();
        pair.server->close();
        pair.server->close();
        CHECK(result.calls == 0);
        CHECK(rig.run_until([&] { return result.calls == 1; }));
        CHECK(result.error == asio::error::operation_aborted);
    }
    SECTION("closing ends a wait")
    {
        io_result result;
        pair.server->async_wait_readable(result.handler());
        rig.poll();
        pair.server->close();
        CHECK(rig.run_until([&] { return result.calls == 1; }));
        CHECK(result.error == asio::error::operation_aborted);
    }
    SECTION("closing ends a write")
    {
        const std::vector<std::byte> much(1 << 20);
        const std::array list{std::span<const std::byte>(much)};
        std::error_code error;
        while (!error)
            (void)pair.server->write_some(list, error);
        io_result result;
        pair.server->async_write_some(list, result.handler());
        rig.poll();
        CHECK(result.calls == 0);
        pair.server->close();
        CHECK(rig.run_until([&] { return result.calls == 1; }));
        CHECK(result.error == asio::error::operation_aborted);
    }
}

inline void suite_of_cancelling(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    auto pair = rig.meet(*listening);
    REQUIRE(pair);
    std::array<std::byte, 8> buffer{};

    SECTION("one operation can be cancelled, and the stream goes on")
    {
        asio::cancellation_signal signal;
        io_result result;
        pair.server->async_read_some(
            buffer, asio::bind_cancellation_slot(signal.slot(), result.handler()));
        rig.poll();
        signal.emit(asio::cancellation_type::terminal);
        CHECK(rig.run_until([&] { return result.calls == 1; }));
        CHECK(result.error == asio::error::operation_aborted);
        REQUIRE(rig.write(*pair.client, octets_of("on")));
        CHECK(text_of(rig.read(*pair.server, 2)) == "on");
    }
    SECTION("destruction ends what is outstanding")
    {
        io_result read;
        pair.server->async_read_some(buffer, read.handler());
        pair.server.reset();
        CHECK(read.calls == 0);
        CHECK(rig.run_until([&] { return read.calls == 1; }));
        CHECK(read.error == asio::error::operation_aborted);
    }
    SECTION("a closed stream refuses")
    {
        pair.client->close();
        std::error_code error;
        const auto text = octets_of("x");
        CHECK(pair.client->read_some(buffer, error) == 0);
        CHECK(error);
        CHECK(pair.client->write_some(std::span(&text, 1), error) == 0);
        CHECK(error);
        io_result result;
        pair.client->async_read_some(buffer, result.handler());
        CHECK(rig.run_until([&] { return result.calls == 1; }));
        CHECK(result.error);
    }
}

inline void suite_of_listeners(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    stream_result accepted;

    SECTION("closing ends an accept, never inline, and may be repeated")
    {
        listening->async_accept(rig.io.get_executor(), accepted.handler());
        rig.poll();
        listening->close();
        listening->close();
        CHECK(listening->native_handle() == -1);
        CHECK(accepted.calls == 0);
        CHECK(rig.run_until([&] { return accepted.calls == 1; }));
        CHECK(accepted.error == asio::error::operation_aborted);
        CHECK(!accepted.stream);
    }
    SECTION("destruction ends an accept")
    {
        listening->async_accept(rig.io.get_executor(), accepted.handler());
        listening.reset();
        CHECK(rig.run_until([&] { return accepted.calls == 1; }));
        CHECK(accepted.error == asio::error::operation_aborted);
    }
    SECTION("streams outlive their listener, and its endpoint is free again")
    {
        const auto endpoint = listening->bound_endpoint();
        const auto pair = rig.meet(*listening);
        REQUIRE(pair);
        listening.reset();
        REQUIRE(rig.write(*pair.server, octets_of("still here")));
        CHECK(text_of(rig.read(*pair.client, 10)) == "still here");
        CHECK(rig.listen(endpoint));
    }
    SECTION("accepting on a closed listener fails")
    {
        listening->close();
        listening->async_accept(rig.io.get_executor(), accepted.handler());
        CHECK(accepted.calls == 0);
        CHECK(rig.run_until([&] { return accepted.calls == 1; }));
        CHECK(accepted.error);
    }
}

inline void suite_of_exhaustion(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    const auto listening = rig.listen(kind.fresh_endpoint());
    REQUIRE(listening);
    stream_result accepted;

    SECTION("no descriptors left is an error, and the listener stays usable")
    {
        stream_result connected;
        const auto from = rig.connector_to(listening->bound_endpoint());
        from->async_connect(connected.handler());
        REQUIRE(rig.run_until([&] { return connected.calls == 1; }));

        rlimit before{};
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        const int lowest_free = ::dup(0);
        ::close(lowest_free);
        rlimit tight = before;
        tight.rlim_cur = static_cast<rlim_t>(lowest_free);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
        listening->async_accept(rig.io.get_executor(), accepted.handler());
        const bool completed = rig.run_until([&] { return accepted.calls == 1; });
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
        CHECK(completed);
        CHECK(accepted.error == std::errc::too_many_files_open);

        listening->async_accept(rig.io.get_executor(), accepted.handler());
        CHECK(rig.run_until([&] { return accepted.calls == 2; }));
        CHECK(!accepted.error);
        CHECK(accepted.stream);
    }
}

inline void suite_of_connectors(const transport_under_test& kind)
{
    transport_rig rig(kind.options, kind.watched);
    stream_result connected;

    SECTION("a refused attempt says so, never inline, and the next one may succeed")
    {
        const auto endpoint = dead_endpoint(rig, kind);
        const auto from = rig.connector_to(endpoint);
        from->async_connect(connected.handler());
        CHECK(connected.calls == 0);
        CHECK(rig.run_until([&] { return connected.calls == 1; }));
        CHECK((connected.error == std::errc::connection_refused ||
            connected.error == std::errc::no_such_file_or_directory));
        CHECK(!connected.stream);

        const auto listening = rig.listen(endpoint);
        REQUIRE(listening);
        from->async_connect(connected.handler());
        CHECK(rig.run_until([&] { return connected.calls == 2; }));
        CHECK(!connected.error);
        CHECK(connected.stream);
    }
    SECTION("cancelling ends the attempt, never inline, and the connector stays usable")
    {
        const auto listening = rig.listen(kind.fresh_endpoint());
        REQUIRE(listening);
        const auto from = rig.connector_to(listening->bound_endpoint());
        from->cancel();
        from->async_connect(connected.handler());
        from->cancel();
        from->cancel();
        CHECK(connected.calls == 0);
        CHECK(rig.run_until([&] { return connected.calls == 1; }));
        CHECK(connected.error == asio::error::operation_aborted);
        CHECK(!connected.stream);
        from->cancel();

        from->async_connect(connected.handler());
        CHECK(rig.run_until([&] { return connected.calls == 2; }));
        CHECK(!connected.error);
    }
    SECTION("destruction ends the attempt")
    {
        const auto listening = rig.listen(kind.fresh_endpoint());
        REQUIRE(listening);
        rig.connector_to(listening->bound_endpoint())->async_connect(connected.handler());
        CHECK(rig.run_until([&] { return connected.calls == 1; }));
        CHECK(connected.error == asio::error::operation_aborted);
    }
}

/// Not one handler survives the loop, even one that owns what it waits for.
inline void suite_of_loops(const transport_under_test& kind)
{
    const auto token = std::make_shared<int>();
    {
        transport_rig rig(kind.options, kind.watched);
        const std::shared_ptr<listener> listening = rig.listen(kind.fresh_endpoint());
        REQUIRE(listening);
        auto pair = rig.meet(*listening);
        REQUIRE(pair);
        const std::shared_ptr<byte_stream> stream = std::move(pair.server);
        const std::shared_ptr<connector> from = rig.connector_to(listening->bound_endpoint());
        static std::array<std::byte, 8> buffer;
        stream->async_read_some(buffer, [stream, token](std::error_code, std::size_t) {});
        from->async_connect([from, token](std::error_code, std::unique_ptr<byte_stream>) {});
        const auto accept = [listening, token](std::error_code, std::unique_ptr<byte_stream>) {};
        listening->async_accept(rig.io.get_executor(), accept);
        CHECK(token.use_count() > 1);
    }
    CHECK(token.use_count() == 1);
}

}  // namespace ferry::test
