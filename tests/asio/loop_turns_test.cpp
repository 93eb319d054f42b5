// What happens within one turn of the program's loop, and what follows it.

#include <functional>
#include <stdexcept>
#include <thread>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include "tests/integration/harness.hpp"
#include "tests/support/raw_peer.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("what is sent in one turn of the program's loop leaves in one write")
{
    constexpr int messages = 200;
    asio::io_context io;
    context ctx{io.get_executor()};
    push_socket push{ctx};
    raw_peer peer = raw_peer::connect(push.bind("tcp://127.0.0.1:*"));
    std::jthread loop([&] { io.run(); });
    peer.handshake("PULL");
    const auto send = [&](bool asynchronously) {
        for (int i = 0; i < messages; ++i)
        {
            if (asynchronously)
                push.async_send(std::to_string(i), asio::detached);
            else
                must(push.try_send(std::to_string(i)), "no room");
        }
    };
    const bool asynchronously = GENERATE(false, true);
    const std::uint32_t before = peer.count_segments();
    push.async_wait_for_peers(1, [&](std::error_code) { send(asynchronously); });
    for (int i = 0; i < messages; ++i)
        CHECK(peer.read_frame().body == std::to_string(i));
    CHECK(peer.count_segments() == before + 1);
    push.async_close(asio::detached);
}

TEST_CASE("a coroutine that sends without end fills batches, and one that then waits has sent all")
{
    constexpr int messages = 5000;
    asio::io_context io;
    context ctx{io.get_executor()};
    push_socket push{ctx};
    raw_peer peer = raw_peer::connect(push.bind("tcp://127.0.0.1:*"));
    std::jthread loop([&] { io.run(); });
    peer.handshake("PULL");
    const std::uint32_t before = peer.count_segments();
    const auto send = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < messages; ++i)
            co_await push.async_send("x", asio::use_awaitable);
        co_await push.async_wait_for_peers(2, asio::use_awaitable);
    };
    asio::co_spawn(io, send(), asio::detached);
    for (int i = 0; i < messages; ++i)
        CHECK(peer.read_frame().body == "x");
    CHECK(peer.count_segments() - before < messages / 4);
    asio::post(io, [&] { push.async_close(asio::detached); });
}

TEST_CASE("a coroutine that never has to wait leaves the others their turns")
{
    constexpr int messages = 10'000;
    asio::io_context io;
    context ctx{io.get_executor()};
    push_socket push{ctx};
    pull_socket pull{ctx};
    push.connect(pull.bind(anywhere("inproc")));
    bool is_over = false;
    int ticks = 0;
    const auto talk = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < messages; ++i)
        {
            co_await push.async_send("x", asio::use_awaitable);
            (void)co_await pull.async_receive(asio::use_awaitable);
        }
        is_over = true;
    };
    std::function<void()> tick = [&] {
        ++ticks;
        if (!is_over)
            asio::post(io, tick);
    };
    asio::co_spawn(io, talk(), asio::detached);
    asio::post(io, tick);
    io.run_for(patience);
    CHECK(is_over);
    CHECK(ticks >= messages / 32);
}

TEST_CASE("what a handler throws leaves run(), and nothing else is lost")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    push_socket push{ctx};
    pull_socket pull{ctx};
    const std::string transport = FERRY_EVERY_TRANSPORT();
    push.connect(pull.bind(anywhere(transport)));
    int sent = 0;
    int received = 0;
    for (int i = 0; i < 10; ++i)
    {
        push.async_send("x", [&](std::error_code) {
            push.async_send("y", [&](std::error_code) { ++sent; });
            throw std::runtime_error("from a handler");
        });
        pull.async_receive([&](std::error_code error, const message&) {
            received += !error;
            pull.async_receive([&](std::error_code later, const message&) { received += !later; });
            throw std::runtime_error("from a handler");
        });
    }
    int thrown = 0;
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (received < 20 && std::chrono::steady_clock::now() < limit)
    {
        try
        {
            io.run_one_for(100ms);
        }
        catch (const std::runtime_error&)
        {
            ++thrown;
        }
    }
    CHECK(thrown == 20);
    CHECK(sent == 10);
    CHECK(received == 20);
}
