// Bare Asio streams, as the coroutines use them: a message is so many octets, without any framing.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/version.hpp>
#include <asio/write.hpp>

#include "bench/support/arguments.hpp"

namespace bench
{

struct bare_asio
{
    static constexpr const char* name = "asio";
    static constexpr bool pushes = false;  // a write each would say nothing of what a batch costs
    static std::string version()
    {
        return std::to_string(ASIO_VERSION / 100'000) + "." +
            std::to_string(ASIO_VERSION / 100 % 1'000) + "." + std::to_string(ASIO_VERSION % 100);
    }

    class end
    {
    public:
        end(const asio::any_io_executor& loop, std::size_t size) : stream_(loop), room_(size) {}
        asio::ip::tcp::socket& get() { return stream_; }

        asio::awaitable<void> send(std::span<const std::byte> body)
        {
            co_await asio::async_write(
                stream_, asio::buffer(body.data(), body.size()), asio::use_awaitable);
        }
        asio::awaitable<std::size_t> receive()
        {
            return asio::async_read(stream_, asio::buffer(room_), asio::use_awaitable);
        }
        asio::awaitable<void> echo()
        {
            co_await asio::async_read(stream_, asio::buffer(room_), asio::use_awaitable);
            co_await asio::async_write(stream_, asio::buffer(room_), asio::use_awaitable);
        }

    private:
        asio::ip::tcp::socket stream_;
        std::vector<std::byte> room_;
    };

    /// Over the loopback, whatever the endpoint.
    class ends
    {
    public:
        ends(const asio::any_io_executor& binders, const asio::any_io_executor& connectors,
            const arguments& a)
            : binding_(binders, a.size), connecting_(connectors, a.size)
        {
            asio::ip::tcp::acceptor acceptor(
                binders, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
            connecting_.get().connect(acceptor.local_endpoint());
            acceptor.accept(binding_.get());
            for (end* each : {&binding_, &connecting_})
                each->get().set_option(asio::ip::tcp::no_delay(true));
        }
        end& binding() { return binding_; }
        end& connecting() { return connecting_; }

    private:
        end binding_;
        end connecting_;
    };
};

}  // namespace bench
