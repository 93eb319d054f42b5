#include "transports/socket_octets.hpp"

#include <array>
#include <cerrno>

#include <asio/error.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

namespace ferry::transports
{

namespace
{

constexpr std::size_t max_gather = 64;  // buffers per system call

#ifdef MSG_NOSIGNAL
constexpr int send_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
#else
constexpr int send_flags = MSG_DONTWAIT;
#endif

std::error_code current_error() noexcept
{
    const int value = errno == EAGAIN ? EWOULDBLOCK : errno;
    return {value, std::system_category()};
}

}  // namespace

std::size_t read_octets(
    int descriptor, std::span<std::byte> buffer, std::error_code& error) noexcept
{
    error.clear();
    if (buffer.empty())
        return 0;
    for (;;)
    {
        const auto got = ::recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got > 0)
            return static_cast<std::size_t>(got);
        if (got == -1 && errno == EINTR)
            continue;
        error = got == 0 ? std::error_code(asio::error::eof) : current_error();
        return 0;
    }
}

std::size_t write_octets(
    int descriptor, byte_stream::gather_list buffers, std::error_code& error) noexcept
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
        // A single buffer, as a lone small message is, costs the system less without a list.
        const auto sent = count == 1
            ? ::send(descriptor, list[0].iov_base, list[0].iov_len, send_flags)
            : ::sendmsg(descriptor, &message, send_flags);
        if (sent >= 0)
            return static_cast<std::size_t>(sent);
        if (errno == EINTR)
            continue;
        error = current_error();
        return 0;
    }
}

void expect_octets(int descriptor, std::size_t octets) noexcept
{
    const int mark = static_cast<int>(std::min<std::size_t>(octets, INT_MAX));
    (void)::setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark);
}

}  // namespace ferry::transports
