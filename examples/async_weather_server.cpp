// Weather, the server, as a coroutine on the program's own loop: publishes random observations.
//
//     async_weather_server [endpoint] [zip-codes]
#include <cstdio>
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

std::string observe(int zip_codes)
{
    static std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution zip_code{0, zip_codes - 1};
    std::uniform_int_distribution temperature{-80, 135};
    std::uniform_int_distribution humidity{10, 60};
    char update[40];
    const int size = std::snprintf(update, sizeof update, "%05d %d %d", zip_code(random),
        temperature(random), humidity(random));
    return {update, static_cast<std::size_t>(size)};
}

asio::awaitable<void> publish(ferry::context& context, std::string endpoint, int zip_codes)
{
    ferry::pub_socket publisher{context};
    std::cout << "listening on " << publisher.bind(endpoint) << std::endl;
    co_await publisher.async_wait_for_peers(1, asio::use_awaitable);  // else nobody would hear it

    for (;;)
        co_await publisher.async_send(observe(zip_codes), asio::use_awaitable);
}

}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5556";
    const int zip_codes = argc > 2 ? std::stoi(argv[2]) : 100'000;  // 00000, 00001, and so on

    asio::io_context io;
    ferry::context context{io.get_executor()};
    auto end = asio::co_spawn(io, publish(context, endpoint, zip_codes), asio::use_future);
    io.run();
    end.get();  // throws what ended the coroutine
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
