// A context on the program's own loop: no thread, any executor, and an end with the loop's.

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/system_executor.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;
using namespace std::chrono_literals;

namespace
{

std::size_t count_threads()
{
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/task"))
        ++count;
    return count;
}

asio::awaitable<void> answer(rep_socket& server, int times)
{
    for (int i = 0; i < times; ++i)
    {
        message m = co_await server.async_receive(asio::use_awaitable);
        co_await server.async_send(std::move(m), asio::use_awaitable);
    }
}

asio::awaitable<void> ask(req_socket& client, int times, std::atomic<int>& answers)
{
    for (int i = 0; i < times; ++i)
    {
        co_await client.async_send(std::to_string(i), asio::use_awaitable);
        const message m = co_await client.async_receive(asio::use_awaitable);
        answers += m.front().text() == std::to_string(i);
    }
}

/// The same program text on whatever loop: a question is asked and answered, many times.
void converse(context& ctx, const std::string& transport, const std::function<void()>& run)
{
    constexpr int questions = 200;
    std::atomic<int> answers{0};
    rep_socket server{ctx};
    req_socket client{ctx};
    client.connect(server.bind(anywhere(transport)));
    auto served = asio::co_spawn(ctx.get_executor(), answer(server, questions), asio::use_future);
    auto asked =
        asio::co_spawn(ctx.get_executor(), ask(client, questions, answers), asio::use_future);
    // The loop has nothing to do when both are closed.
    std::optional<std::thread> closer;
    const auto close_both = [&] {
        asked.get();
        served.get();
        server.async_close(asio::detached);
        client.async_close(asio::detached);
    };
    if (run)
        closer.emplace(close_both), run(), closer->join();
    else
        close_both();
    CHECK(answers == questions);
}

}  // namespace

TEST_CASE("the same program runs on Ferry's thread and on every executor of the program's")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    SECTION("Ferry's own thread")
    {
        context ctx;
        converse(ctx, transport, {});
    }
    SECTION("an io_context, run by one thread")
    {
        asio::io_context io;
        context ctx{io.get_executor()};
        converse(ctx, transport, [&] { io.run(); });
    }
    SECTION("an io_context, run by three threads")
    {
        asio::io_context io;
        context ctx{io.get_executor()};
        converse(ctx, transport, [&] {
            std::vector<std::jthread> threads;
            for (int i = 0; i < 3; ++i)
                threads.emplace_back([&] { io.run(); });
        });
    }
    SECTION("a thread_pool")
    {
        asio::thread_pool pool(3);
        context ctx{pool.get_executor()};
        converse(ctx, transport, {});
        pool.wait();
    }
    SECTION("a strand of a thread_pool")
    {
        asio::thread_pool pool(3);
        context ctx{asio::make_strand(pool)};
        converse(ctx, transport, {});
        pool.wait();
    }
    SECTION("the system_executor")
    {
        context ctx{asio::system_executor()};
        converse(ctx, transport, {});
    }
}

TEST_CASE("a context on an io_context starts no thread")
{
    const std::size_t before = count_threads();
    asio::io_context io;
    context ctx{io.get_executor()};
    pub_socket pub{ctx};
    sub_socket sub{ctx};
    sub.subscribe("");
    pub.bind("tcp://127.0.0.1:*");
    const std::string endpoint = pub.bind("tcp://localhost:*");
    sub.connect(endpoint);
    sub.connect(pub.bind("ipc://*"));
    bool heard = false;
    pub.async_wait_for_subscribers(1, "news", [&](std::error_code error) {
        CHECK_FALSE(error);
        CHECK(pub.try_send("news"));
    });
    sub.async_receive([&](std::error_code error, const message&) {
        heard = !error;
        CHECK(count_threads() == before);
        io.stop();
    });
    io.run_for(10s);
    CHECK(heard);
}

TEST_CASE("a call that would block on the program's loop says so, one that need not goes through")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    push_socket push{ctx};
    pull_socket pull{ctx};
    push.connect(pull.bind("inproc://users-loop"));
    std::error_code error;
    CHECK(pull.receive(error).empty());
    CHECK(error == errc::would_deadlock);
    CHECK_FALSE(pull.try_receive());
    push.send("work");
    CHECK(pull.receive().front().text() == "work");
    CHECK_FALSE(pull.wait_for_peers(2, 10s, error));
    CHECK(error == errc::would_deadlock);
    poller poll;
    poll.add(pull);
    CHECK(poll.wait(10s, error).empty());
    CHECK(error == errc::would_deadlock);
    CHECK(push.close() == 0);
}

TEST_CASE("destroying sockets and context does not wait, and the loop delivers what was sent")
{
    context receiving;
    pull_socket pull{receiving};
    const std::string endpoint = pull.bind("tcp://127.0.0.1:*");
    asio::io_context io;
    {
        context ctx{io.get_executor()};
        push_socket push{ctx};
        push.connect(endpoint);
        for (int i = 0; i < 100; ++i)
            push.send(std::to_string(i));
    }
    std::thread loop([&] { io.run_for(10s); });
    for (int i = 0; i < 100; ++i)
        CHECK(take(pull).front().text() == std::to_string(i));
    loop.join();
    CHECK(io.stopped());
}

TEST_CASE("a loop that is destroyed first takes everything along, and calls stay harmless")
{
    const std::string transport = FERRY_EVERY_TRANSPORT();
    auto io = std::make_unique<asio::io_context>();
    context ctx{io->get_executor()};
    rep_socket server{ctx};
    req_socket client{ctx};
    client.connect(server.bind(anywhere(transport)));
    const auto called = std::make_shared<bool>(false);
    server.async_receive([called](std::error_code, const message&) { *called = true; });
    client.async_wait_for_peers(1, [&](std::error_code) { io->stop(); });
    io->run_for(10s);
    client.async_receive([called](std::error_code, const message&) { *called = true; });
    client.async_wait_for_peers(2, [called](std::error_code) { *called = true; });
    CHECK(called.use_count() == 4);
    io.reset();
    CHECK(called.use_count() == 1);  // the handlers are gone
    CHECK_FALSE(*called);
    std::error_code error;
    CHECK_FALSE(client.try_receive(error));
    CHECK(error == errc::terminated);
    client.connect("tcp://127.0.0.1:1", error);
    CHECK(error == errc::terminated);
}

TEST_CASE("a forked child drops its context without touching the parent's connections")
{
    asio::io_context io;
    context ctx{io.get_executor()};
    push_socket push{ctx};
    pull_socket pull{ctx};
    push.connect(pull.bind("tcp://127.0.0.1:*"));
    push.async_wait_for_peers(1, [&](std::error_code) { io.stop(); });
    io.run_for(10s);
    push.async_send("before", asio::detached);
    io.notify_fork(asio::execution_context::fork_prepare);
    const pid_t child = ::fork();
    if (child == 0)
    {
        io.notify_fork(asio::execution_context::fork_child);
        std::error_code error;
        const bool refused = !push.try_send("from the child", error) && error == errc::terminated;
        push.close();
        pull.close();
        io.restart();
        io.run_for(100ms);
        ::_exit(refused ? 0 : 1);
    }
    io.notify_fork(asio::execution_context::fork_parent);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    std::vector<std::string> received;
    std::function<void()> next = [&] {
        pull.async_receive([&](std::error_code error, const message& m) {
            if (error)
                return;
            received.emplace_back(m.front().text());
            received.size() == 2 ? io.stop() : next();
        });
    };
    next();
    push.async_send("after", asio::detached);
    io.restart();
    io.run_for(10s);
    CHECK(received == std::vector<std::string>{"before", "after"});
}
