// Endpoints to bare sockets.
#include "bench/raw/address.hpp"

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace bench
{

namespace
{

constexpr int backlog = 100;

struct address
{
    sockaddr_storage storage{};
    socklen_t size = 0;

    [[nodiscard]] const sockaddr* get() const noexcept
    {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
    [[nodiscard]] int family() const noexcept { return storage.ss_family; }
};

address local_address(const std::string& path)
{
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(local.sun_path))
        throw std::invalid_argument("no usable path: '" + path + "'");
    std::memcpy(local.sun_path, path.data(), path.size());
    address a;
    std::memcpy(&a.storage, &local, sizeof(local));
    a.size = sizeof(local);
    return a;
}

address tcp_address(const std::string& host_and_port)
{
    const auto colon = host_and_port.rfind(':');
    if (colon == std::string::npos)
        throw std::invalid_argument("no port: '" + host_and_port + "'");
    const std::string host = host_and_port.substr(0, colon);
    const std::string port = host_and_port.substr(colon + 1);

    std::uint16_t number = 0;
    const char* const end = port.data() + port.size();
    if (port != "*" && std::from_chars(port.data(), end, number).ptr != end)
        throw std::invalid_argument("no port: '" + host_and_port + "'");

    sockaddr_in tcp{};
    tcp.sin_family = AF_INET;
    tcp.sin_port = htons(number);
    if (::inet_pton(AF_INET, host.c_str(), &tcp.sin_addr) != 1)
        throw std::invalid_argument("no IPv4 address: '" + host + "'");
    address a;
    std::memcpy(&a.storage, &tcp, sizeof(tcp));
    a.size = sizeof(tcp);
    return a;
}

address parse(const std::string& endpoint)
{
    if (endpoint.starts_with("tcp://"))
        return tcp_address(endpoint.substr(6));
    if (endpoint.starts_with("ipc://"))
        return local_address(endpoint.substr(6));
    throw std::invalid_argument("bare sockets know tcp and ipc only: '" + endpoint + "'");
}

void set_option(const descriptor& socket, int level, int option, int value)
{
    if (::setsockopt(socket.get(), level, option, &value, sizeof(value)) != 0)
        throw_errno("setsockopt");
}

void send_without_delay(const descriptor& socket, int family)
{
    if (family == AF_INET)
        set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

// Buffers are set before listen() and connect(), and inherited by what is accepted.
descriptor open_socket(int family, int buffer_octets)
{
    descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.is_open())
        throw_errno("socket");
    if (buffer_octets > 0)
    {
        set_option(socket, SOL_SOCKET, SO_SNDBUF, buffer_octets);
        set_option(socket, SOL_SOCKET, SO_RCVBUF, buffer_octets);
    }
    return socket;
}

std::string bound_endpoint(const descriptor& socket, const std::string& asked)
{
    if (!asked.starts_with("tcp://"))
        return asked;
    sockaddr_in bound{};
    socklen_t size = sizeof(bound);
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0)
        throw_errno("getsockname");
    return asked.substr(0, asked.rfind(':') + 1) + std::to_string(ntohs(bound.sin_port));
}

}  // namespace

descriptor::descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept
{
    std::swap(fd_, other.fd_);
    return *this;
}

descriptor::~descriptor()
{
    if (is_open())
        ::close(fd_);
}

listener listen_on(const std::string& endpoint, int buffer_octets)
{
    const address where = parse(endpoint);
    listener l{open_socket(where.family(), buffer_octets), {}, {}};
    if (::bind(l.socket.get(), where.get(), where.size) != 0)
        throw_errno("bind");
    if (where.family() == AF_UNIX)
        l.path_to_remove = endpoint.substr(6);
    if (::listen(l.socket.get(), backlog) != 0)
        throw_errno("listen");
    l.endpoint = bound_endpoint(l.socket, endpoint);
    return l;
}

descriptor accept_from(const listener& from)
{
    descriptor accepted(::accept4(from.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!accepted.is_open())
        throw_errno("accept");
    send_without_delay(accepted, from.path_to_remove.empty() ? AF_INET : AF_UNIX);
    return accepted;
}

descriptor connect_to(const std::string& endpoint, int buffer_octets)
{
    const address where = parse(endpoint);
    descriptor socket = open_socket(where.family(), buffer_octets);
    if (::connect(socket.get(), where.get(), where.size) != 0)
        throw_errno("connect");
    send_without_delay(socket, where.family());
    return socket;
}

void end_reads_after(int fd, std::chrono::milliseconds silence)
{
    timeval limit{};
    limit.tv_sec = silence.count() / 1000;
    limit.tv_usec = (silence.count() % 1000) * 1000;
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0)
        throw_errno("setsockopt");
}

void throw_errno(const char* what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace bench
