// The code of the page "Ferry and Asio" (docs/guide/ferry-and-asio.md): each piece between two
// markers stands there as it stands here, and here it runs and is checked.
#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <variant>
#include <vector>

#include <asio.hpp>
#include <asio/experimental/awaitable_operators.hpp>

#include <ferry/ferry.hpp>

#include <sys/wait.h>
#include <unistd.h>

namespace
{

using namespace std::chrono_literals;

void check(bool as_it_should_be, const char* what)
{
    if (!as_it_should_be)
        throw std::runtime_error(what);
}

/// A PUSH and a PULL that know each other, served by Ferry's own thread.
struct pipeline
{
    ferry::context context;
    ferry::push_socket push{context};
    ferry::pull_socket pull{context};

    pipeline() { push.connect(pull.bind("inproc://pipeline")); }
};

/// Runs a coroutine on a loop of its own until it has ended, and hands on what it threw.
template <class Function>
void run(Function function)
{
    asio::io_context io;
    auto end = asio::co_spawn(io, std::move(function), asio::use_future);
    io.run();
    end.get();
}

// --- tokens ------------------------------------------------------------------------------

void callback()
{
    pipeline p;
    ferry::pull_socket& pull = p.pull;
    std::promise<std::string> result;
    // [callback]
    pull.async_receive([&result](std::error_code error, const ferry::message& m) {
        result.set_value(error ? error.message() : m.front().string());
    });
    // [/callback]
    p.push.send("work");
    check(result.get_future().get() == "work", "the callback got something else");
}

// [awaitable]
asio::awaitable<void> answer(ferry::rep_socket& server, int requests)
{
    for (int i = 0; i < requests; ++i)
    {
        ferry::message m = co_await server.async_receive(asio::use_awaitable);
        co_await server.async_send(std::move(m), asio::use_awaitable);
    }
}
// [/awaitable]

void awaitable_and_future()
{
    // [own-thread]
    ferry::context context;  // Ferry's own thread does the work
    ferry::rep_socket server{context};
    ferry::req_socket client{context};
    client.connect(server.bind("tcp://127.0.0.1:*"));
    asio::co_spawn(context.get_executor(), answer(server, 1), asio::detached);
    // [/own-thread]

    // [future]
    client.async_send("Hello", asio::use_future).get();
    std::future<ferry::message> reply = client.async_receive(asio::use_future);
    std::cout << "the answer is " << reply.get() << std::endl;
    // [/future]
}

void deferred_and_detached()
{
    pipeline p;
    ferry::push_socket& push = p.push;
    ferry::pull_socket& pull = p.pull;
    // [detached]
    push.async_send("work", asio::detached);
    // [/detached]
    // [deferred]
    auto receive = pull.async_receive(asio::deferred);  // nothing has begun yet
    const ferry::message m = std::move(receive)(asio::use_future).get();
    // [/deferred]
    check(m == "work", "the deferred operation received something else");
}

void errors_as_values()
{
    pipeline p;
    ferry::push_socket& push = p.push;
    ferry::pull_socket& pull = p.pull;
    run([&]() -> asio::awaitable<void> {
        // [as-tuple]
        auto [failed] = co_await push.async_send("work", asio::as_tuple(asio::use_awaitable));
        auto [error, m] = co_await pull.async_receive(asio::as_tuple(asio::use_awaitable));
        // [/as-tuple]
        check(!failed && !error && m == "work", "as_tuple");

        push.send("more");
        // [redirect-error]
        std::error_code problem;
        const ferry::message next =
            co_await pull.async_receive(asio::redirect_error(asio::use_awaitable, problem));
        // [/redirect-error]
        check(!problem && next == "more", "redirect_error");
    });
}

// [default-token]
using rep_socket = asio::use_awaitable_t<>::as_default_on_t<ferry::rep_socket>;

asio::awaitable<void> answer(rep_socket& server)
{
    ferry::message m = co_await server.async_receive();
    co_await server.async_send(std::move(m));
}
// [/default-token]

void default_token()
{
    ferry::context context;
    rep_socket server{context};
    ferry::req_socket client{context};
    client.connect(server.bind("inproc://default-token"));
    client.send("Hello");
    run([&] { return answer(server); });
    check(client.receive() == "Hello", "the default token did not answer");
}

void rebound_executor()
{
    ferry::context context;
    ferry::push_socket push{context};
    asio::io_context io;
    // [rebind-executor]
    using loop = asio::io_context::executor_type;
    ferry::pull_socket::rebind_executor<loop>::other pull{context, io.get_executor()};

    pull.async_receive([&io](std::error_code, const ferry::message& m) {
        std::cout << "on the loop: " << m << std::endl;  // in io.run(), not on Ferry's thread
        io.stop();
    });
    // [/rebind-executor]
    push.connect(pull.bind("inproc://rebound"));
    push.send("work");
    const auto work = asio::make_work_guard(io);
    io.run();
}

// --- executors and threads ---------------------------------------------------------------

asio::awaitable<void> serve(ferry::context& context, std::promise<std::string> endpoint)
{
    ferry::rep_socket server{context};
    endpoint.set_value(server.bind("tcp://127.0.0.1:*"));
    co_await answer(server, 1);
}

void own_loop()
{
    std::promise<std::string> bound;
    auto endpoint = bound.get_future();
    std::jthread asking([&endpoint] {
        ferry::context elsewhere;
        ferry::req_socket client{elsewhere};
        client.connect(endpoint.get());
        client.send("Hello");
        check(client.receive() == "Hello", "no answer from the program's own loop");
    });
    // [own-loop]
    asio::io_context io;
    ferry::context context{io.get_executor()};  // no thread: io.run() does the work

    auto end = asio::co_spawn(io, serve(context, std::move(bound)), asio::use_future);
    io.run();   // returns when the coroutine has ended and what it sent has been delivered
    end.get();  // throws what ended the coroutine, if anything did
    // [/own-loop]
}

void threads_and_strands()
{
    // [thread-pool]
    asio::thread_pool pool{4};
    ferry::context context{pool.get_executor()};
    ferry::push_socket push{context};
    ferry::pull_socket pull{context};
    push.connect(pull.bind("inproc://pool"));

    auto strand = asio::make_strand(pool);
    int sum = 0;  // only touched on the strand, so it needs no lock
    for (int i = 1; i <= 10; ++i)
        pull.async_receive(
            asio::bind_executor(strand, [&sum](std::error_code, const ferry::message& m) {
                sum += std::stoi(m.front().string());
            }));
    // [/thread-pool]
    for (int i = 1; i <= 10; ++i)
        push.async_send(std::to_string(i), asio::detached);
    push.async_send("the end", asio::detached);
    std::promise<void> all;
    pull.async_receive(asio::bind_executor(
        strand, [&all](std::error_code, const ferry::message&) { all.set_value(); }));
    all.get_future().get();
    check(sum == 55, "a number is missing");
}

void would_deadlock()
{
    // [would-deadlock]
    asio::io_context io;
    ferry::context context{io.get_executor()};
    ferry::pull_socket pull{context};

    std::error_code error;
    ferry::message m = pull.receive(error);  // nobody would run the loop meanwhile
    if (error == ferry::errc::would_deadlock)
        std::cout << "this call would wait for itself" << std::endl;
    // [/would-deadlock]
    check(error == ferry::errc::would_deadlock, "a blocking call on the program's loop");
}

// --- cancellation ------------------------------------------------------------------------

// [timeout]
using namespace asio::experimental::awaitable_operators;

asio::awaitable<std::optional<ferry::message>> receive_within(
    ferry::pull_socket& pull, std::chrono::milliseconds limit)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, limit};
    auto first =
        co_await (pull.async_receive(asio::use_awaitable) || timer.async_wait(asio::use_awaitable));
    if (first.index() == 0)
        co_return std::get<0>(std::move(first));
    co_return std::nullopt;  // and no message was lost
}
// [/timeout]

