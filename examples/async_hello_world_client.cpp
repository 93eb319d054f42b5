// Hello World, the client, as a coroutine on the program's own loop.
//
//     async_hello_world_client [endpoint] [requests]
#include <iostream>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

namespace
{

asio::awaitable<void> ask(ferry::context& context, std::string endpoint, int requests)
{
    ferry::req_socket client{context};
    client.connect(endpoint);  // returns at once; the server may start later

    for (int asked = 0; asked < requests; ++asked)
    {
        co_await client.async_send("Hello", asio::use_awaitable);
        const ferry::message reply = co_await client.async_receive(asio::use_awaitable);
        std::cout << "received " << reply.front().text() << ' ' << asked << std::endl;
    }
}

}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://localhost:5555";
    const int requests = argc > 2 ? std::stoi(argv[2]) : 10;

    asio::io_context io;
    ferry::context context{io.get_executor()};
    auto end = asio::co_spawn(io, ask(context, endpoint, requests), asio::use_future);
    io.run();
    end.get();  // throws what ended the coroutine, if anything did
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
