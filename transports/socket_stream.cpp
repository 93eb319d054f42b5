#include "transports/socket_stream.hpp"

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

#include "transports/system_errors.hpp"

namespace ferry::transports
{

namespace
{

constexpr std::size_t max_gather = 64;  // buffers per system call; Asio's own limit as well

#ifdef MSG_NOSIGNAL
constexpr int send_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
#else
constexpr int send_flags = MSG_DONTWAIT;
#endif

using io_completion = system_error_handler<void(std::error_code, std::size_t)>;
using wait_completion = system_error_handler<void(std::error_code)>;

std::error_code current_error() noexcept
{
    const int value = errno == EAGAIN ? EWOULDBLOCK : errno;
    return {value, std::system_category()};
}

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

    void async_wait_readable(wait_handler handler) override
    {
        socket_.async_wait(stream_socket::wait_read, wait_completion{std::move(handler)});
    }

    std::size_t read_some(std::span<std::byte> buffer, std::error_code& error) noexcept override;
    std::size_t write_some(gather_list buffers, std::error_code& error) noexcept override;

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

std::size_t socket_stream::read_some(std::span<std::byte> buffer, std::error_code& error) noexcept
{
    error.clear();
    if (buffer.empty())
        return 0;
    for (;;)
    {
        const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got > 0)
            return static_cast<std::size_t>(got);
        if (got == -1 && errno == EINTR)
            continue;
        error = got == 0 ? std::error_code(asio::error::eof) : current_error();
        return 0;
    }
}

std::size_t socket_stream::write_some(gather_list buffers, std::error_code& error) noexcept
{
    error.clear();
    std::array<iovec, max_gather> list;
    std::size_t count = 0;
    for (const auto& buffer : buffers)
    {
        if (buffer.empty())
            continue;
        list[count++] = {const_cast<std::byte*>(buffer.data()), buffer.size()};
        if (count == max_gather)
            break;
    }
    if (count == 0)
        return 0;

    msghdr message{};
    message.msg_iov = list.data();
    message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count);
    for (;;)
    {
        const auto sent = ::sendmsg(descriptor_, &message, send_flags);
        if (sent >= 0)
            return static_cast<std::size_t>(sent);
        if (errno == EINTR)
            continue;
        error = current_error();
        return 0;
    }
}

}  // namespace

std::error_code hand_over(socket_handle& from, int family, stream_socket& to)
{
    std::error_code error;
    to.assign({family, 0}, from.get(), error);
    if (!error)
        (void)from.release();
    return system_error(error);
}

std::unique_ptr<byte_stream> make_socket_stream(
    stream_socket socket, stream_description description)
{
    return std::make_unique<socket_stream>(std::move(socket), std::move(description));
}

}  // namespace ferry::transports
