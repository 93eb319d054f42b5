#include "transports/socket_address.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace ferry::transports
{

namespace
{

using name_function = int (*)(int, sockaddr*, socklen_t*);

socket_address ask(name_function function, int descriptor, std::error_code& error) noexcept
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (function(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    {
        error = {errno, std::system_category()};
        return {};
    }
    error.clear();
    return {reinterpret_cast<const sockaddr*>(&storage), size};
}

template <typename Address>
Address read_as(const sockaddr* from) noexcept
{
    Address result{};
    std::memcpy(&result, from, sizeof result);
    return result;
}

std::string scope_text(std::uint32_t scope)
{
    std::array<char, IF_NAMESIZE> name{};
    if (::if_indextoname(scope, name.data()) != nullptr)
        return std::string("%") + name.data();
    return "%" + std::to_string(scope);
}

std::string ipv4_text(const void* octets)
{
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, octets, text.data(), text.size());
    return text.data();
}

std::string ipv6_text(const sockaddr_in6& address)
{
    if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr))
        return ipv4_text(address.sin6_addr.s6_addr + 12);
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
    std::string result = text.data();
    if (address.sin6_scope_id != 0)
        result += scope_text(address.sin6_scope_id);
    return result;
}

}  // namespace

const std::size_t socket_address::max_local_size = sizeof(sockaddr_un::sun_path);

socket_address::socket_address(const sockaddr* address, socklen_t size) noexcept
    : size_(std::min(size, static_cast<socklen_t>(sizeof storage_)))
{
    std::memcpy(&storage_, address, size_);
}

socket_address socket_address::ipv4(
    const std::array<std::uint8_t, 4>& octets, std::uint16_t port) noexcept
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    std::memcpy(&address.sin_addr, octets.data(), octets.size());
    return {reinterpret_cast<const sockaddr*>(&address), sizeof address};
}

socket_address socket_address::ipv6(
    const std::array<std::uint8_t, 16>& octets, std::uint32_t scope, std::uint16_t port) noexcept
{
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_scope_id = scope;
    std::memcpy(&address.sin6_addr, octets.data(), octets.size());
    return {reinterpret_cast<const sockaddr*>(&address), sizeof address};
}

socket_address socket_address::local(std::string_view name) noexcept
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto name_size = std::min(name.size(), max_local_size);
    std::memcpy(address.sun_path, name.data(), name_size);
    // A path is counted with its NUL where there is room for one, an abstract name never is.
    const bool has_nul = !name.empty() && name.front() != '\0' && name_size < max_local_size;
    const auto size = offsetof(sockaddr_un, sun_path) + name_size + (has_nul ? 1 : 0);
    return {reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)};
}

socket_address socket_address::of_local_end(int descriptor, std::error_code& error) noexcept
{
    return ask(&::getsockname, descriptor, error);
}

socket_address socket_address::of_remote_end(int descriptor, std::error_code& error) noexcept
{
    return ask(&::getpeername, descriptor, error);
}

const sockaddr* socket_address::data() const noexcept
{
    return reinterpret_cast<const sockaddr*>(&storage_);
}

int socket_address::family() const noexcept
{
    return storage_.ss_family;
}

std::uint16_t socket_address::port() const noexcept
{
    if (family() == AF_INET)
        return ntohs(read_as<sockaddr_in>(data()).sin_port);
    if (family() == AF_INET6)
        return ntohs(read_as<sockaddr_in6>(data()).sin6_port);
    return 0;
}

void socket_address::set_port(std::uint16_t port) noexcept
{
    const in_port_t value = htons(port);
    if (family() == AF_INET)
        std::memcpy(reinterpret_cast<std::byte*>(&storage_) + offsetof(sockaddr_in, sin_port),
            &value, sizeof value);
    else if (family() == AF_INET6)
        std::memcpy(reinterpret_cast<std::byte*>(&storage_) + offsetof(sockaddr_in6, sin6_port),
            &value, sizeof value);
}

std::string socket_address::ip_text() const
{
    if (family() == AF_INET)
    {
        const auto address = read_as<sockaddr_in>(data());
        return ipv4_text(&address.sin_addr);
    }
    if (family() == AF_INET6)
        return ipv6_text(read_as<sockaddr_in6>(data()));
    return {};
}

std::string socket_address::local_name() const
{
    constexpr std::size_t start = offsetof(sockaddr_un, sun_path);
    if (family() != AF_UNIX || size_ <= start)
        return {};
    const auto address = read_as<sockaddr_un>(data());
    const std::string_view name(
        address.sun_path, std::min<std::size_t>(size_ - start, max_local_size));
    return std::string(name.front() == '\0' ? name : name.substr(0, name.find('\0')));
}

bool operator==(const socket_address& a, const socket_address& b) noexcept
{
    return a.size_ == b.size_ && std::memcmp(&a.storage_, &b.storage_, a.size_) == 0;
}

}  // namespace ferry::transports
