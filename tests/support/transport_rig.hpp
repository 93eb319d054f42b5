// A loop, and what a test needs to bind, connect and move octets on it with bounded waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>

#include "transports/byte_stream.hpp"
#include "transports/connector.hpp"
#include "transports/descriptor_watch.hpp"
#include "transports/listener.hpp"
#include "transports/registry.hpp"

namespace ferry::test
{

using transports::byte_stream;
using transports::connector;
using transports::listener;
using transports::transport_options;

/// What a handler was told, and how often.
struct io_result
{
    int calls = 0;
    std::error_code error;
    std::size_t size = 0;

    [[nodiscard]] auto handler()
    {
        return [this](std::error_code e, std::size_t n = 0) {
            ++calls;
            error = e;
            size = n;
        };
    }
};

struct stream_result
{
    int calls = 0;
    std::error_code error;
    std::unique_ptr<byte_stream> stream;

    [[nodiscard]] auto handler()
    {
        return [this](std::error_code e, std::unique_ptr<byte_stream> s) {
            ++calls;
            error = e;
            stream = std::move(s);
        };
    }
};

inline std::span<const std::byte> octets_of(std::string_view text)
{
    return std::as_bytes(std::span(text));
}

inline std::string text_of(std::span<const std::byte> octets)
{
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

class transport_rig
{
public:
    explicit transport_rig(transport_options wanted = {}, bool watched = false)
        : options(std::move(wanted))
    {
        if (watched)
            watch = &asio::make_service<transports::descriptor_watch>(io);
    }

    /// False when it did not come true before the loop ran dry or ten seconds passed.
    template <typename Predicate>
    bool run_until(Predicate predicate)
    {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        io.restart();
        while (!predicate())
        {
            if (watch != nullptr ? !run_watched(deadline) : io.run_one_until(deadline) == 0)
                return predicate();
        }
        return true;
    }

    /// Lets the loop do what is ready.
    void poll()
    {
        io.restart();
        io.poll();
        if (watch != nullptr)
        {
            serve_watch(std::chrono::nanoseconds{0});
            io.restart();
            io.poll();
        }
    }

    std::unique_ptr<listener> listen(std::string_view text, transports::failure& why)
    {
        const auto where = transports::endpoint::parse(text);
        return transports.find(where->scheme())->listen(io.get_executor(), *where, options, why);
    }

    std::unique_ptr<listener> listen(std::string_view text)
    {
        transports::failure why;
        return listen(text, why);
    }

    std::unique_ptr<connector> connector_to(std::string_view text, transports::failure& why)
    {
        const auto where = transports::endpoint::parse(text);
        return transports.find(where->scheme())
            ->make_connector(io.get_executor(), *where, options, why);
    }

    std::unique_ptr<connector> connector_to(std::string_view text)
    {
        transports::failure why;
        return connector_to(text, why);
    }

    struct connection
    {
        std::unique_ptr<byte_stream> client;
        std::unique_ptr<byte_stream> server;
        explicit operator bool() const noexcept { return client && server; }
    };

    connection meet(connector& from, listener& to)
    {
        stream_result connected;
        stream_result accepted;
        to.async_accept(io.get_executor(), accepted.handler());
        from.async_connect(connected.handler());
        run_until([&] { return connected.calls == 1 && accepted.calls == 1; });
        return {std::move(connected.stream), std::move(accepted.stream)};
    }

    connection meet(listener& at) { return meet(*connector_to(at.bound_endpoint()), at); }

    /// Writes all of it, waiting as often as needed.
    bool write(byte_stream& to, std::span<const std::byte> octets)
    {
        while (!octets.empty())
        {
            io_result result;
            to.async_write_some(std::span(&octets, 1), result.handler());
            if (!run_until([&] { return result.calls == 1; }) || result.error)
                return false;
            octets = octets.subspan(result.size);
        }
        return true;
    }

    /// Reads that many octets; fewer when the stream ends or fails.
    std::vector<std::byte> read(byte_stream& from, std::size_t size)
    {
        std::vector<std::byte> octets(size);
        std::size_t filled = 0;
        while (filled < size)
        {
            io_result result;
            from.async_read_some(std::span(octets).subspan(filled), result.handler());
            if (!run_until([&] { return result.calls == 1; }) || result.error)
                break;
            filled += result.size;
        }
        octets.resize(filled);
        return octets;
    }

    asio::io_context io;
    transport_options options;
    transports::registry transports;
    transports::descriptor_watch* watch = nullptr;

private:
    void serve_watch(std::chrono::nanoseconds patience)
    {
        transports::descriptor_watch::batch found;
        (void)watch->wait(found, patience);
        watch->deliver(found);
    }
    // False when the deadline is over. Descriptors and the loop take turns.
    bool run_watched(std::chrono::steady_clock::time_point deadline)
    {
        io.restart();
        if (io.poll_one() == 0)
            serve_watch(std::chrono::milliseconds(1));
        return std::chrono::steady_clock::now() < deadline;
    }
};

}  // namespace ferry::test
