// A peer written by hand: plain system sockets, octets in and out, every wait bounded.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/wire.hpp"

namespace ferry::test
{

/// How long a test waits for what must happen. Reached only when something is wrong.
inline constexpr std::chrono::milliseconds patience{10'000};

/// A descriptor with one owner.
class descriptor
{
public:
    explicit descriptor(int value = -1) noexcept : value_(value) {}
    descriptor(descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept
    {
        std::swap(value_, other.value_);
        return *this;
    }
    ~descriptor() { reset(); }

    void reset() noexcept
    {
        if (value_ != -1)
            ::close(std::exchange(value_, -1));
    }
    [[nodiscard]] int get() const noexcept { return value_; }
    /// It is somebody else's from now on.
    int release() noexcept { return std::exchange(value_, -1); }

    /// Whether it can be read before the time is over.
    [[nodiscard]] bool wait_readable(std::chrono::milliseconds timeout) const
    {
        const auto deadline = std::chrono::steady_clock::now() + timeout;
        for (;;)
        {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(
                deadline - std::chrono::steady_clock::now());
            pollfd entry{value_, POLLIN, 0};
            const auto wait = static_cast<int>(std::max<std::int64_t>(0, left.count()));
            const int ready = ::poll(&entry, 1, wait);
            if (ready >= 0)
                return ready == 1;
            if (errno != EINTR)
                throw std::system_error(errno, std::system_category(), "poll");
        }
    }

private:
    int value_;
};

template <class Result>
Result checked(Result result, const char* call)
{
    if (result < 0)
        throw std::system_error(errno, std::system_category(), call);
    return result;
}

/// An address of this machine, in the form the system calls want.
class loopback_address
{
public:
    explicit loopback_address(std::uint16_t port)
    {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address_.sin_port = htons(port);
    }
    /// What the socket is bound to.
    static loopback_address of(int socket)
    {
        loopback_address result(0);
        socklen_t size = sizeof result.address_;
        checked(::getsockname(socket, reinterpret_cast<sockaddr*>(&result.address_), &size),
            "getsockname");
        return result;
    }

    [[nodiscard]] const sockaddr* get() const noexcept
    {
        return reinterpret_cast<const sockaddr*>(&address_);
    }
    [[nodiscard]] static socklen_t size() noexcept { return sizeof(sockaddr_in); }
    [[nodiscard]] std::uint16_t port() const noexcept { return ntohs(address_.sin_port); }
    [[nodiscard]] std::string endpoint() const
    {
        return "tcp://127.0.0.1:" + std::to_string(port());
    }

private:
    sockaddr_in address_{};
};

inline descriptor open_tcp_socket()
{
    return descriptor(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
}

inline void bind_to_any_port(const descriptor& socket)
{
    const loopback_address any(0);
    checked(::bind(socket.get(), any.get(), any.size()), "bind");
}

/// Keeps a tcp port from being given to anybody who asks for any port, while those who ask for
/// this one may have it: bound, with SO_REUSEADDR, and never listening.
class reserved_port
{
public:
    reserved_port() : socket_(open_tcp_socket())
    {
        const int on = 1;
        checked(
            ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "setsockopt");
        bind_to_any_port(socket_);
    }

    [[nodiscard]] std::string endpoint() const
    {
        return loopback_address::of(socket_.get()).endpoint();
    }

private:
    descriptor socket_;
};

/// A frame as it came in.
struct raw_frame
{
    unsigned flags = 0;
    std::string body;

    friend bool operator==(const raw_frame&, const raw_frame&) = default;
    friend std::ostream& operator<<(std::ostream& out, const raw_frame& frame)
    {
        return out << "flags " << frame.flags << ": " << wire::to_hex(frame.body);
    }
};

/// One connection to or from what is tested.
class raw_peer
{
public:
    explicit raw_peer(descriptor socket) : socket_(std::move(socket)) {}

    /// To "tcp://127.0.0.1:port".
    [[nodiscard]] static raw_peer connect(std::string_view endpoint)
    {
        const std::string port(endpoint.substr(endpoint.rfind(':') + 1));
        const loopback_address address(static_cast<std::uint16_t>(std::stoul(port)));
        descriptor socket = open_tcp_socket();
        checked(::connect(socket.get(), address.get(), address.size()), "connect");
        return raw_peer(std::move(socket));
    }

    void send(std::string_view octets) const
    {
        while (!octets.empty())
        {
            const ssize_t sent = ::send(socket_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
            octets.remove_prefix(static_cast<std::size_t>(checked(sent, "send")));
        }
    }

    /// Exactly so many octets. Throws when the stream ends before, or nothing comes.
    std::string read(std::size_t size)
    {
        while (buffer_.size() < size)
            if (!read_more(patience))
                throw std::runtime_error("the stream ended after " + wire::to_hex(buffer_));
        std::string result = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return result;
    }

    /// One frame of ZMTP 2.0 or later.
    raw_frame read_frame()
    {
        const auto flags = static_cast<unsigned char>(read(1)[0]);
        const std::uint64_t size = read_integer((flags & wire::is_long) != 0 ? 8 : 1);
        return {flags & ~unsigned{wire::is_long}, read(size)};
    }

    /// One frame of ZMTP 1.0.
    raw_frame read_frame_1_0()
    {
        std::uint64_t length = static_cast<unsigned char>(read(1)[0]);
        if (length == 255)
            length = read_integer(8);
        const auto flags = static_cast<unsigned char>(read(1)[0]);
        return {flags, read(length - 1)};
    }

    /// Greets as a ZMTP 3 peer, and reads the other's greeting.
    std::string greet(unsigned minor = 1, std::string_view mechanism = "NULL")
    {
        send(wire::greeting(minor, mechanism));
        return read(64);
    }

    /// Greeting and READY both ways: a peer of that type stands. Returns the other's READY.
    raw_frame handshake(std::string_view type, unsigned minor = 1, std::string_view properties = {})
    {
        greet(minor);
        send(wire::ready(type, properties));
        return read_frame();
    }

    /// Reads on, and throws away, until the other side closes the stream: true when it did.
    [[nodiscard]] bool wait_for_end(std::chrono::milliseconds timeout = patience)
    {
        const auto deadline = std::chrono::steady_clock::now() + timeout;
        while (std::chrono::steady_clock::now() < deadline)
        {
            buffer_.clear();
            try
            {
                if (!read_more(std::chrono::ceil<std::chrono::milliseconds>(
                        deadline - std::chrono::steady_clock::now())))
                    return true;
            }
            catch (const std::runtime_error&)
            {
                return false;
            }
        }
        return false;
    }

    /// In how many pieces TCP brought the octets so far. A write is one, where it is small.
    [[nodiscard]] std::uint32_t count_segments() const
    {
        constexpr std::size_t data_segments_in =
            152;  // in the kernel's tcp_info; libc's is shorter
        std::array<unsigned char, data_segments_in + 4> info{};
        socklen_t size = info.size();
        checked(::getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, info.data(), &size), "TCP_INFO");
        std::uint32_t count = 0;
        std::memcpy(&count, info.data() + data_segments_in, sizeof count);
        return count;
    }

    void close() { socket_.reset(); }
    [[nodiscard]] bool is_open() const noexcept { return socket_.get() != -1; }
    [[nodiscard]] int native_handle() const noexcept { return socket_.get(); }
    /// Whether something has come, or the end.
    [[nodiscard]] bool is_readable() const
    {
        return socket_.wait_readable(std::chrono::milliseconds(0));
    }
    /// Sends no more, and reads on.
    void finish_sending() const { checked(::shutdown(socket_.get(), SHUT_WR), "shutdown"); }
    /// Closes so that the other side gets a reset.
    void reset()
    {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        checked(::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once),
            "setsockopt");
        close();
    }

private:
    std::uint64_t read_integer(std::size_t size)
    {
        std::uint64_t value = 0;
        for (const char octet : read(size))
            value = value << 8 | static_cast<unsigned char>(octet);
        return value;
    }

    // False at the end of the stream.
    bool read_more(std::chrono::milliseconds timeout)
    {
        if (!socket_.wait_readable(timeout))
            throw std::runtime_error("nothing came; so far " + wire::to_hex(buffer_));
        char chunk[65536];
        const ssize_t size = ::recv(socket_.get(), chunk, sizeof chunk, 0);
        if (size < 0 && errno == ECONNRESET)
            return false;
        buffer_.append(chunk, static_cast<std::size_t>(checked(size, "recv")));
        return size > 0;
    }

    descriptor socket_;
    std::string buffer_;
};

/// Waits for what is tested to connect.
class raw_listener
{
public:
    raw_listener() : socket_(open_tcp_socket())
    {
        bind_to_any_port(socket_);
        checked(::listen(socket_.get(), 10), "listen");
        endpoint_ = loopback_address::of(socket_.get()).endpoint();
    }

    [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }

    /// Whether somebody connects within that time.
    [[nodiscard]] bool is_awaited(std::chrono::milliseconds timeout) const
    {
        return socket_.wait_readable(timeout);
    }

    [[nodiscard]] raw_peer accept() const
    {
        if (!socket_.wait_readable(patience))
            throw std::runtime_error("nobody connected");
        const int peer = ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        return raw_peer(descriptor(checked(peer, "accept")));
    }

private:
    descriptor socket_;
    std::string endpoint_;
};

}  // namespace ferry::test
