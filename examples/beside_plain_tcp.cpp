// Ferry beside Asio's own sockets: one program, one thread, one loop, that echoes what comes over
// plain TCP, and what comes in ZeroMQ messages. Ends on Ctrl-C.
//
//     beside_plain_tcp [endpoint] [tcp-port]
#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include <asio/as_tuple.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <ferry/ferry.hpp>

namespace
{

using asio::ip::tcp;

asio::awaitable<void> echo_octets(tcp::socket stream)
{
    std::array<char, 4096> octets{};
    for (;;)
    {
        const auto [failed, size] = co_await stream.async_read_some(
            asio::buffer(octets), asio::as_tuple(asio::use_awaitable));
        if (failed)
            co_return;  // the end of this stream, in whatever way
        co_await asio::async_write(stream, asio::buffer(octets, size), asio::use_awaitable);
    }
}

asio::awaitable<void> accept_streams(tcp::acceptor& acceptor)
{
    for (;;)
    {
        tcp::socket stream = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), echo_octets(std::move(stream)), asio::detached);
    }
}

asio::awaitable<void> echo_messages(ferry::rep_socket& server)
{
    for (;;)
    {
        ferry::message m = co_await server.async_receive(asio::use_awaitable);
        co_await server.async_send(std::move(m), asio::use_awaitable);
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
    const std::string endpoint = argc > 1 ? argv[1] : "tcp://*:5555";
    const auto port = static_cast<asio::ip::port_type>(argc > 2 ? std::stoul(argv[2]) : 7777);

    asio::io_context io;
    ferry::context context{io.get_executor()};
    ferry::rep_socket server{context};
    std::cout << "listening on " << server.bind(endpoint) << std::endl;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), port}};
    std::cout << "and plainly on " << acceptor.local_endpoint() << std::endl;

    asio::co_spawn(io, echo_messages(server), fail);
    asio::co_spawn(io, accept_streams(acceptor), fail);
    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&io](std::error_code, int) { io.stop(); });
    io.run();
    std::cout << "interrupted, good-bye" << std::endl;
}
catch (const std::exception& failure)
{
    std::cerr << failure.what() << '\n';
    return 1;
}
