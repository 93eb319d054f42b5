// Parallel pipeline, the sink, as a coroutine on the program's own loop.
//
//     async_sink [endpoint] [tasks]
#include <chrono>
#include <iostream>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

namespace
{

asio::awaitable<int> receive_number(ferry::pull_socket& sink)
{
    const ferry::message m = co_await sink.async_receive(asio::use_awaitable);
    co_return std::stoi(m.front().string());
}

asio::awaitable<void> collect(ferry::context& context, std::string endpoint, int tasks)
{
    ferry::pull_socket sink{context};
    std::cout << "listening on " << sink.bind(endpoint) << std::endl;

    int total = co_await receive_number(sink);  // 0: the batch begins
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < tasks; ++i)
    {
        total += co_await receive_number(sink);
        std::cout << ((i + 1) % 10 == 0 ? ':' : '.') << std::flush;
    }
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    std::cout << "\nreceived " << tasks << " results, total workload " << total << " ms, in "
              << elapsed.count() << " ms" << std::endl;
}

}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5558";
    const int tasks = argc > 2 ? std::stoi(argv[2]) : 100;

    asio::io_context io;
    ferry::context context{io.get_executor()};
    auto end = asio::co_spawn(io, collect(context, endpoint, tasks), asio::use_future);
    io.run();
    end.get();  // throws what ended the coroutine, if anything did
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
