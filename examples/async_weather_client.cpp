// Weather, the client, as a coroutine on the program's own loop: averages the temperatures of one
// zip code.
//
//     async_weather_client [endpoint] [zip-code] [updates]
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

namespace
{

asio::awaitable<long> add_up(
    ferry::context& context, std::string endpoint, std::string zip_code, int updates)
{
    ferry::sub_socket subscriber{context};
    subscriber.subscribe(zip_code + ' ');  // a prefix: the space keeps other codes out
    subscriber.connect(endpoint);

    long total = 0;
    for (int i = 0; i < updates; ++i)
    {
        const ferry::message update = co_await subscriber.async_receive(asio::use_awaitable);
        std::istringstream fields{update.front().string()};
        std::string zip;
        int temperature = 0;
        fields >> zip >> temperature;
        if (zip != zip_code)
            throw std::runtime_error("an update of zip code " + zip + " came through the filter");
        total += temperature;
    }
    co_return total;
}

}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://localhost:5556";
    const std::string zip_code = argc > 2 ? argv[2] : "10001";
    const int updates = argc > 3 ? std::stoi(argv[3]) : 100;

    asio::io_context io;
    ferry::context context{io.get_executor()};
    auto total = asio::co_spawn(io, add_up(context, endpoint, zip_code, updates), asio::use_future);
    io.run();
    std::cout << "average temperature at zip code " << zip_code << " was " << total.get() / updates
              << "F, over " << updates << " updates" << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
