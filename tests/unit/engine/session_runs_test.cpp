// A session that reads many small messages at once puts them into its pipe in runs.
#include "engine/session.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <ferry/detail/received_run.hpp>
#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/memory_stream.hpp"
#include "tests/support/octets.hpp"

using namespace ferry;
using ferry::detail::received_run;
using ferry::test::frame;
using ferry::test::join;
using ferry::test::octet_vector;

namespace
{

struct test_host final : detail::session_host
{
    std::optional<detail::session_pipe> session_ready(
        const protocol::handshake_result&, const transports::stream_description&) override
    {
        return detail::session_pipe{pipe.b, 0, traffic};
    }
    void message_replaced() override {}
    void pipe_closed() override {}
    void session_ended(detail::session_end how) override { end = std::move(how); }

    patterns::pipe_pair pipe;
    std::shared_ptr<detail::traffic_counters> traffic =
        std::make_shared<detail::traffic_counters>();
    std::optional<detail::session_end> end;
};

struct test_loop final : detail::session_loop
{
    explicit test_loop(asio::io_context& where) : io(where) {}
    detail::read_buffers& buffers() noexcept override { return lent; }
    void run_soon(detail::turn_task& task) noexcept override
    {
        asio::post(io, [&task] { task.run_in_turn(); });
    }
    void go_on(detail::turn_task& task) noexcept override { run_soon(task); }
    void serve_others() noexcept override {}
    void count_blocked(int) noexcept override {}
    detail::flood_watch* floods() noexcept override { return nullptr; }

    asio::io_context& io;
    detail::read_buffers lent;
};

/// A PULL session; the test writes what it reads, and holds the other end of its pipe.
struct fed_session
{
    explicit fed_session(const patterns::pipe_options& pipe = {.b_to_a_hwm = 0},
        protocol::connection_options options = {})
    {
        auto streams = test::make_memory_streams(io.get_executor());
        peer = std::move(streams.first);
        host->pipe = patterns::make_pipe(pipe);
        options.type = socket_type::pull;
        subject = std::make_shared<detail::session>(std::move(streams.second), options, loop, host);
        subject->start();
        run();
        feed(join(test::greeting(), test::ready("PUSH"), frame(0, "first")));
        CHECK(receive() == message("first"));
    }
    void run()
    {
        io.poll();
        io.restart();
    }
    /// All of it is there to be read at once.
    void feed(const octet_vector& octets)
    {
        const std::array<std::span<const std::byte>, 1> all{octets};
        std::error_code error;
        CHECK(peer->write_some(all, error) == octets.size());
        run();
    }
    patterns::pipe_end& end() { return *host->pipe.a; }
    /// How many messages the next slot holds if it is a run; 0: it is none.
    std::uint32_t next_run()
    {
        const message* slot = end().peek(wakes);
        return slot != nullptr && received_run::is_run(*slot) ? received_run::messages(*slot) : 0;
    }
    std::optional<message> receive()
    {
        message m;
        const bool got = end().read(m, wakes);
        wakes.run();
        run();
        return got ? std::optional(std::move(m)) : std::nullopt;
    }
    std::uint64_t received() { return host->traffic->traffic().messages_received; }

