// Raw sessions over in-memory streams: one end is the session's, the test reads and writes the other.
#include "engine/raw_session.hpp"

#include <memory>
#include <optional>
#include <string>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/memory_stream.hpp"

using namespace ferry;

namespace
{

struct raw_host final : detail::session_host
{
    std::optional<detail::session_pipe> session_ready(
        const protocol::handshake_result& handshake, const transports::stream_description&) override
    {
        version = handshake.version;
        if (refuses)
            return {};
        return detail::session_pipe{pipe.b, 0, traffic};
    }
    void message_replaced() override {}
    void pipe_closed() override { ++closed; }
    void session_ended(detail::session_end how) override { end = std::move(how); }

    bool refuses = false;
    int closed = 0;
    patterns::pipe_pair pipe = patterns::make_pipe({});
    std::shared_ptr<detail::traffic_counters> traffic =
        std::make_shared<detail::traffic_counters>();
    std::optional<zmtp_version> version;
    std::optional<detail::session_end> end;
};

struct raw_loop final : detail::session_loop
{
    explicit raw_loop(asio::io_context& where) : io(where) {}
    detail::read_buffers& buffers() noexcept override { return lent; }
    void run_soon(detail::turn_task& task) noexcept override
    {
        asio::post(io, [&task] { task.run_in_turn(); });
    }
    void go_on(detail::turn_task& task) noexcept override { run_soon(task); }
    void serve_others() noexcept override {}
    void count_blocked(int change) noexcept override { blocked += change; }
    detail::flood_watch* floods() noexcept override { return nullptr; }

    asio::io_context& io;
    detail::read_buffers lent;
    int blocked = 0;
};

struct raw_rig
{
    explicit raw_rig(bool notifies = false)
    {
        auto streams = test::make_memory_streams(io.get_executor());
        ours = streams.first.get();
        theirs = std::move(streams.second);
        session =
            std::make_shared<detail::raw_session>(std::move(streams.first), notifies, loop, host);
    }
    void start()
    {
        session->start();
        run();
    }
    // Until nothing is left to do but wait.
    void run()
    {
        io.poll();
        io.restart();
    }
    void send(message m)
    {
        host->pipe.a->send(std::move(m), wakes);
        wakes.run();
        run();
    }
    std::optional<message> receive()
    {
        message m;
        const bool got = host->pipe.a->read(m, wakes);
        wakes.run();
        run();
        return got ? std::optional(std::move(m)) : std::nullopt;
    }
    std::string receive_all()
    {
        std::string all;
        while (const auto m = receive())
            all += m->front().text();
        return all;
    }
    void close_pipe()
    {
        host->pipe.a->close(wakes);
        wakes.run();
        run();
    }
    void peer_writes(std::string_view octets)
    {
        std::error_code error;
        const std::span<const std::byte> list[] = {std::as_bytes(std::span(octets))};
        CHECK(theirs->write_some(list, error) == octets.size());
        run();
    }
    std::string peer_reads()
    {
        std::string all;
        std::error_code error;
        std::array<std::byte, 1000> buffer;
        while (const std::size_t size = theirs->read_some(buffer, error))
        {
            all.append(reinterpret_cast<const char*>(buffer.data()), size);
            run();
        }
        return all;
    }

    asio::io_context io;
    raw_loop loop{io};
    patterns::wake_list wakes;
    std::shared_ptr<raw_host> host = std::make_shared<raw_host>();
    test::memory_stream* ours = nullptr;
    std::unique_ptr<transports::byte_stream> theirs;
    std::shared_ptr<detail::raw_session> session;
};

}  // namespace

TEST_CASE("a raw session is ready at once, of no version, and says so where it notifies")
{
    const bool notifies = GENERATE(true, false);
    raw_rig rig(notifies);
    rig.start();
    CHECK(rig.host->version == zmtp_version{0, 0});
    CHECK(rig.receive() == (notifies ? std::optional(message("")) : std::nullopt));
    rig.peer_writes("x");
    rig.theirs->close();
    rig.run();
    REQUIRE(rig.host->end);
    CHECK(rig.host->end->error == errc::connection_closed);
    CHECK(rig.host->end->was_ready);
    CHECK(rig.receive() == message("x"));
    CHECK(rig.receive() == (notifies ? std::optional(message("")) : std::nullopt));
    CHECK_FALSE(rig.receive());
}

