// The in-memory stream of tests/support, which other tests lean on.
#include "tests/support/memory_stream.hpp"

#include <array>

#include "tests/support/catch.hpp"
#include "tests/support/transport_rig.hpp"

using namespace ferry::test;

TEST_CASE("octets cross a pair of memory streams both ways")
{
    transport_rig rig;
    const auto pair = make_memory_streams(rig.io.get_executor());
    REQUIRE(rig.write(*pair.first, octets_of("there")));
    CHECK(pair.second->readable_octets() == 5);
    CHECK(text_of(rig.read(*pair.second, 5)) == "there");
    REQUIRE(rig.write(*pair.second, octets_of("back")));
    CHECK(text_of(rig.read(*pair.first, 4)) == "back");
}

TEST_CASE("a memory stream cuts what it reads and writes")
{
    transport_rig rig;
    const auto pair = make_memory_streams(rig.io.get_executor());
    pair.first->script.max_write = 3;
    pair.second->script.max_read = 2;
    std::error_code error;
    const std::array list{octets_of("ab"), octets_of("cdef")};
    CHECK(pair.first->write_some(list, error) == 3);
    std::array<std::byte, 8> buffer{};
    CHECK(pair.second->read_some(buffer, error) == 2);
    CHECK(pair.second->read_some(buffer, error) == 1);
    CHECK(pair.second->read_some(buffer, error) == 0);
    CHECK(error == std::errc::operation_would_block);
}

TEST_CASE("a full memory stream lets a write wait until the peer reads")
{
    transport_rig rig;
    const auto pair = make_memory_streams(rig.io.get_executor());
    pair.first->script.capacity = 4;
    REQUIRE(rig.write(*pair.first, octets_of("1234")));
    io_result written;
    const auto more = octets_of("56");
    pair.first->async_write_some(std::span(&more, 1), written.handler());
    rig.poll();
    CHECK(written.calls == 0);
    CHECK(text_of(rig.read(*pair.second, 6)) == "123456");
    CHECK(rig.run_until([&] { return written.calls == 1; }));
    CHECK(written.size == 2);
}

TEST_CASE("the n-th read or write of a memory stream fails when told to")
{
    transport_rig rig;
    const auto pair = make_memory_streams(rig.io.get_executor());
    pair.first->script.fail_write_at = 2;
    const auto text = octets_of("x");
    std::error_code error;
    CHECK(pair.first->write_some(std::span(&text, 1), error) == 1);
    CHECK(pair.first->write_some(std::span(&text, 1), error) == 0);
    CHECK(error == std::errc::connection_reset);
    CHECK(pair.first->write_some(std::span(&text, 1), error) == 1);

    pair.second->script.fail_read_at = 1;
    pair.second->script.failure = asio::error::timed_out;
    std::array<std::byte, 8> buffer{};
    io_result read;
    pair.second->async_read_some(buffer, read.handler());
    CHECK(read.calls == 0);
    CHECK(rig.run_until([&] { return read.calls == 1; }));
    CHECK(read.error == asio::error::timed_out);
}

TEST_CASE("closing a memory stream ends what it waits for, and the peer reads the end")
{
    transport_rig rig;
    const auto pair = make_memory_streams(rig.io.get_executor());
    std::array<std::byte, 8> buffer{};
    io_result own;
    io_result others;
    pair.first->async_read_some(buffer, own.handler());
    pair.second->async_wait_readable(others.handler());
    pair.first->close();
    CHECK(own.calls + others.calls == 0);
    CHECK(rig.run_until([&] { return own.calls == 1 && others.calls == 1; }));
    CHECK(own.error == asio::error::operation_aborted);
    CHECK(!others.error);
    std::error_code error;
    CHECK(pair.second->read_some(buffer, error) == 0);
    CHECK(error == asio::error::eof);
    const auto text = octets_of("x");
    CHECK(pair.second->write_some(std::span(&text, 1), error) == 0);
    CHECK(error == std::errc::broken_pipe);
}

TEST_CASE("a severed memory stream fails what is outstanding and what comes")
{
    transport_rig rig;
    const auto pair = make_memory_streams(rig.io.get_executor());
    std::array<std::byte, 8> buffer{};
    io_result read;
    pair.first->async_read_some(buffer, read.handler());
    pair.first->sever(asio::error::network_down);
    CHECK(rig.run_until([&] { return read.calls == 1; }));
    CHECK(read.error == asio::error::network_down);
    std::error_code error;
    CHECK(pair.first->read_some(buffer, error) == 0);
    CHECK(error == asio::error::network_down);
}

TEST_CASE("a handler that owns its memory stream goes with the loop")
{
    const auto token = std::make_shared<int>();
    {
        transport_rig rig;
        auto pair = make_memory_streams(rig.io.get_executor());
        const std::shared_ptr<byte_stream> stream = std::move(pair.first);
        static std::array<std::byte, 8> buffer;
        stream->async_read_some(buffer, [stream, token](std::error_code, std::size_t) {});
    }
    CHECK(token.use_count() == 1);
}
