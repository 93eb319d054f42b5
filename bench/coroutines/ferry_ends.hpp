// Ferry on the program's own loops, as the coroutines use it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/use_awaitable.hpp>

#include <ferry/ferry.hpp>

#include "bench/support/arguments.hpp"

namespace bench
{

struct ferry_coroutines
{
    static constexpr const char* name = "ferry";
    static constexpr bool pushes = true;
    static std::string version() { return ferry::library_version(); }

    class end
    {
    public:
        end(ferry::context& owner, ferry::socket_type type) : socket_(owner, type) {}
        ferry::socket& get() { return socket_; }

        asio::awaitable<void> send(std::span<const std::byte> body)
        {
            return socket_.async_send(ferry::message(body), asio::use_awaitable);
        }
        asio::awaitable<std::size_t> receive()
        {
            const ferry::message m = co_await socket_.async_receive(asio::use_awaitable);
            co_return m.front().size();
        }
        asio::awaitable<void> echo()
        {
            ferry::message m = co_await socket_.async_receive(asio::use_awaitable);
            co_await socket_.async_send(std::move(m), asio::use_awaitable);
        }

    private:
        ferry::socket socket_;
    };

    /// A context for each loop.
    class ends
    {
    public:
        ends(const asio::any_io_executor& binders, const asio::any_io_executor& connectors,
            const arguments& a)
            : context_(binders), binding_(context_, is_trip(a) ? type::rep : type::pull),
              connecting_(binders == connectors ? context_ : second_.emplace(connectors),
                  is_trip(a) ? type::req : type::push)
        {
            connecting_.get().connect(binding_.get().bind(a.endpoint));
        }
        end& binding() { return binding_; }
        end& connecting() { return connecting_; }

    private:
        using type = ferry::socket_type;
        static bool is_trip(const arguments& a) { return a.pattern == pattern::req_rep; }

        ferry::context context_;
        std::optional<ferry::context> second_;
        end binding_;
        end connecting_;
    };
};

}  // namespace bench