TEST_CASE("octets cross a raw session unchanged both ways, however the stream cuts them")
{
    const std::size_t cut = GENERATE(1, 2, 7, 100, 10'000);
    CAPTURE(cut);
    raw_rig rig;
    rig.ours->script.max_read = cut;
    rig.ours->script.max_write = cut;
    rig.start();
    std::string sent;
    for (int i = 0; i < 100; ++i)
    {
        const std::string piece(static_cast<std::size_t>(1 + i * 7 % 120), char('a' + i % 26));
        rig.send(piece);
        sent += piece;
    }
    CHECK(rig.peer_reads() == sent);
    rig.peer_writes(sent);
    CHECK(rig.receive_all() == sent);
    CHECK(rig.host->traffic->traffic().messages_sent == 100);
    CHECK(rig.host->traffic->traffic().bytes_sent == sent.size());
    CHECK(rig.host->traffic->traffic().bytes_received == sent.size());
}

TEST_CASE("a chunk has 8 KiB at most")
{
    raw_rig rig;
    rig.start();
    rig.peer_writes(std::string(20'000, 'x'));
    CHECK(rig.receive()->front().size() == 8192);
    CHECK(rig.receive()->front().size() == 8192);
    CHECK(rig.receive()->front().size() == 20'000 - 2 * 8192);
}

TEST_CASE("a stream that takes no more makes a raw session wait, and is written on when it does")
{
    raw_rig rig;
    rig.ours->script.capacity = 10;
    rig.start();
    std::string sent;
    for (int i = 0; i < 50; ++i)
    {
        rig.send("message " + std::to_string(i));
        sent += "message " + std::to_string(i);
    }
    CHECK(rig.loop.blocked == 1);
    CHECK(rig.peer_reads() == sent);
    CHECK(rig.loop.blocked == 0);
}

TEST_CASE("a full pipe leaves a raw stream unread, and room lets it go on")
{
    raw_rig rig;
    rig.host->pipe = patterns::make_pipe({.a_to_b_hwm = 1, .b_to_a_hwm = 2});
    rig.start();
    std::string sent(100'000, 'x');
    sent.back() = 'y';
    rig.peer_writes(sent);
    CHECK(rig.host->pipe.b->unread_by_peer() == 2);
    CHECK(rig.ours->readable_octets() == sent.size() - 2 * 8192);
    CHECK(rig.receive_all() == sent);
}

TEST_CASE("a raw session whose pipe is closed delivers what it holds, and tells of nothing more")
{
    raw_rig rig(true);
    rig.start();
    CHECK(rig.receive() == message(""));
    for (int i = 0; i < 100; ++i)
        rig.host->pipe.a->write(std::to_string(i % 10));
    rig.host->pipe.a->publish(rig.wakes);
    rig.peer_writes("too late");
    rig.close_pipe();
    REQUIRE(rig.host->end);
    CHECK_FALSE(rig.host->end->error);
    CHECK(rig.host->end->unwritten == 0);
    CHECK(rig.host->closed == 1);
    CHECK(rig.peer_reads().size() == 100);
}

TEST_CASE("finish writes what there is, though the pipe is open")
{
    raw_rig rig;
    rig.start();
    rig.host->pipe.a->write("last");
    rig.host->pipe.a->publish(rig.wakes);
    rig.session->finish();
    rig.run();
    REQUIRE(rig.host->end);
    CHECK_FALSE(rig.host->end->error);
    CHECK(rig.host->closed == 0);
    CHECK(rig.peer_reads() == "last");
}

TEST_CASE("finish while the stream takes nothing waits, and abort counts what is not written")
{
    raw_rig rig;
    rig.ours->script.capacity = 3;
    rig.start();
    rig.send("12345");
    rig.send("6");
    rig.session->finish();
    rig.run();
    CHECK_FALSE(rig.host->end);
    rig.session->abort(errc::closed);
    rig.run();
    REQUIRE(rig.host->end);
    CHECK(rig.host->end->error == errc::closed);
    CHECK(rig.host->end->unwritten == 1);  // the other one is still in the pipe
    CHECK(rig.loop.blocked == 0);
}

TEST_CASE("a failing write at any step ends a raw session after what came in was read")
{
    const int step = GENERATE(1, 2, 3);
    raw_rig rig(true);
    rig.ours->script.max_write = 2;
    rig.ours->script.fail_write_at = step;
    rig.start();
    rig.send("123456");
    CHECK_FALSE(rig.host->end);
    rig.peer_writes("still heard");
    rig.theirs->close();
    rig.run();
    REQUIRE(rig.host->end);
    CHECK(rig.host->end->unwritten == 1);
    CHECK(rig.receive() == message(""));
    CHECK(rig.receive() == message("still heard"));
    CHECK(rig.receive() == message(""));
}

TEST_CASE("a peer that floods and cannot be written to is given up: no sender waits for it")
{
    const bool fails_first = GENERATE(true, false);
    raw_rig rig;
    rig.host->pipe = patterns::make_pipe({.a_to_b_hwm = 1, .b_to_a_hwm = 1});
    rig.start();
    rig.ours->script.fail_write_at = 1;
    if (fails_first)
        rig.send("x");
    rig.peer_writes(std::string(50'000, 'x'));
    if (!fails_first)
        rig.send("x");
    REQUIRE(rig.host->end);
    CHECK(rig.host->end->error == std::errc::connection_reset);
}

TEST_CASE("a failing read ends a raw session, and what came before is delivered")
{
    raw_rig rig(true);
    rig.start();
    rig.peer_writes("x");
    rig.ours->sever({ECONNRESET, std::system_category()});
    rig.run();
    REQUIRE(rig.host->end);
    CHECK(rig.host->end->error == std::errc::connection_reset);
    CHECK(rig.receive() == message(""));
    CHECK(rig.receive() == message("x"));
    CHECK(rig.receive() == message(""));
}

TEST_CASE("a raw peer that the host refuses is disconnected")
{
    raw_rig rig;
    rig.host->refuses = true;
    rig.start();
    REQUIRE(rig.host->end);
    CHECK(rig.host->end->was_refused);
    CHECK_FALSE(rig.host->end->was_ready);
    CHECK(rig.host->end->error == errc::peer_refused);
}

TEST_CASE("a pipe that was closed before a raw session is ready is written out")
{
    raw_rig rig(true);
    rig.host->pipe.a->write("last");
    rig.host->pipe.a->publish(rig.wakes);
    rig.close_pipe();
    rig.start();
    REQUIRE(rig.host->end);
    CHECK_FALSE(rig.host->end->error);
    CHECK(rig.peer_reads() == "last");
}
