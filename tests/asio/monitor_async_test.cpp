// Reading a monitor asynchronously: tokens, order, cancellation, and how it ends.

#include <algorithm>
#include <optional>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

using enum monitor_event_type;

void run(asio::io_context& io)
{
    io.restart();
    io.run_for(patience);
    REQUIRE(io.stopped());
}

}  // namespace

TEST_CASE("a coroutine reads the life of a socket to its end")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    pull_socket pull{ctx};
    push_socket push{ctx};
    monitor events{pull};
    std::vector<monitor_event_type> seen;
    std::optional<std::system_error> end;
    const auto watch = [&]() -> asio::awaitable<void> {
        try
        {
            for (;;)
                seen.push_back((co_await events.async_receive(asio::use_awaitable)).type);
        }
        catch (const std::system_error& e)
        {
            end = e;
        }
    };
    asio::co_spawn(io, watch(), asio::detached);
    push.connect(pull.bind(anywhere("tcp")));
    pull.async_wait_for_peers(1, [&](std::error_code error) {
        CHECK_FALSE(error);
        push.async_close(asio::detached);
        pull.async_close(asio::detached);
    });
    run(io);
    REQUIRE(seen.size() >= 3);
    CHECK(seen[0] == listening);
    CHECK(seen[1] == accepted);
    CHECK(seen[2] == handshake_succeeded);
    REQUIRE(end);
    CHECK(end->code() == errc::closed);
}

TEST_CASE("a monitor on Ferry's own thread is read by a future")
{
    context ctx;
    pull_socket pull{ctx};
    monitor events{pull};
    auto first = events.async_receive(asio::use_future);
    const std::string endpoint = pull.bind(anywhere("tcp"));
    REQUIRE(first.wait_for(patience) == std::future_status::ready);
    CHECK(first.get().endpoint == endpoint);
}

TEST_CASE("reads of one monitor are served in the order of their beginning")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    pull_socket pull{ctx};
    monitor events{pull};
    std::vector<int> served;
    for (int i = 0; i < 4; ++i)
        events.async_receive(
            [&, i](std::error_code, const monitor_event&) { served.push_back(i); });
    (void)pull.bind(anywhere("tcp"));
    (void)pull.bind(anywhere("ipc"));
    io.run_for(50ms);
    CHECK(served == std::vector{0, 1});
    (void)pull.bind(anywhere("tcp"));
    (void)pull.bind(anywhere("tcp"));
    io.run_for(50ms);
    CHECK(served == std::vector{0, 1, 2, 3});
}

TEST_CASE("a cancelled read has taken no event, even if one had come for it")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    pull_socket pull{ctx};
    monitor events{pull};
    asio::cancellation_signal signal;
    std::error_code first;
    std::optional<monitor_event> second;
    events.async_receive(asio::bind_cancellation_slot(
        signal.slot(), [&](std::error_code error, const monitor_event&) { first = error; }));
    events.async_receive([&](std::error_code, const monitor_event& e) { second = e; });
    const bool event_comes_first = GENERATE(false, true);
    if (event_comes_first)
        (void)pull.bind(anywhere("tcp"));
    signal.emit(asio::cancellation_type::total);
    if (!event_comes_first)
        (void)pull.bind(anywhere("tcp"));
    io.run_for(50ms);
    CHECK(first == asio::error::operation_aborted);
    REQUIRE(second);
    CHECK(second->type == listening);
}

TEST_CASE("events and timers race, and no event is lost")
{
    using namespace asio::experimental::awaitable_operators;
    constexpr int binds = 200;
    asio::io_context io;
    context ctx{io.get_executor()};
    pull_socket pull{ctx};
    monitor events{pull};
    int seen = 0;
    const auto watch = [&]() -> asio::awaitable<void> {
        for (int turn = 0; seen < binds; ++turn)
        {
            asio::steady_timer timer(io, std::chrono::microseconds(turn % 7 * 10));
            const auto first = co_await (
                events.async_receive(asio::use_awaitable) || timer.async_wait(asio::use_awaitable));
            seen += first.index() == 0;
        }
    };
    const auto make = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < binds; ++i)
        {
            (void)pull.bind("inproc://monitored-" + std::to_string(i));
            co_await asio::post(asio::use_awaitable);
        }
    };
    bool is_done = false;
    asio::co_spawn(io, watch(), [&](const std::exception_ptr&) { is_done = true, io.stop(); });
    asio::co_spawn(io, make(), asio::detached);
    io.run_for(patience);
    CHECK(is_done);
    CHECK(seen == binds);
    CHECK_FALSE(events.try_receive());
}

TEST_CASE("a monitor that is destroyed ends what reads it, later and with operation_aborted")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    pull_socket pull{ctx};
    std::optional<monitor> events(std::in_place, pull);
    std::error_code outcome;
    events->async_receive([&](std::error_code error, const monitor_event&) { outcome = error; });
    events.reset();
    CHECK_FALSE(outcome);
    run(io);
    CHECK(outcome == asio::error::operation_aborted);
}

TEST_CASE("a loop that is destroyed takes a read along without a call")
{
    const auto held = std::make_shared<int>(0);
    bool called = false;
    {
        std::optional<asio::io_context> io(std::in_place);
        context ctx{io->get_executor()};
        pull_socket pull{ctx};
        monitor events{pull};
        events.async_receive(
            [&called, held](std::error_code, const monitor_event&) { called = true; });
        CHECK(held.use_count() == 2);
        io.reset();
        CHECK(held.use_count() == 1);
    }
    CHECK_FALSE(called);
}
