// A POSIX socket address as a value: IPv4, IPv6 or a local (UNIX domain) name.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/socket.h>

namespace ferry::transports
{

class socket_address
{
public:
    /// Empty: family AF_UNSPEC.
    socket_address() noexcept = default;
    /// Copies; cut at the capacity.
    socket_address(const sockaddr* address, socklen_t size) noexcept;

    [[nodiscard]] static socket_address ipv4(
        const std::array<std::uint8_t, 4>& octets, std::uint16_t port) noexcept;
    [[nodiscard]] static socket_address ipv6(const std::array<std::uint8_t, 16>& octets,
        std::uint32_t scope, std::uint16_t port) noexcept;
    /// `name` as the system has it: an abstract one starts with NUL and its length is exact.
    /// At most max_local_size octets; more are cut.
    [[nodiscard]] static socket_address local(std::string_view name) noexcept;

    /// What the descriptor is bound to, or connected to.
    [[nodiscard]] static socket_address of_local_end(
        int descriptor, std::error_code& error) noexcept;
    [[nodiscard]] static socket_address of_remote_end(
        int descriptor, std::error_code& error) noexcept;

    [[nodiscard]] const sockaddr* data() const noexcept;
    [[nodiscard]] socklen_t size() const noexcept { return size_; }
    [[nodiscard]] int family() const noexcept;

    [[nodiscard]] std::uint16_t port() const noexcept;  ///< 0 for families without
    void set_port(std::uint16_t port) noexcept;

    /// The numeric IP: "127.0.0.1", "fe80::1%eth0". An IPv4 address mapped into IPv6 reads as
    /// the IPv4 address. Empty for other families.
    [[nodiscard]] std::string ip_text() const;

    /// What local() was given: a path, or an abstract name with its NUL in front. Empty for a
    /// socket without name, and for other families.
    [[nodiscard]] std::string local_name() const;

    /// Same family, octets and port.
    friend bool operator==(const socket_address& a, const socket_address& b) noexcept;

    static const std::size_t max_local_size;

private:
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

}  // namespace ferry::transports
