// Two connected byte_streams in memory, which cut reads and writes and fail when told to.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/error.hpp>
#include <asio/steady_timer.hpp>

#include "transports/byte_stream.hpp"
#include "transports/completion.hpp"

namespace ferry::test
{

/// How one end behaves. May be changed at any time, for the calls to come.
struct memory_script
{
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    std::size_t max_read = unlimited;   ///< octets per read
    std::size_t max_write = unlimited;  ///< octets per write
    std::size_t capacity = unlimited;   ///< octets written and not yet read, before writes wait
    int fail_read_at = 0;               ///< the n-th read from now fails, counted from 1; 0: none
    int fail_write_at = 0;
    std::error_code failure{ECONNRESET, std::system_category()};
};

namespace detail
{

inline const std::error_code would_block{EWOULDBLOCK, std::system_category()};

/// An operation that waits. A timer that never expires holds its handler, so that it counts as
/// work of the loop and goes when the loop goes, as with a real descriptor.
struct memory_waiter
{
    explicit memory_waiter(const asio::any_io_executor& executor) : timer(executor) {}

    void wake(std::error_code e, std::size_t n)
    {
        is_waiting = false;
        error = e;
        size = n;
        timer.cancel();
    }

    asio::steady_timer timer;
    bool is_waiting = false;
    std::error_code error;
    std::size_t size = 0;
};

/// One direction.
struct memory_pipe
{
    memory_pipe(const asio::any_io_executor& reading, const asio::any_io_executor& writing)
        : reader(reading), writer(writing)
    {
    }

    std::size_t take(std::span<std::byte> into, std::size_t most, std::error_code& error)
    {
        error.clear();
        const auto size = std::min({into.size(), most, octets.size()});
        if (size == 0 && !into.empty())
        {
            error = writer_is_gone ? std::error_code(asio::error::eof) : would_block;
            return 0;
        }
        const auto end = octets.begin() + static_cast<std::ptrdiff_t>(size);
        std::copy(octets.begin(), end, into.begin());
        octets.erase(octets.begin(), end);
        return size;
    }

    std::size_t put(transports::byte_stream::gather_list list, const memory_script& script,
        std::error_code& error)
    {
        error.clear();
        if (reader_is_gone)
        {
            error = {EPIPE, std::system_category()};
            return 0;
        }
        const auto room = script.capacity - std::min(script.capacity, octets.size());
        const auto most = std::min(room, script.max_write);
        std::size_t size = 0;
        std::size_t wanted = 0;
        for (const auto& buffer : list)
        {
            wanted += buffer.size();
            const auto part = buffer.first(std::min(buffer.size(), most - size));
            octets.insert(octets.end(), part.begin(), part.end());
            size += part.size();
        }
        if (size == 0 && wanted != 0)
            error = would_block;
        return size;
    }

    std::vector<std::byte> octets;
    bool reader_is_gone = false;
    bool writer_is_gone = false;
    memory_waiter reader;
    memory_waiter writer;
    std::span<std::byte> read_into;  // empty: waits for readability only
    std::vector<std::span<const std::byte>> write_from;
    std::size_t max_read = memory_script::unlimited;  // of the read that waits
    memory_script write_script;                       // of the write that waits
};

/// Completes what has become possible.
inline void settle(memory_pipe& pipe)
{
    std::error_code error;
    if (pipe.writer.is_waiting)
    {
        const auto size = pipe.put(pipe.write_from, pipe.write_script, error);
        if (error != would_block)
            pipe.writer.wake(error, size);
    }
    if (!pipe.reader.is_waiting)
        return;
    if (pipe.read_into.empty())
    {
        if (!pipe.octets.empty() || pipe.writer_is_gone)
            pipe.reader.wake({}, 0);
        return;
    }
    const auto size = pipe.take(pipe.read_into, pipe.max_read, error);
    if (error == would_block)
        return;
    pipe.reader.wake(error, size);
    if (pipe.writer.is_waiting)
        settle(pipe);
}

}  // namespace detail

/// One end. Both ends' executors must be served by one thread.
class memory_stream final : public transports::byte_stream
{
public:
    using pipe = std::shared_ptr<detail::memory_pipe>;

    memory_stream(asio::any_io_executor executor, pipe in, pipe out,
        transports::stream_description description)
        : executor_(std::move(executor)), in_(std::move(in)), out_(std::move(out)),
          description_(std::move(description))
    {
    }
    ~memory_stream() override { memory_stream::close(); }

    memory_script script;

