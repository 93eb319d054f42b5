// Asynchronous operations: every completion token, and what is associated with a handler.

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <asio/as_tuple.hpp>
#include <asio/bind_allocator.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/bind_immediate_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/deferred.hpp>
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/system_executor.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

#include "tests/support/catch.hpp"

using namespace ferry;
using namespace std::chrono_literals;

namespace
{

constexpr auto patience = 10s;

/// A PUSH and a PULL that know each other.
struct pipeline
{
    context ctx;
    push_socket push{ctx};
    pull_socket pull{ctx};

    explicit pipeline(const char* endpoint = "tcp://127.0.0.1:*")
    {
        push.connect(pull.bind(endpoint));
        REQUIRE(push.wait_for_peers(1, 10s));
    }
};

/// Runs everything that a handler-made loop has, in this thread, for as long as it may take.
void run(asio::io_context& io)
{
    io.restart();
    io.run_for(patience);
    REQUIRE(io.stopped());
}

}  // namespace

TEST_CASE("a callback gets the message, on the background thread and not in the initiating call")
{
    pipeline p;
    std::promise<std::thread::id> where;
    std::atomic<bool> initiated{false};
    p.push.send("work");
    p.pull.async_receive([&](std::error_code error, const message& m) {
        CHECK_FALSE(error);
        CHECK(m.front().text() == "work");
        while (!initiated)
            std::this_thread::yield();
        where.set_value(std::this_thread::get_id());
    });
    initiated = true;
    auto thread = where.get_future();
    REQUIRE(thread.wait_for(patience) == std::future_status::ready);
    CHECK(thread.get() != std::this_thread::get_id());
}

TEST_CASE("use_future, deferred, as_tuple and redirect_error work as with Asio's own operations")
{
    pipeline p;
    CHECK_NOTHROW(p.push.async_send("one", asio::use_future).get());
    CHECK(p.pull.async_receive(asio::use_future).get().front().text() == "one");

    auto later = p.pull.async_receive(asio::deferred);
    CHECK_NOTHROW(p.push.async_send("two", asio::deferred)(asio::use_future).get());
    auto two = std::move(later)(asio::use_future);
    CHECK(two.get().front().text() == "two");

    CHECK(std::get<0>(p.push.async_send("three", asio::as_tuple(asio::use_future)).get()) ==
        std::error_code());
    std::error_code error = errc::closed;
    const message m = p.pull.async_receive(asio::redirect_error(asio::use_future, error)).get();
    CHECK_FALSE(error);
    CHECK(m.front().text() == "three");

    p.push.async_send("four", asio::detached);
    CHECK(p.pull.receive().front().text() == "four");
}

TEST_CASE("a coroutine on the program's own io_context asks and is answered")
{
    context ctx;
    rep_socket server{ctx};
    req_socket client{ctx};
    client.connect(server.bind("tcp://127.0.0.1:*"));
    asio::io_context io;
    constexpr int questions = 1000;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            for (int i = 0; i < questions; ++i)
            {
                message m = co_await server.async_receive(asio::use_awaitable);
                co_await server.async_send(std::move(m), asio::use_awaitable);
            }
        },
        asio::detached);
    int answers = 0;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            for (int i = 0; i < questions; ++i)
            {
                co_await client.async_send(std::to_string(i), asio::use_awaitable);
                const message m = co_await client.async_receive(asio::use_awaitable);
                answers += m.front().text() == std::to_string(i);
            }
        },
        asio::detached);
    run(io);
    CHECK(answers == questions);
}

TEST_CASE("the default token of a rebound socket needs no word at the call")
{
    using waiting_pull = asio::use_awaitable_t<>::as_default_on_t<pull_socket>;
    context ctx;
    waiting_pull pull{ctx};
    push_socket push{ctx};
    push.connect(pull.bind("inproc://default-token"));
    asio::io_context io;
    std::string received;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            received = (co_await pull.async_receive()).front().text();
        },
        asio::detached);
    push.send("hello");
    run(io);
    CHECK(received == "hello");
}

TEST_CASE("a handler runs on its associated executor")
{
    pipeline p;
    asio::io_context io;
    std::optional<std::thread::id> where;
    p.pull.async_receive(asio::bind_executor(
        io, [&](std::error_code, const message&) { where = std::this_thread::get_id(); }));
    p.push.send("work");
    run(io);
    CHECK(where == std::this_thread::get_id());
}

TEST_CASE(
    "an operation that is ready completes inside its call where an immediate executor allows it")
{
    pipeline p;
    asio::io_context io;
    bool called = false;
    const auto inline_send = [&] {
        p.push.async_send("work",
            asio::bind_immediate_executor(asio::system_executor(),
                asio::bind_executor(
                    asio::system_executor(), [&](std::error_code) { called = true; })));
    };
    inline_send();
    CHECK(called);
    p.pull.async_receive(
        asio::bind_executor(io, [&](std::error_code, const message&) { called = false; }));
    CHECK(called);  // no immediate executor, no call
    run(io);
    CHECK_FALSE(called);
}

