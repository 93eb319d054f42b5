#include "transports/socket_handle.hpp"

#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ferry::transports
{

namespace
{

#if !defined(SOCK_CLOEXEC) || !defined(SOCK_NONBLOCK)
std::error_code prepare(int descriptor) noexcept
{
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags == -1 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == -1 ||
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == -1)
        return last_system_error();
#ifdef SO_NOSIGPIPE
    return set_option(descriptor, SOL_SOCKET, SO_NOSIGPIPE, 1);
#else
    return {};
#endif
}
#endif

int accept_once(int listener) noexcept
{
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
    return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
#else
    return ::accept(listener, nullptr, nullptr);
#endif
}

/// Errors of a connection that is gone already, not of the listener (accept(2), "Error handling").
bool concerns_one_connection(int error) noexcept
{
    switch (error)
    {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENOPROTOOPT:
#ifdef EHOSTDOWN
    case EHOSTDOWN:
#endif
#ifdef ENONET
    case ENONET:
#endif
        return true;
    default: return false;
    }
}

}  // namespace

std::error_code last_system_error() noexcept
{
    return {errno, std::system_category()};
}

socket_handle::~socket_handle()
{
    if (descriptor_ != -1)
        ::close(descriptor_);
}

socket_handle open_stream_socket(int family, std::error_code& error) noexcept
{
    error.clear();
#if defined(SOCK_CLOEXEC) && defined(SOCK_NONBLOCK)
    socket_handle result(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!result)
        error = last_system_error();
#else
    socket_handle result(::socket(family, SOCK_STREAM, 0));
    error = result ? prepare(result.get()) : last_system_error();
#endif
    return result;
}

socket_handle accept_stream_socket(int listener, std::error_code& error) noexcept
{
    error.clear();
    int descriptor = accept_once(listener);
    while (descriptor == -1 && concerns_one_connection(errno))
        descriptor = accept_once(listener);

    socket_handle result(descriptor);
    if (!result)
        error = last_system_error();
#if !defined(SOCK_CLOEXEC) || !defined(SOCK_NONBLOCK)
    else
        error = prepare(descriptor);
#endif
    return result;
}

std::error_code start_connect(int descriptor, const socket_address& to) noexcept
{
    if (::connect(descriptor, to.data(), to.size()) == 0)
        return {};
    // An interrupted connect goes on by itself (connect(2), EINTR).
    return {errno == EINTR ? EINPROGRESS : errno, std::system_category()};
}

std::error_code bind_socket(int descriptor, const socket_address& to) noexcept
{
    return ::bind(descriptor, to.data(), to.size()) == 0 ? std::error_code{} : last_system_error();
}

std::error_code listen_on(int descriptor, int backlog) noexcept
{
    return ::listen(descriptor, backlog) == 0 ? std::error_code{} : last_system_error();
}

std::error_code set_option(int descriptor, int level, int name, int value) noexcept
{
    const int result = ::setsockopt(descriptor, level, name, &value, sizeof value);
    return result == 0 ? std::error_code{} : last_system_error();
}

std::error_code take_socket_error(int descriptor) noexcept
{
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &size) != 0)
        return last_system_error();
    return {value, std::system_category()};
}

}  // namespace ferry::transports