    [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
    /// Written by the peer, not read yet.
    [[nodiscard]] std::size_t readable_octets() const noexcept { return in_->octets.size(); }

    /// As if the network had failed: what is outstanding, and what comes, fails at this end.
    void sever(std::error_code error)
    {
        severed_ = error;
        abort(error);
    }

    asio::any_io_executor get_executor() const override { return executor_; }
    const transports::stream_description& description() const noexcept override
    {
        return description_;
    }
    int native_handle() const noexcept override { return -1; }

    void async_read_some(std::span<std::byte> buffer, io_handler handler) override
    {
        std::error_code error;
        const auto size = read_some(buffer, error);
        if (error != detail::would_block)
            return transports::complete_later(executor_, std::move(handler), error, size);
        in_->read_into = buffer;
        in_->max_read = script.max_read;
        wait(in_, in_->reader, std::move(handler));
    }

    void async_write_some(gather_list buffers, io_handler handler) override
    {
        std::error_code error;
        const auto size = write_some(buffers, error);
        if (error != detail::would_block)
            return transports::complete_later(executor_, std::move(handler), error, size);
        out_->write_from.assign(buffers.begin(), buffers.end());
        out_->write_script = script;
        wait(out_, out_->writer, std::move(handler));
    }

    void async_wait_readable(wait_handler handler) override
    {
        const auto error = state_error();
        if (error || !in_->octets.empty() || in_->writer_is_gone)
            return transports::complete_later(executor_, std::move(handler), error);
        in_->read_into = {};
        wait(in_, in_->reader,
            [h = std::move(handler)](std::error_code e, std::size_t) mutable { std::move(h)(e); });
    }

    std::size_t read_some(std::span<std::byte> buffer, std::error_code& error) noexcept override
    {
        error = state_error();
        if (!error && script.fail_read_at > 0 && --script.fail_read_at == 0)
            error = script.failure;
        if (error)
            return 0;
        const auto size = in_->take(buffer, script.max_read, error);
        detail::settle(*in_);
        return size;
    }

    std::size_t write_some(gather_list buffers, std::error_code& error) noexcept override
    {
        error = state_error();
        if (!error && script.fail_write_at > 0 && --script.fail_write_at == 0)
            error = script.failure;
        if (error)
            return 0;
        const auto size = out_->put(buffers, script, error);
        detail::settle(*out_);
        return size;
    }

    void expect(std::size_t) noexcept override {}
    void close() noexcept override
    {
        if (is_closed_)
            return;
        is_closed_ = true;
        abort(asio::error::operation_aborted);
    }

private:
    std::error_code state_error() const noexcept
    {
        return is_closed_ ? std::error_code(EBADF, std::system_category()) : severed_;
    }

    void abort(std::error_code error)
    {
        if (in_->reader.is_waiting)
            in_->reader.wake(error, 0);
        if (out_->writer.is_waiting)
            out_->writer.wake(error, 0);
        in_->reader_is_gone = true;
        out_->writer_is_gone = true;
        detail::settle(*in_);
        detail::settle(*out_);
    }

    void wait(const pipe& keep, detail::memory_waiter& waiter, io_handler handler)
    {
        waiter.is_waiting = true;
        waiter.timer.expires_at(asio::steady_timer::time_point::max());
        waiter.timer.async_wait(
            [keep, &waiter, executor = executor_, h = std::move(handler)](std::error_code) mutable {
                transports::complete_now(executor, std::move(h), waiter.error, waiter.size);
            });
    }

    asio::any_io_executor executor_;
    pipe in_;
    pipe out_;
    transports::stream_description description_;
    std::error_code severed_;
    bool is_closed_ = false;
};

struct memory_stream_pair
{
    std::unique_ptr<memory_stream> first;
    std::unique_ptr<memory_stream> second;
};

[[nodiscard]] inline memory_stream_pair make_memory_streams(
    const asio::any_io_executor& first, const asio::any_io_executor& second)
{
    const auto to_first = std::make_shared<detail::memory_pipe>(first, second);
    const auto to_second = std::make_shared<detail::memory_pipe>(second, first);
    return {std::make_unique<memory_stream>(first, to_first, to_second,
                transports::stream_description{"memory://first", "memory://second", "second"}),
        std::make_unique<memory_stream>(second, to_second, to_first,
            transports::stream_description{"memory://second", "memory://first", "first"})};
}

[[nodiscard]] inline memory_stream_pair make_memory_streams(const asio::any_io_executor& both)
{
    return make_memory_streams(both, both);
}

}  // namespace ferry::test
