// A broker: clients talk to its ROUTER, servers are behind its DEALER, and two coroutines pass on
// what comes in at either side. Ends on Ctrl-C.
//
//     async_broker [endpoint] [server]...
#include <csignal>
#include <iostream>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <ferry/ferry.hpp>

namespace
{

using namespace asio::experimental::awaitable_operators;

// A message is taken only when the one before was passed on, so back-pressure passes through.
template <class From, class To>
asio::awaitable<void> pass_on(From& from, To& to)
{
    for (;;)
    {
        ferry::message m = co_await from.async_receive(asio::use_awaitable);
        co_await to.async_send(std::move(m), asio::use_awaitable);
    }
}

asio::awaitable<void> mediate(ferry::router_socket& clients, ferry::dealer_socket& servers)
{
    asio::signal_set signals{clients.get_executor(), SIGINT, SIGTERM};
    co_await (pass_on(clients, servers) || pass_on(servers, clients) ||
        signals.async_wait(asio::use_awaitable));
    std::cout << "interrupted, good-bye" << std::endl;
}

}  // namespace

int main(int argc, char** argv)
try
{
    asio::io_context io;
    ferry::context context{io.get_executor()};
    ferry::dealer_socket servers{context};
    for (int i = 2; i < argc; ++i)
        servers.connect(argv[i]);
    if (argc < 3)
        servers.connect("tcp://localhost:5555");
    ferry::router_socket clients{context};
    std::cout << "listening on " << clients.bind(argc > 1 ? argv[1] : "tcp://*:5559") << std::endl;

    auto end = asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            co_await mediate(clients, servers);
            co_await clients.async_close(asio::use_awaitable);  // what was passed on is delivered
            co_await servers.async_close(asio::use_awaitable);
        },
        asio::use_future);
    io.run();
    end.get();  // throws what ended the coroutine, if anything did
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