namespace
{

struct counts
{
    std::size_t allocations = 0;
    std::size_t open = 0;
};

template <class T>
class counting_allocator
{
public:
    using value_type = T;

    explicit counting_allocator(counts& c) noexcept : shared(&c) {}
    template <class Other>
    counting_allocator(const counting_allocator<Other>& other) noexcept : shared(other.shared)
    {
    }
    T* allocate(std::size_t size)
    {
        ++shared->allocations;
        ++shared->open;
        return std::allocator<T>().allocate(size);
    }
    void deallocate(T* p, std::size_t size)
    {
        --shared->open;
        std::allocator<T>().deallocate(p, size);
    }
    template <class Other>
    bool operator==(const counting_allocator<Other>& other) const noexcept
    {
        return shared == other.shared;
    }
    counts* shared;
};

}  // namespace

TEST_CASE(
    "an operation lives in its handler's allocator, and has let it go when the handler is called")
{
    pipeline p;
    asio::io_context io;
    counts memory;
    std::size_t open_in_handler = 99;
    p.pull.async_receive(asio::bind_executor(io,
        asio::bind_allocator(counting_allocator<void>(memory),
            [&](std::error_code, const message&) { open_in_handler = memory.open; })));
    CHECK(memory.allocations >= 2);  // the erased handler, and the operation
    p.push.send("work");
    run(io);
    CHECK(open_in_handler == 0);
    CHECK(memory.open == 0);
}

TEST_CASE("operations of one socket are served in the order of their beginning")
{
    pipeline p;
    asio::io_context io;
    std::vector<std::string> order;
    for (int i = 0; i < 5; ++i)
        p.pull.async_receive(
            asio::bind_executor(io, [&, i](std::error_code error, const message& m) {
                if (!error)
                    order.push_back(std::to_string(i) + std::string(m.front().text()));
            }));
    for (const char* text : {"a", "b", "c", "d", "e"})
        p.push.send(text);
    run(io);
    CHECK(order == std::vector<std::string>{"0a", "1b", "2c", "3d", "4e"});
}

TEST_CASE("readiness is awaited: peers, subscribers, readable, writable")
{
    context ctx;
    asio::io_context io;
    pub_socket pub{ctx};
    sub_socket sub{ctx};
    std::vector<std::string> events;
    const auto note = [&](const char* what) {
        return asio::bind_executor(io, [&events, what](std::error_code error) {
            events.emplace_back(error ? "failed" : what);
        });
    };
    pub.async_wait_for_subscribers(1, "weather", note("subscriber"));
    const std::string endpoint = pub.bind("tcp://127.0.0.1:*");
    sub.async_wait_for_peers(1, note("peer"));
    sub.connect(endpoint);
    sub.subscribe("weather");
    run(io);
    CHECK(events.size() == 2);
    CHECK(std::count(events.begin(), events.end(), "failed") == 0);

    events.clear();
    sub.async_wait(wait_type::readable, note("readable"));
    pub.async_wait(wait_type::writable, note("writable"));
    io.restart();
    while (io.run_one_for(patience) != 0 && events.empty())
        ;
    CHECK(events == std::vector<std::string>{"writable"});
    pub.send("weather: fine");
    run(io);
    CHECK(events == std::vector<std::string>{"writable", "readable"});
    CHECK(sub.try_receive());
}

TEST_CASE("a blocking call in a handler on Ferry's thread says that it would wait for itself")
{
    pipeline p;
    std::promise<std::error_code> answer;
    p.push.async_send("work", [&](std::error_code) {
        std::error_code error;
        message m = p.pull.receive(error);
        if (!error)
            m = p.pull.receive(error);
        answer.set_value(error);
    });
    CHECK(answer.get_future().get() == errc::would_deadlock);
}

TEST_CASE("asynchronous and blocking callers share a context, and both are served")
{
    pipeline p;
    context& ctx = p.ctx;
    rep_socket server{ctx};
    req_socket client{ctx};
    client.connect(server.bind("tcp://127.0.0.1:*"));
    std::atomic<int> served{0};
    std::function<void()> serve = [&] {
        server.async_receive([&](std::error_code error, message m) {
            if (error)
                return;
            server.async_send(std::move(m), [&](std::error_code failed) {
                ++served;
                if (!failed)
                    serve();
            });
        });
    };
    serve();
    for (int i = 0; i < 1000; ++i)
    {
        client.send("question");
        REQUIRE(client.receive_for(10s));
        p.push.send("work");
        REQUIRE(p.pull.receive_for(10s));
    }
    CHECK(served >= 999);
    server.close();
    asio::post(ctx.get_executor(), asio::use_future).get();  // all handlers have returned
}
