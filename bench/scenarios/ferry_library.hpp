// Ferry, as the scenarios use it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <ferry/ferry.hpp>

#include "bench/support/arguments.hpp"

namespace bench
{

struct ferry_library
{
    static constexpr const char* name = "ferry";
    static std::string version() { return ferry::library_version(); }

    class context
    {
    public:
        explicit context(const arguments& a) : context_(options(a)) {}
        ferry::context& get() { return context_; }

    private:
        static ferry::context_options options(const arguments& a)
        {
            ferry::context_options o;
            if (a.tuned)
                o.io_threads = tuning{}.io_threads;
            if (a.busy_poll > 0)
                o.busy_poll = std::chrono::microseconds(a.busy_poll);
            return o;
        }

        ferry::context context_;
    };

    class socket
    {
    public:
        socket(context& owner, socket_kind kind, const arguments& a)
            : socket_(owner.get(), type_of(kind), options(kind, a))
        {
        }

        std::string bind(const std::string& endpoint) { return socket_.bind(endpoint); }
        void connect(const std::string& endpoint) { socket_.connect(endpoint); }
        void subscribe(const std::string& topic) { socket_.subscribe(topic); }

        void wait_for_peers(std::size_t count) { socket_.wait_for_peers(count); }
        void wait_for_subscribers(std::size_t count) { socket_.wait_for_subscribers(count); }
        void wait_for_topics(const std::vector<std::string>& topics)
        {
            for (const auto& topic : topics)
                socket_.wait_for_subscribers(1, topic);
        }

        void send(std::span<const std::byte> body) { socket_.send(body); }
        std::size_t receive() { return socket_.receive().front().size(); }
        std::size_t receive_into(std::span<std::byte> room)
        {
            const auto received = socket_.receive();
            const auto body = received.front().bytes();
            std::copy_n(body.begin(), std::min(body.size(), room.size()), room.begin());
            return body.size();
        }
        void flush() noexcept {}
        void echo() { socket_.send(socket_.receive()); }

        void end_after(std::chrono::milliseconds silence) { socket_.set_receive_timeout(silence); }
        std::optional<std::size_t> receive_or_end()
        {
            std::error_code error;
            const auto received = socket_.receive(error);
            if (error == ferry::errc::timed_out)
                return std::nullopt;
            if (error)
                throw std::system_error(error);
            return received.front().size();
        }

    private:
        static ferry::socket_type type_of(socket_kind kind);
        static ferry::socket_options options(socket_kind kind, const arguments& a);

        ferry::socket socket_;
    };
};

inline ferry::socket_type ferry_library::socket::type_of(socket_kind kind)
{
    switch (kind)
    {
    case socket_kind::push: return ferry::socket_type::push;
    case socket_kind::pull: return ferry::socket_type::pull;
    case socket_kind::req: return ferry::socket_type::req;
    case socket_kind::rep: return ferry::socket_type::rep;
    case socket_kind::dealer: return ferry::socket_type::dealer;
    case socket_kind::router: return ferry::socket_type::router;
    case socket_kind::pub: return ferry::socket_type::pub;
    case socket_kind::sub: return ferry::socket_type::sub;
    }
    return {};
}

inline ferry::socket_options ferry_library::socket::options(socket_kind kind, const arguments& a)
{
    ferry::socket_options o;
    o.xpub_no_drop = kind == socket_kind::pub;
    o.router_mandatory = kind == socket_kind::router;  // waits rather than drops
    if (a.counts_peers)
        o.backlog = connection_backlog;
    if (a.tuned)
    {
        const auto t = tuning::for_size(a.size);
        o.send_hwm = static_cast<std::size_t>(t.high_water_mark);
        o.receive_hwm = static_cast<std::size_t>(t.high_water_mark);
        o.send_buffer = t.buffer_octets;
        o.receive_buffer = t.buffer_octets;
    }
    return o;
}

}  // namespace bench
