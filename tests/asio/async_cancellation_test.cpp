// Cancellation and the end: a cancelled operation did nothing, and none is forgotten.

#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <variant>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

#include "tests/support/catch.hpp"

using namespace ferry;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

namespace
{

constexpr auto patience = 20s;

void run(asio::io_context& io)
{
    io.restart();
    io.run_for(patience);
    REQUIRE(io.stopped());
}

/// How many messages a race is about: 20,000, or what FERRY_RACES says.
int races()
{
    const char* wanted = std::getenv("FERRY_RACES");
    return wanted != nullptr ? std::stoi(wanted) : 20'000;
}

}  // namespace

TEST_CASE("a cancelled receive has consumed nothing, whichever kind of cancellation it was")
{
    const auto kind = GENERATE(asio::cancellation_type::terminal, asio::cancellation_type::partial,
        asio::cancellation_type::total);
    context ctx;
    asio::io_context io;
    pull_socket pull{ctx};
    push_socket push{ctx};
    push.connect(pull.bind("inproc://cancelled-receive"));
    asio::cancellation_signal signal;
    std::optional<std::error_code> first;
    std::string second;
    pull.async_receive(asio::bind_cancellation_slot(
        signal.slot(), asio::bind_executor(io, [&](std::error_code error, const message& m) {
            first = error;
            CHECK(m.empty());
        })));
    SECTION("before a message came")
    {
        signal.emit(kind);
        push.send("kept");
    }
    SECTION("after it came, and before the handler was called")
    {
        push.send("kept");
        signal.emit(kind);
    }
    pull.async_receive(asio::bind_executor(
        io, [&](std::error_code, const message& m) { second = m.front().text(); }));
    run(io);
    CHECK(first == asio::error::operation_aborted);
    CHECK(second == "kept");
}

TEST_CASE("a cancelled send has queued nothing, though there may be room")
{
    context ctx;
    asio::io_context io;
    push_socket push{ctx, {.send_hwm = 1}};
    pull_socket pull{ctx, {.receive_hwm = 1}};
    push.connect(pull.bind("inproc://cancelled-send"));
    int queued = 0;
    const bool has_room = GENERATE(true, false);
    while (!has_room && push.try_send("filler"))
        ++queued;
    asio::cancellation_signal signal;
    std::optional<std::error_code> outcome;
    push.async_send("lost",
        asio::bind_cancellation_slot(signal.slot(),
            asio::bind_executor(io, [&](std::error_code error) { outcome = error; })));
    signal.emit(asio::cancellation_type::total);
    run(io);
    CHECK(outcome == asio::error::operation_aborted);
    while (pull.try_receive())
        --queued;
    CHECK(queued == 0);
}

TEST_CASE(
    "closing or destroying a socket aborts what is pending, not inline; shutdown terminates it")
{
    auto ctx = std::make_unique<context>();
    asio::io_context io;
    auto pull = std::make_unique<pull_socket>(*ctx);
    std::vector<std::error_code> outcomes;
    auto note = asio::bind_executor(
        io, [&](std::error_code error, const message&) { outcomes.push_back(error); });
    pull->async_receive(note);
    pull->async_receive(note);
    pull->async_wait_for_peers(
        1, asio::bind_executor(io, [&](std::error_code error) { outcomes.push_back(error); }));
    std::error_code expected = asio::error::operation_aborted;
    SECTION("close")
    {
        pull->close();
    }
    SECTION("destroy")
    {
        pull.reset();
    }
    SECTION("shutdown")
    {
        ctx->shutdown();
        expected = errc::terminated;
    }
    SECTION("the context's end")
    {
        ctx.reset();
        expected = errc::terminated;
    }
    CHECK(outcomes.empty());
    run(io);
    CHECK(outcomes == std::vector<std::error_code>(3, expected));
}

TEST_CASE("handlers without an executor of their own are called before the context is gone")
{
    std::optional<std::error_code> outcome;
    {
        context ctx;
        pull_socket pull{ctx};
        pull.async_receive([&](std::error_code error, const message&) { outcome = error; });
    }
    CHECK(outcome == asio::error::operation_aborted);
}

TEST_CASE("an operation begun on a closed socket fails, and one of an ended context too")
{
    auto ctx = std::make_unique<context>();
    pull_socket pull{*ctx};
    pull_socket closed{*ctx};
    closed.close();
    CHECK_THROWS_AS(closed.async_receive(asio::use_future).get(), std::system_error);
    ctx.reset();
    auto late = pull.async_receive(asio::use_future);
    REQUIRE(late.wait_for(patience) == std::future_status::ready);
    CHECK_THROWS_AS(late.get(), std::system_error);
}

