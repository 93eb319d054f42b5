// Parallel pipeline, the ventilator, as a coroutine on the program's own loop. A task is a number
// of milliseconds to work for.
//
//     async_ventilator [endpoint] [sink] [workers] [tasks]
#include <iostream>
#include <random>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

namespace
{

asio::awaitable<void> deal(ferry::context& context, std::string endpoint, std::string sink_endpoint,
    std::size_t workers, int tasks)
{
    ferry::push_socket sink{context};
    sink.connect(sink_endpoint);
    ferry::push_socket ventilator{context};
    std::cout << "listening on " << ventilator.bind(endpoint) << std::endl;
    co_await ventilator.async_wait_for_peers(workers, asio::use_awaitable);

    co_await sink.async_send("0", asio::use_awaitable);  // the batch begins
    std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution milliseconds{1, 100};
    int total = 0;
    for (int i = 0; i < tasks; ++i)
    {
        const int workload = milliseconds(random);
        total += workload;
        co_await ventilator.async_send(std::to_string(workload), asio::use_awaitable);
    }
    std::cout << "sent " << tasks << " tasks, total workload " << total << " ms" << std::endl;
}

}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5557";
    const std::string sink_endpoint = argc > 2 ? argv[2] : "tcp://localhost:5558";
    const std::size_t workers = argc > 3 ? std::stoul(argv[3]) : 1;
    const int tasks = argc > 4 ? std::stoi(argv[4]) : 100;

    asio::io_context io;
    ferry::context context{io.get_executor()};
    auto end = asio::co_spawn(
        io, deal(context, endpoint, sink_endpoint, workers, tasks), asio::use_future);
    io.run();   // returns when all tasks have been delivered
    end.get();  // throws what ended the coroutine, if anything did
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
