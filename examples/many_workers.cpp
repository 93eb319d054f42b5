// Many workers in one process and one thread: a coroutine each, which takes a task, waits for as
// many milliseconds as the task says, and hands the result to the sink. To ventilator and sink they
// are as many workers as there are, with a connection each.
//
//     many_workers [ventilator] [sink] [workers]
#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <ferry/ferry.hpp>

namespace
{

// No lock anywhere: all of this runs in one thread.
struct workshop
{
    ferry::context& context;
    std::string ventilator;
    std::string sink;
    int at_work = 0;
    int most_at_work = 0;
    int done = 0;
};

asio::awaitable<void> work(workshop& shop)
{
    ferry::pull_socket tasks{shop.context};
    tasks.connect(shop.ventilator);
    ferry::push_socket results{shop.context};
    results.connect(shop.sink);

    asio::steady_timer timer{shop.context.get_executor()};
    for (;;)
    {
        ferry::message task = co_await tasks.async_receive(asio::use_awaitable);
        shop.most_at_work = std::max(shop.most_at_work, ++shop.at_work);
        timer.expires_after(std::chrono::milliseconds{std::stoi(task.front().string())});
        co_await timer.async_wait(asio::use_awaitable);
        --shop.at_work;
        ++shop.done;
        co_await results.async_send(std::move(task), asio::use_awaitable);
    }
}

// Out of io.run(), and into main's catch.
void fail(const std::exception_ptr& failure)
{
    if (failure)
        std::rethrow_exception(failure);
}

}  // namespace

int main(int argc, char** argv)
try
{
    const int workers = argc > 3 ? std::stoi(argv[3]) : 100;

    asio::io_context io;
    ferry::context context{io.get_executor()};
    workshop shop{context, argc > 1 ? argv[1] : "tcp://localhost:5557",
        argc > 2 ? argv[2] : "tcp://localhost:5558"};
    for (int i = 0; i < workers; ++i)
        asio::co_spawn(io, work(shop), fail);
    std::cout << workers << " workers are ready" << std::endl;

    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&io](std::error_code, int) { io.stop(); });
    io.run();
    std::cout << shop.done << " tasks done, at most " << shop.most_at_work << " at a time"
              << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