TEST_CASE("async_close completes when everything is delivered, and says what was given up")
{
    context ctx;
    push_socket push{ctx};
    pull_socket pull{ctx};
    push.connect(pull.bind("tcp://127.0.0.1:*"));
    for (int i = 0; i < 100; ++i)
        push.send(std::string(10'000, 'x'));
    auto closed = push.async_close(asio::use_future);
    for (int i = 0; i < 100; ++i)
        REQUIRE(pull.receive_for(10s));
    REQUIRE(closed.wait_for(patience) == std::future_status::ready);
    CHECK(closed.get() == 0);

    push_socket nobody{ctx, {.linger = 10ms}};
    nobody.connect("tcp://127.0.0.1:1");
    for (int i = 0; i < 3; ++i)
        nobody.send("nobody hears this");
    CHECK(nobody.async_close(asio::use_future).get() == 3);
}

TEST_CASE("an io_context that is destroyed takes its handlers along, and the socket goes on")
{
    context ctx;
    pull_socket pull{ctx};
    push_socket push{ctx};
    push.connect(pull.bind("inproc://abandoned"));
    bool called = false;
    {
        asio::io_context io;
        push.send("one");
        pull.async_receive(
            asio::bind_executor(io, [&](std::error_code, const message&) { called = true; }));
    }
    CHECK_FALSE(called);
    CHECK(pull.receive_for(10s));
}

TEST_CASE("a context may go before the loop on which its last handlers run")
{
    asio::io_context io;
    std::optional<std::error_code> outcome;
    {
        context ctx;
        pull_socket pull{ctx};
        pull.async_receive(asio::bind_executor(
            io, [&](std::error_code error, const message&) { outcome = error; }));
    }
    run(io);
    CHECK(outcome == asio::error::operation_aborted);
}

TEST_CASE("a cancellation signal may go before the operation it could have cancelled")
{
    const auto kept = std::make_shared<int>(0);
    {
        asio::io_context io;
        context ctx;
        pull_socket pull{ctx};
        asio::cancellation_signal signal;
        pull.async_receive(asio::bind_cancellation_slot(
            signal.slot(), asio::bind_executor(io, [kept](std::error_code, const message&) {})));
        CHECK(kept.use_count() == 2);
    }
    CHECK(kept.use_count() == 1);
}

TEST_CASE("a poll of an ended context answers")
{
    auto ctx = std::make_unique<context>();
    pull_socket pull{*ctx};
    poller poll;
    poll.add(pull);
    ctx.reset();
    auto late = poll.async_wait(asio::use_future);
    REQUIRE(late.wait_for(patience) == std::future_status::ready);
    CHECK_THROWS_AS(late.get(), std::system_error);
}

TEST_CASE("a receive begun behind a send of REQ is served behind it; an empty message is refused")
{
    context ctx;
    rep_socket server{ctx};
    req_socket client{ctx};
    client.connect(server.bind("inproc://in-turns"));
    client.async_send("question", asio::detached);
    auto answer = client.async_receive(asio::use_future);
    server.send(server.receive());
    REQUIRE(answer.wait_for(patience) == std::future_status::ready);
    CHECK(answer.get().front().text() == "question");
    CHECK_THROWS_AS(client.async_send(message(), asio::use_future).get(), std::system_error);
}

TEST_CASE("receive() || timer loses no message and doubles none, however they race")
{
    const std::string endpoint = GENERATE("inproc://races", "tcp://127.0.0.1:*");
    const bool is_on_loop = GENERATE(false, true);
    CAPTURE(endpoint, is_on_loop);
    asio::io_context io;
    std::optional<context> ctx;
    is_on_loop ? ctx.emplace(io.get_executor()) : ctx.emplace();
    pull_socket pull{*ctx};
    push_socket push{*ctx};
    push.connect(pull.bind(endpoint));
    const int messages = races();
    int received = 0;
    int timeouts = 0;
    bool in_order = true;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            std::minstd_rand random(7);
            asio::steady_timer timer(io);
            while (received < messages)
            {
                timer.expires_after(std::chrono::microseconds(random() % 10));
                auto first = co_await (pull.async_receive(asio::use_awaitable) ||
                    timer.async_wait(asio::use_awaitable));
                if (message* m = std::get_if<0>(&first))
                    in_order = m->front().text() == std::to_string(received++) && in_order;
                else
                    ++timeouts;
            }
            io.stop();
        },
        asio::detached);
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            std::minstd_rand random(8);
            asio::steady_timer timer(io);
            for (int i = 0; i < messages; ++i)
            {
                if (is_on_loop || random() % 4 == 0)
                {
                    timer.expires_after(std::chrono::microseconds(random() % 30));
                    co_await timer.async_wait(asio::use_awaitable);
                }
                co_await push.async_send(std::to_string(i), asio::use_awaitable);
            }
        },
        asio::detached);
    io.run_for(60s * (messages / 20'000 + 1));
    CHECK(received == messages);
    CHECK(in_order);
    CHECK(timeouts > 0);
    CHECK_FALSE(pull.try_receive());
    WARN(received << " received, " << timeouts << " times the timer was first");
}

TEST_CASE("send() || timer says truly whether the message was sent")
{
    const bool is_on_loop = GENERATE(false, true);
    asio::io_context io;
    std::optional<context> ctx;
    is_on_loop ? ctx.emplace(io.get_executor()) : ctx.emplace();
    push_socket push{*ctx, {.send_hwm = 2}};
    pull_socket pull{*ctx, {.receive_hwm = 2}};
    push.connect(pull.bind("inproc://send-races"));
    const int messages = races();
    int sent = 0;
    int received = 0;
    bool done = false;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            std::minstd_rand random(9);
            asio::steady_timer timer(io);
            while (sent < messages)
            {
                timer.expires_after(std::chrono::microseconds(random() % 20));
                const auto first =
                    co_await (push.async_send(std::to_string(sent), asio::use_awaitable) ||
                        timer.async_wait(asio::use_awaitable));
                sent += first.index() == 0;
            }
            done = true;
        },
        asio::detached);
    bool in_order = true;
    std::function<void()> take = [&] {
        while (auto m = pull.try_receive())
            in_order = m->front().text() == std::to_string(received++) && in_order;
        if (!done || received < messages)
            asio::post(io, take);
    };
    take();
    io.run_for(60s * (messages / 20'000 + 1));
    CHECK(sent == messages);
    CHECK(received == messages);
    CHECK(in_order);
}
