#include "transports/adopted_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>

#include <ferry/error.hpp>

namespace ferry::transports
{

namespace
{

int number_option(int descriptor, int name, std::error_code& error) noexcept
{
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(descriptor, SOL_SOCKET, name, &value, &size) != 0)
        error = last_system_error();
    return value;
}

std::error_code make_non_blocking(int descriptor) noexcept
{
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags == -1 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == -1 ||
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == -1)
        return last_system_error();
    return {};
}

failure find_fault(int descriptor, std::span<const int> families)
{
    const std::string name = "descriptor " + std::to_string(descriptor);
    std::error_code error;
    const int type = number_option(descriptor, SO_TYPE, error);
    const bool listens = !error && number_option(descriptor, SO_ACCEPTCONN, error) != 0;
    if (error)
        return {error, name + ": " + error.message()};
    if (type != SOCK_STREAM || !listens)
        return {errc::invalid_argument, name + " does not listen for streams"};
    const int family = socket_address::of_local_end(descriptor, error).family();
    if (!error && std::find(families.begin(), families.end(), family) == families.end())
        error = {EAFNOSUPPORT, std::system_category()};
    if (!error)
        error = make_non_blocking(descriptor);
    return error ? failure{error, name + ": " + error.message()} : failure{};
}

}  // namespace

socket_handle adopt_listening_socket(int descriptor, std::span<const int> families, failure& why)
{
    why = find_fault(descriptor, families);
    return why ? socket_handle{} : socket_handle(descriptor);
}

}  // namespace ferry::transports