void timeout()
{
    pipeline p;
    run([&]() -> asio::awaitable<void> {
        check(!co_await receive_within(p.pull, 1ms), "a message from nowhere");
        p.push.send("work");
        check((co_await receive_within(p.pull, 10s)) == "work", "a message was lost");
    });
}

void cancellation_slot()
{
    pipeline p;
    ferry::push_socket& push = p.push;
    ferry::pull_socket& pull = p.pull;
    asio::io_context io;
    std::error_code outcome;
    // [cancellation-slot]
    asio::cancellation_signal signal;
    pull.async_receive(asio::bind_cancellation_slot(signal.slot(),
        asio::bind_executor(
            io, [&outcome](std::error_code error, const ferry::message&) { outcome = error; })));

    push.send("work");  // it is there, but no handler was called yet
    signal.emit(asio::cancellation_type::total);
    io.run();  // calls the handler, with operation_aborted

    std::optional<ferry::message> m = pull.try_receive();  // "work"
    // [/cancellation-slot]
    check(outcome == asio::error::operation_aborted, "the operation was not cancelled");
    check(m && *m == "work", "the cancelled operation took the message");
}

// --- immediate executors, several operations ---------------------------------------------

void immediate()
{
    pipeline p;
    ferry::push_socket& push = p.push;
    // [immediate]
    bool sent = false;
    push.async_send("work",
        asio::bind_executor(asio::system_executor(),
            asio::bind_immediate_executor(
                asio::system_executor(), [&sent](std::error_code error) { sent = !error; })));
    // There is room, so the handler has been called already: inside async_send.
    // [/immediate]
    check(sent, "it was not called inside the call");
}

void several()
{
    pipeline p;
    ferry::push_socket& push = p.push;
    ferry::pull_socket& pull = p.pull;
    // [several]
    std::vector<std::future<ferry::message>> received;
    for (int i = 0; i < 3; ++i)
        received.push_back(pull.async_receive(asio::use_future));
    for (const char* text : {"first", "second", "third"})
        push.send(text);
    // received[0] gets "first", received[1] "second", received[2] "third".
    // [/several]
    check(received[0].get() == "first", "not the first");
    check(received[1].get() == "second", "not the second");
    check(received[2].get() == "third", "not the third");
}

