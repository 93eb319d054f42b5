// Hello World, the server, as a coroutine on the program's own loop: no thread beside main's.
//
//     async_hello_world_server [endpoint] [requests]
#include <iostream>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

namespace
{

asio::awaitable<void> serve(ferry::context& context, std::string endpoint, int requests)
{
    ferry::rep_socket server{context};
    std::cout << "listening on " << server.bind(endpoint) << std::endl;

    for (int served = 0; requests == 0 || served < requests; ++served)
    {
        const ferry::message request = co_await server.async_receive(asio::use_awaitable);
        std::cout << "received " << request.front().text() << std::endl;
        co_await server.async_send("World", asio::use_awaitable);
    }
}

}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5555";
    const int requests = argc > 2 ? std::stoi(argv[2]) : 0;  // 0: for ever

    asio::io_context io;
    ferry::context context{io.get_executor()};
    auto end = asio::co_spawn(io, serve(context, endpoint, requests), asio::use_future);
    io.run();   // returns when the last answer has been delivered
    end.get();  // throws what ended the coroutine, if anything did
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
