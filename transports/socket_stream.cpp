#include "transports/socket_stream.hpp"

#include <utility>
#include <vector>

#include <asio/buffer.hpp>

#include "transports/descriptor_watch.hpp"
#include "transports/polled_stream.hpp"
#include "transports/socket_octets.hpp"
#include "transports/system_errors.hpp"

namespace ferry::transports
{

namespace
{

constexpr std::size_t max_gather = 64;  // buffers per system call; Asio's own limit as well

using io_completion = system_error_handler<void(std::error_code, std::size_t)>;
using wait_completion = system_error_handler<void(std::error_code)>;

class socket_stream final : public byte_stream
{
public:
    socket_stream(stream_socket socket, stream_description description)
        : socket_(std::move(socket)), descriptor_(socket_.native_handle()),
          description_(std::move(description))
    {
    }

    asio::any_io_executor get_executor() const override { return socket_.get_executor(); }
    const stream_description& description() const noexcept override { return description_; }
    int native_handle() const noexcept override { return descriptor_; }

    void async_read_some(std::span<std::byte> buffer, io_handler handler) override
    {
        socket_.async_read_some(
            asio::buffer(buffer.data(), buffer.size()), io_completion{std::move(handler)});
    }

    void async_write_some(gather_list buffers, io_handler handler) override
    {
        gather_.clear();
        for (const auto& buffer : buffers)
        {
            if (buffer.empty())
                continue;
            gather_.emplace_back(buffer.data(), buffer.size());
            if (gather_.size() == max_gather)
                break;
        }
        socket_.async_write_some(
            std::span<const asio::const_buffer>(gather_), io_completion{std::move(handler)});
    }

    void expect(std::size_t octets) noexcept override { expect_octets(descriptor_, octets); }

    void async_wait_readable(wait_handler handler) override
    {
        socket_.async_wait(stream_socket::wait_read, wait_completion{std::move(handler)});
    }

    std::size_t read_some(std::span<std::byte> buffer, std::error_code& error) noexcept override
    {
        return read_octets(descriptor_, buffer, error);
    }
    std::size_t write_some(gather_list buffers, std::error_code& error) noexcept override
    {
        return write_octets(descriptor_, buffers, error);
    }

    void close() noexcept override
    {
        descriptor_ = -1;
        std::error_code ignored;
        socket_.close(ignored);
    }

private:
    mutable stream_socket socket_;  // its get_executor is not const
    int descriptor_;
    stream_description description_;
    std::vector<asio::const_buffer> gather_;  // of the outstanding write; Asio only refers to it
};

}  // namespace

std::error_code hand_over(socket_handle& from, int family, stream_socket& to)
{
    std::error_code error;
    to.assign({family, 0}, from.get(), error);
    if (!error)
        (void)from.release();
    return system_error(error);
}

std::unique_ptr<byte_stream> make_socket_stream(socket_handle socket, int family,
    const asio::any_io_executor& executor, stream_description description, std::error_code& error)
{
    description.native_handle = socket.get();
    if (descriptor_watch* watch = descriptor_watch::of(executor))
    {
        error.clear();
        return make_polled_stream(std::move(socket), executor, *watch, std::move(description));
    }
    stream_socket watched_by_asio(executor);
    if ((error = hand_over(socket, family, watched_by_asio)))
        return nullptr;
    return std::make_unique<socket_stream>(std::move(watched_by_asio), std::move(description));
}

}  // namespace ferry::transports