// [monitor]
asio::awaitable<ferry::monitor_event> wait_for(
    ferry::monitor& events, ferry::monitor_event_type wanted)
{
    for (;;)
    {
        ferry::monitor_event e = co_await events.async_receive(asio::use_awaitable);
        if (e.type == wanted)
            co_return e;
    }
}
// [/monitor]

void watch()
{
    run([]() -> asio::awaitable<void> {
        ferry::context context;
        ferry::rep_socket server{context};
        ferry::req_socket client{context};
        ferry::monitor events{server};
        client.connect(server.bind("tcp://127.0.0.1:*"));
        const auto stands =
            co_await wait_for(events, ferry::monitor_event_type::handshake_succeeded);
        check(stands.peer_type == ferry::socket_type::req, "the monitor tells who came");
    });
}

// --- the end -----------------------------------------------------------------------------

// [until-closed]
asio::awaitable<int> answer_until_closed(ferry::rep_socket& server)
{
    for (int answered = 0;; ++answered)
    {
        auto [error, m] = co_await server.async_receive(asio::as_tuple(asio::use_awaitable));
        if (error == asio::error::operation_aborted || error == ferry::errc::closed)
            co_return answered;  // somebody closed the socket
        if (error)
            throw ferry::error(error, "receive");
        co_await server.async_send(std::move(m), asio::use_awaitable);
    }
}
// [/until-closed]

void close()
{
    asio::io_context io;
    ferry::context context{io.get_executor()};
    ferry::rep_socket server{context};
    ferry::req_socket client{context};
    client.connect(server.bind("tcp://127.0.0.1:*"));
    auto answered = asio::co_spawn(io, answer_until_closed(server), asio::use_future);
    std::size_t given_up = 99;
    auto ask_and_close = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 3; ++i)
        {
            co_await client.async_send("Hello", asio::use_awaitable);
            co_await client.async_receive(asio::use_awaitable);
        }
        co_await client.async_close(asio::use_awaitable);
        // [async-close]
        given_up = co_await server.async_close(asio::use_awaitable);
        // [/async-close]
    };
    asio::co_spawn(io, ask_and_close, asio::detached);
    io.run();
    check(given_up == 0, "an answer was given up");
    check(answered.get() == 3, "not everything was answered");
}

void shutdown()
{
    pipeline p;
    ferry::context& context = p.context;
    ferry::pull_socket& pull = p.pull;
    // [shutdown]
    auto pending = pull.async_receive(asio::as_tuple(asio::use_future));
    context.shutdown();
    const std::error_code error = std::get<0>(pending.get());  // errc::terminated
    // [/shutdown]
    check(error == ferry::errc::terminated, "shutdown did not end the operation");
}

void destroyed_loop()
{
    // [destroyed-loop]
    auto io = std::make_unique<asio::io_context>();
    ferry::context context{io->get_executor()};
    ferry::pull_socket pull{context};
    bool called = false;
    pull.async_receive([&called](std::error_code, const ferry::message&) { called = true; });

    io.reset();  // the handler is destroyed, and not called
    std::error_code error;
    pull.connect("tcp://127.0.0.1:5555", error);  // errc::terminated
    // [/destroyed-loop]
    check(!called, "a handler was called although its loop is gone");
    check(error == ferry::errc::terminated, "the socket did not notice that its loop is gone");
}

int work_without_messages(ferry::push_socket& push)
{
    std::error_code error;
    return !push.try_send("from the child", error) && error == ferry::errc::terminated ? 0 : 1;
}

void fork_beside_a_loop()
{
    asio::io_context io;
    ferry::context context{io.get_executor()};
    ferry::push_socket push{context};
    ferry::pull_socket pull{context};
    push.connect(pull.bind("tcp://127.0.0.1:*"));
    // [fork]
    io.notify_fork(asio::execution_context::fork_prepare);
    const pid_t child = ::fork();
    if (child == 0)
    {
        io.notify_fork(asio::execution_context::fork_child);  // here, Ferry's sockets are closed
        ::_exit(work_without_messages(push));
    }
    io.notify_fork(asio::execution_context::fork_parent);  // here, all goes on
    // [/fork]
    int status = -1;
    check(::waitpid(child, &status, 0) == child && status == 0, "the child could send");
    push.async_send("work", asio::detached);
    auto received = pull.async_receive(asio::use_future);
    while (received.wait_for(0s) != std::future_status::ready)
        io.run_one_for(10s);
    check(received.get() == "work", "the parent's connection broke");
}

}  // namespace

int main()
try
{
    callback();
    awaitable_and_future();
    deferred_and_detached();
    errors_as_values();
    default_token();
    rebound_executor();
    own_loop();
    threads_and_strands();
    would_deadlock();
    timeout();
    cancellation_slot();
    immediate();
    several();
    watch();
    close();
    shutdown();
    destroyed_loop();
    fork_beside_a_loop();
    std::cout << "all of it works" << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
