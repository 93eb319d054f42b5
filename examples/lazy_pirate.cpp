// Lazy Pirate: a client that asks again when no answer comes, each time with a new socket, and
// gives up in the end. The Guide's chapter "Reliable Request-Reply Patterns".
//
//     lazy_pirate [endpoint] [requests] [milliseconds] [tries]
#include <chrono>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include <asio/co_spawn.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

namespace
{

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

struct pirate
{
    ferry::context& context;
    std::string endpoint;
    std::chrono::milliseconds patience;
    int tries;
};

// One try. A REQ that got no answer may not ask again, so its socket is given up with it; without
// linger, a request that was not delivered by then never will be.
asio::awaitable<std::optional<ferry::message>> ask(const pirate& who, ferry::message request)
{
    ferry::req_socket client{who.context, {.linger = 0ms}};
    client.connect(who.endpoint);
    asio::steady_timer timer{who.context.get_executor(), who.patience};
    co_await client.async_send(std::move(request), asio::use_awaitable);
    auto first = co_await (
        client.async_receive(asio::use_awaitable) || timer.async_wait(asio::use_awaitable));
    if (first.index() == 0)
        co_return std::get<0>(std::move(first));
    co_return std::nullopt;
}

asio::awaitable<ferry::message> insist(const pirate& who, ferry::message request)
{
    for (int i = 0; i < who.tries; ++i)
    {
        if (auto reply = co_await ask(who, request))
            co_return std::move(*reply);
        std::cout << "no answer within " << who.patience.count() << " ms" << std::endl;
    }
    throw std::runtime_error("the server seems to be offline, giving up");
}

asio::awaitable<void> say_hello(pirate who, int requests)
{
    for (int asked = 0; asked < requests; ++asked)
    {
        const ferry::message reply = co_await insist(who, "Hello");
        std::cout << "received " << reply.front().text() << ' ' << asked << std::endl;
    }
}

}  // namespace

int main(int argc, char** argv)
try
{
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://localhost:5555";
    const int requests = argc > 2 ? std::stoi(argv[2]) : 10;
    const std::chrono::milliseconds patience{argc > 3 ? std::stoi(argv[3]) : 2500};
    const int tries = argc > 4 ? std::stoi(argv[4]) : 3;

    asio::io_context io;
    ferry::context context{io.get_executor()};
    auto end = asio::co_spawn(
        io, say_hello({context, endpoint, patience, tries}, requests), asio::use_future);
    io.run();
    end.get();  // throws what ended the coroutine, if anything did
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
