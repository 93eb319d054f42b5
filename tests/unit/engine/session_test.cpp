// Sessions over in-memory streams, with pipes whose other end the test holds.
#include "engine/session.hpp"

#include <memory>
#include <optional>
#include <string>

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/memory_stream.hpp"

using namespace ferry;
using namespace std::chrono_literals;

namespace
{

struct test_host final : detail::session_host
{
    std::optional<detail::session_pipe> session_ready(
        const protocol::handshake_result& handshake, const transports::stream_description&) override
    {
        ready = handshake;
        if (refuses)
            return {};
        return detail::session_pipe{pipe.b, 0};
    }
    void message_replaced() override { ++replaced; }
    void pipe_closed() override {}
    void session_ended(detail::session_end how) override { end = std::move(how); }

    bool refuses = false;
    int replaced = 0;
    patterns::pipe_pair pipe = patterns::make_pipe({});
    std::optional<protocol::handshake_result> ready;
    std::optional<detail::session_end> end;
};

/// Work of the sessions waits its turn in the test's io_context.
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
    void count_blocked(int change) noexcept override { blocked += change; }
    detail::flood_watch* floods() noexcept override { return watch; }

    asio::io_context& io;
    detail::read_buffers lent;
    detail::flood_watch* watch = nullptr;
    int blocked = 0;
};

/// A PUSH session and a PULL session, back to back.
struct session_pair
{
    explicit session_pair(protocol::connection_options receiver_options = {})
    {
        auto streams = test::make_memory_streams(io.get_executor());
        push_stream = streams.first.get();
        pull_stream = streams.second.get();
        receiver_options.type = socket_type::pull;
        push = std::make_shared<detail::session>(std::move(streams.first),
            protocol::connection_options{.type = socket_type::push}, loop, push_host);
        pull = std::make_shared<detail::session>(
            std::move(streams.second), receiver_options, loop, pull_host);
    }
    void start()
    {
        push->start();
        pull->start();
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
        push_host->pipe.a->send(std::move(m), wakes);
        wakes.run();
    }
    std::optional<message> receive()
    {
        message m;
        const bool got = pull_host->pipe.a->read(m, wakes);
        wakes.run();
        return got ? std::optional(std::move(m)) : std::nullopt;
    }

    asio::io_context io;
    test_loop loop{io};
    patterns::wake_list wakes;
    std::shared_ptr<test_host> push_host = std::make_shared<test_host>();
    std::shared_ptr<test_host> pull_host = std::make_shared<test_host>();
    test::memory_stream* push_stream = nullptr;
    test::memory_stream* pull_stream = nullptr;
    std::shared_ptr<detail::session> push;
    std::shared_ptr<detail::session> pull;
};

}  // namespace

TEST_CASE("two sessions shake hands and each learns the other's type")
{
    session_pair both;
    both.start();
    REQUIRE(both.push_host->ready);
    REQUIRE(both.pull_host->ready);
    CHECK(both.push_host->ready->type == socket_type::pull);
    CHECK(both.pull_host->ready->type == socket_type::push);
}

TEST_CASE("messages cross whole and in order, however the stream cuts them")
{
    const std::size_t cut = GENERATE(1, 2, 7, 1000);
    session_pair both;
    both.push_stream->script.max_write = cut;
    both.pull_stream->script.max_read = cut;
    both.start();
    both.send(message::of("a", "", std::string(300, 'x')));
    both.send("b");
    for (int turns = 0; turns < 100; ++turns)
        both.run();
    CHECK(both.receive() == message::of("a", "", std::string(300, 'x')));
    CHECK(both.receive() == message("b"));
    CHECK_FALSE(both.receive());
}

TEST_CASE("what was queued before the handshake is sent after it")
{
    session_pair both;
    both.send("early");
    both.start();
    CHECK(both.receive() == message("early"));
}

TEST_CASE("a full pipe leaves the stream unread, and room lets it go on")
{
    session_pair both;
    both.pull_host->pipe = patterns::make_pipe({.a_to_b_hwm = 1, .b_to_a_hwm = 2});
    both.start();
    for (int i = 0; i < 10; ++i)
        both.send(std::to_string(i));
    both.run();
    for (int i = 0; i < 10; ++i)
    {
        CHECK(both.receive() == message(std::to_string(i)));
        both.run();
    }
}