    asio::io_context io;
    test_loop loop{io};
    patterns::wake_list wakes;
    std::shared_ptr<test_host> host = std::make_shared<test_host>();
    std::unique_ptr<test::memory_stream> peer;
    std::shared_ptr<detail::session> subject;
};

constexpr std::size_t frame_size = 64;
constexpr std::size_t enough = 32 * 1024 / frame_size;

std::string numbered(std::size_t number)
{
    std::string text = std::to_string(number) + ' ';
    text.resize(frame_size - 2, 'x');
    return text;
}

octet_vector frames(std::size_t first, std::size_t count)
{
    octet_vector all;
    for (std::size_t i = first; i < first + count; ++i)
    {
        const octet_vector one = frame(0, numbered(i));
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}

/// Whether just these messages come, in order.
bool come(fed_session& s, std::size_t first, std::size_t count)
{
    for (std::size_t i = first; i < first + count; ++i)
        if (s.receive() != message(numbered(i)))
            return false;
    return true;
}

}  // namespace

TEST_CASE("a read of 32 KiB becomes a run, and one of less does not")
{
    fed_session s;
    s.feed(frames(0, enough - 1));
    CHECK(s.next_run() == 0);
    CHECK(come(s, 0, enough - 1));
    s.feed(frames(0, enough));
    CHECK(s.next_run() == enough);
    CHECK(come(s, 0, enough));
    CHECK_FALSE(s.receive());
    s.feed(frames(0, 1));
    CHECK(s.next_run() == 0);
    CHECK(come(s, 0, 1));
}

TEST_CASE("messages in runs are counted like others")
{
    fed_session s;
    s.feed(frames(0, enough));
    CHECK(s.received() == enough + 1);
    CHECK(s.host->traffic->traffic().bytes_received ==
        frame(0, "first").size() + enough * frame_size);
    CHECK(s.host->traffic->most_to_receive() == enough);
    CHECK(s.end().unread() == enough);
}

TEST_CASE("what is no small message of one frame keeps its place between runs")
{
    fed_session s;
    s.feed(join(frames(0, enough), frame(1, "two"), frame(0, "frames"), frames(enough, 10),
        frame(0, std::string(10'000, 'L')), frames(enough + 10, 10),
        test::command("PING", test::octets("00 00 'ctx'")), frames(enough + 20, 10)));
    CHECK(s.next_run() == enough);
    CHECK(come(s, 0, enough));
    CHECK(s.receive() == message::of("two", "frames"));
    CHECK(s.next_run() == 10);
    CHECK(come(s, enough, 10));
    CHECK(s.receive() == message(std::string(10'000, 'L')));
    CHECK(come(s, enough + 10, 20));
    CHECK_FALSE(s.receive());
    CHECK(s.received() == enough + 30 + 3);
}

TEST_CASE("a message that the read cut goes on with the next read")
{
    const std::size_t cut = GENERATE(1, 2, 3, 63);
    fed_session s;
    const octet_vector all = frames(0, 2 * enough + 2);
    const auto at = std::ptrdiff_t((enough + 1) * frame_size + cut);
    s.feed({all.begin(), all.begin() + at});
    s.feed({all.begin() + at, all.end()});
    CHECK(come(s, 0, 2 * enough + 2));
    CHECK_FALSE(s.receive());
}

TEST_CASE(
    "a session pauses in the middle of a read when the mark is reached, and goes on with room")
{
    const std::size_t hwm = GENERATE(1, 2, 100, enough - 1, enough, enough + 1);
    // What was read before counts until the low-water mark is reached.
    const std::size_t most = hwm > 2 ? hwm - 1 : hwm;
    fed_session s({.b_to_a_hwm = hwm});
    s.feed(frames(0, 2 * enough));
    CHECK(s.host->pipe.b->unread_by_peer() == most);
    s.feed(frames(2 * enough, enough));
    CHECK(s.host->pipe.b->unread_by_peer() == most);
    CHECK(come(s, 0, 3 * enough));
    CHECK_FALSE(s.receive());
    CHECK(s.received() == 3 * enough + 1);
    s.feed(frames(0, enough));
    CHECK(come(s, 0, enough));
}

TEST_CASE("a buffer that a run refers to is not read into again")
{
    fed_session s;
    for (std::size_t i = 0; i < 5; ++i)
    {
        s.feed(frames(i * (enough + 1), enough));
        s.feed(frames(i * (enough + 1) + enough, 1));
    }
    CHECK(come(s, 0, 5 * (enough + 1)));
    CHECK_FALSE(s.receive());
}

TEST_CASE("a run outlives the session and its loop's buffers")
{
    fed_session s;
    s.feed(frames(0, enough));
    CHECK(s.receive() == message(numbered(0)));
    s.peer->close();
    s.run();
    REQUIRE(s.host->end);
    CHECK(s.host->end->error == errc::connection_closed);
    s.subject.reset();
    s.loop.lent.give_back({});
    CHECK(come(s, 1, enough - 1));
    CHECK_FALSE(s.receive());
}

TEST_CASE("at the end of the connection all is delivered for which there was room, and one more")
{
    fed_session s({.b_to_a_hwm = 100});
    s.feed(frames(0, enough));
    s.subject->abort(errc::closed);
    s.run();
    REQUIRE(s.host->end);
    CHECK(come(s, 0, 99 + 1));  // "first" still counted
    CHECK_FALSE(s.receive());
}

TEST_CASE("messages before an illegal frame are delivered, and those behind it are not")
{
    fed_session s({.b_to_a_hwm = 0}, {.max_message_size = 100});
    s.feed(join(frames(0, enough), frame(0, std::string(101, 'x')), frames(enough, 10)));
    REQUIRE(s.host->end);
    CHECK(s.host->end->error == protocol_errc::frame_too_large);
    CHECK(come(s, 0, enough));
    CHECK_FALSE(s.receive());
}

TEST_CASE("what comes after the reader closed the pipe is given up")
{
    fed_session s;
    s.feed(frames(0, enough));
    s.end().close(s.wakes);
    s.wakes.run();
    s.feed(frames(0, enough));
    REQUIRE(s.host->end);
    CHECK_FALSE(s.host->end->error);
    CHECK(s.host->end->unwritten == 0);
}
