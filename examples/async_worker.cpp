// Parallel pipeline, a worker, as a coroutine on the program's own loop: while it works, the loop
// is free for others. many_workers shows what that is good for.
//
//     async_worker [ventilator] [sink]
#include <chrono>
#include <iostream>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

namespace
{

asio::awaitable<void> work(
    ferry::context& context, std::string ventilator_endpoint, std::string sink_endpoint)
{
    ferry::pull_socket tasks{context};
    tasks.connect(ventilator_endpoint);
    ferry::push_socket results{context};
    results.connect(sink_endpoint);
    std::cout << "ready" << std::endl;

    asio::steady_timer timer{context.get_executor()};
    for (;;)
    {
        ferry::message task = co_await tasks.async_receive(asio::use_awaitable);
        timer.expires_after(std::chrono::milliseconds{std::stoi(task.front().string())});
        co_await timer.async_wait(asio::use_awaitable);
        std::cout << task.front().text() << '.' << std::flush;
        co_await results.async_send(std::move(task), asio::use_awaitable);
    }
}

}  // namespace

int main(int argc, char** argv)
try
{
    const std::string ventilator_endpoint = argc > 1 ? argv[1] : "tcp://localhost:5557";
    const std::string sink_endpoint = argc > 2 ? argv[2] : "tcp://localhost:5558";

    asio::io_context io;
    ferry::context context{io.get_executor()};
    auto end =
        asio::co_spawn(io, work(context, ventilator_endpoint, sink_endpoint), asio::use_future);
    io.run();
    end.get();  // throws what ended the coroutine
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
