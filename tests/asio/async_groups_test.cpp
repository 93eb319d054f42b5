// The poller and the proxy without blocking, on Ferry's thread and on the program's loop.

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;
using namespace std::chrono_literals;

TEST_CASE("an asynchronous poll tells which sockets are ready, with their tags")
{
    context ctx;
    pull_socket one{ctx};
    pull_socket other{ctx};
    push_socket push{ctx};
    one.bind("inproc://poll-one");
    push.connect(other.bind("inproc://poll-other"));
    poller poll;
    poll.add(one, poll_events::readable, 1);
    poll.add(other, poll_events::readable, 2);
    auto ready = poll.async_wait(asio::use_future);
    CHECK(ready.wait_for(20ms) == std::future_status::timeout);
    push.send("work");
    REQUIRE(ready.wait_for(patience) == std::future_status::ready);
    const auto found = ready.get();
    REQUIRE(found.size() == 1);
    CHECK(found[0].socket == &other);
    CHECK(found[0].tag == 2);
    CHECK(poll.async_wait(asio::use_future).get().size() == 1);  // level-triggered
}

TEST_CASE("an asynchronous poll is cancelled, ends with a closed socket, and needs a socket")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    pull_socket pull{ctx};
    poller poll;
    poll.add(pull);
    asio::cancellation_signal signal;
    std::optional<std::error_code> outcome;
    const auto note = [&](std::error_code error, const std::vector<poll_result>& ready) {
        outcome = error;
        CHECK(ready.empty());
    };
    poll.async_wait(asio::bind_cancellation_slot(signal.slot(), note));
    io.poll();
    CHECK_FALSE(outcome);
    signal.emit(asio::cancellation_type::total);
    io.restart();
    io.run_for(10s);
    CHECK(outcome == asio::error::operation_aborted);

    poll.async_wait(note);
    io.restart();
    io.poll();
    pull.close();
    io.restart();
    io.run_for(10s);
    CHECK(outcome == errc::closed);

    poll.remove(pull);
    CHECK_THROWS_AS(poll.async_wait(asio::use_future).get(), std::system_error);
}

TEST_CASE("an asynchronous proxy passes questions and answers, and copies them to its capture")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    context ctx;
    router_socket front{ctx};
    dealer_socket back{ctx};
    push_socket copies{ctx};
    pull_socket watcher{ctx};
    copies.connect(watcher.bind("inproc://copies-" + transport));
    req_socket client{ctx};
    rep_socket server{ctx};
    client.connect(front.bind(anywhere(transport)));
    server.connect(back.bind(anywhere(transport)));
    auto ended = async_proxy(front, back, &copies, asio::use_future);
    for (int i = 0; i < 100; ++i)
    {
        give(client, std::to_string(i));
        message question = take(server);
        give(server, std::move(question));
        CHECK(take(client).front().text() == std::to_string(i));
        (void)take(watcher);
        (void)take(watcher);
    }
    front.close();
    REQUIRE(ended.wait_for(patience) == std::future_status::ready);
    CHECK_THROWS_AS(ended.get(), std::system_error);
}

TEST_CASE("an asynchronous proxy is cancelled, and refuses what leads nowhere")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    pull_socket front{ctx};
    push_socket back{ctx};
    asio::cancellation_signal signal;
    std::optional<std::error_code> outcome;
    async_proxy(front, back, nullptr,
        asio::bind_cancellation_slot(
            signal.slot(), [&](std::error_code error) { outcome = error; }));
    io.poll();
    CHECK_FALSE(outcome);
    signal.emit(asio::cancellation_type::terminal);
    io.restart();
    io.run_for(10s);
    CHECK(outcome == asio::error::operation_aborted);

    pull_socket another{ctx};
    async_proxy(front, another, nullptr, [&](std::error_code error) { outcome = error; });
    io.restart();
    io.run_for(10s);
    CHECK(outcome == errc::not_supported);
}