TEST_CASE("a session whose pipe is closed delivers what it holds, then closes the stream")
{
    session_pair both;
    both.start();
    for (int i = 0; i < 100; ++i)
        both.push_host->pipe.a->write(std::to_string(i));
    both.push_host->pipe.a->publish(both.wakes);
    both.push_host->pipe.a->close(both.wakes);
    both.wakes.run();
    both.run();
    REQUIRE(both.push_host->end);
    CHECK_FALSE(both.push_host->end->error);
    CHECK(both.push_host->end->unwritten == 0);
    for (int i = 0; i < 100; ++i)
        CHECK(both.receive() == message(std::to_string(i)));
    REQUIRE(both.pull_host->end);
    CHECK(both.pull_host->end->error == errc::connection_closed);
}

TEST_CASE("a conflating pipe keeps the newest message, and the others are counted")
{
    session_pair both;
    both.pull_host->pipe = patterns::make_pipe({.conflate = true});
    both.start();
    for (const char* news : {"old", "older still wanted", "newest"})
        both.send(news);
    both.run();
    CHECK(both.receive() == message("newest"));
    CHECK_FALSE(both.receive());
    CHECK(both.pull_host->replaced == 2);
}

TEST_CASE("a refused peer is disconnected")
{
    session_pair both;
    both.pull_host->refuses = true;
    both.start();
    REQUIRE(both.pull_host->end);
    CHECK(both.pull_host->end->error == errc::peer_refused);
    CHECK_FALSE(both.pull_host->end->was_ready);
    REQUIRE(both.push_host->end);
    CHECK(both.push_host->end->error == errc::connection_closed);
}

TEST_CASE("an incompatible peer is told why, and the session ends with the reason")
{
    asio::io_context io;
    test_loop loop{io};
    auto streams = test::make_memory_streams(io.get_executor());
    const auto left_host = std::make_shared<test_host>();
    const auto right_host = std::make_shared<test_host>();
    const auto left = std::make_shared<detail::session>(std::move(streams.first),
        protocol::connection_options{.type = socket_type::push}, loop, left_host);
    const auto right = std::make_shared<detail::session>(std::move(streams.second),
        protocol::connection_options{.type = socket_type::pub}, loop, right_host);
    left->start();
    right->start();
    io.poll();
    REQUIRE(left_host->end);
    REQUIRE(right_host->end);
    CHECK(left_host->end->error == protocol_errc::incompatible_socket_type);
}

TEST_CASE("a read that fails ends the session with the system's error, at whatever read it happens")
{
    const int at = GENERATE(1, 2, 3);
    session_pair both;
    both.pull_stream->script.fail_read_at = at;
    both.start();
    for (int i = 0; i < 5 && !both.pull_host->end; ++i)
    {
        both.send("x");
        both.run();
    }
    REQUIRE(both.pull_host->end);
    CHECK(both.pull_host->end->error == std::errc::connection_reset);
}

TEST_CASE("messages that a failing stream may have swallowed are counted")
{
    session_pair both;
    both.start();
    both.push_stream->script.capacity = 0;
    for (int i = 0; i < 3; ++i)
        both.send("lost");
    both.run();
    both.push_stream->sever({ECONNRESET, std::system_category()});
    both.run();
    REQUIRE(both.push_host->end);
    CHECK(both.push_host->end->unwritten == 3);
}

TEST_CASE("a message above the limit costs the connection, and nothing is delivered of it")
{
    session_pair both(protocol::connection_options{.max_message_size = 100});
    both.start();
    both.send(std::string(100, 'x'));
    both.send(std::string(101, 'x'));
    both.run();
    CHECK(both.receive() == message(std::string(100, 'x')));
    CHECK_FALSE(both.receive());
    REQUIRE(both.pull_host->end);
    CHECK(both.pull_host->end->error == protocol_errc::frame_too_large);
}

TEST_CASE("a session that is told to end does so, and reports it once")
{
    session_pair both;
    both.start();
    both.push->abort(errc::closed);
    both.push->abort(errc::closed);
    both.run();
    REQUIRE(both.push_host->end);
    CHECK(both.push_host->end->error == errc::closed);
}
