#include "transports/tcp/address_range.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <ferry/error.hpp>

namespace ferry::transports
{

namespace
{

constexpr unsigned ipv4_bits = 32;
constexpr unsigned ipv6_bits = 128;
constexpr unsigned mapped_bits = ipv6_bits - ipv4_bits;  // in front of a mapped IPv4 address
constexpr std::size_t mapped_octets = mapped_bits / 8;

using ip_octets = std::array<std::uint8_t, 16>;

ip_octets mapped(const void* ipv4) noexcept
{
    ip_octets result{};
    result[mapped_octets - 2] = 0xff;
    result[mapped_octets - 1] = 0xff;
    std::memcpy(result.data() + mapped_octets, ipv4, result.size() - mapped_octets);
    return result;
}

std::optional<ip_octets> octets_of(const socket_address& address) noexcept
{
    if (address.family() == AF_INET)
    {
        sockaddr_in v4{};
        std::memcpy(&v4, address.data(), sizeof v4);
        return mapped(&v4.sin_addr);
    }
    if (address.family() != AF_INET6)
        return {};
    sockaddr_in6 v6{};
    std::memcpy(&v6, address.data(), sizeof v6);
    ip_octets result{};
    std::memcpy(result.data(), &v6.sin6_addr, result.size());
    return result;
}

// Also of how many bits the literal is.
std::optional<ip_octets> parse_literal(const std::string& text, unsigned& bits) noexcept
{
    if (text.find('\0') != std::string::npos)  // inet_pton would stop there
        return {};
    in_addr v4{};
    bits = ipv4_bits;
    if (::inet_pton(AF_INET, text.c_str(), &v4) == 1)
        return mapped(&v4);
    ip_octets v6{};
    bits = ipv6_bits;
    if (::inet_pton(AF_INET6, text.c_str(), v6.data()) == 1)
        return v6;
    return {};
}

std::optional<unsigned> parse_bits(std::string_view text, unsigned most) noexcept
{
    unsigned value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
    if (!is_whole || value > most)
        return {};
    return value;
}

std::nullopt_t refuse(std::string_view text, std::string_view what, failure& why)
{
    std::string shown;
    for (const char c : text.substr(0, 100))
        shown += c >= ' ' && c <= '~' ? c : '?';
    why = {errc::invalid_argument, "'" + shown + "' " + std::string(what)};
    return std::nullopt;
}

}  // namespace

bool address_range::contains(const socket_address& address) const noexcept
{
    const auto other = octets_of(address);
    if (!other)
        return false;
    const unsigned whole = bits / 8;
    if (!std::equal(octets.begin(), octets.begin() + whole, other->begin()))
        return false;
    if (bits % 8 == 0)
        return true;
    const unsigned difference = octets[whole] ^ (*other)[whole];
    return difference >> (8 - bits % 8) == 0;
}

std::optional<address_range> parse_address_range(std::string_view text, failure& why)
{
    why = {};
    const auto slash = text.find('/');
    unsigned most = 0;
    const auto octets = parse_literal(std::string(text.substr(0, slash)), most);
    if (!octets)
        return refuse(text, "is no range of IP addresses, like 10.0.0.0/8", why);
    if (slash == std::string_view::npos)
        return address_range{*octets, ipv6_bits};
    const auto bits = parse_bits(text.substr(slash + 1), most);
    if (!bits)
        return refuse(text, "must have 0 to " + std::to_string(most) + " bits", why);
    return address_range{*octets, ipv6_bits - most + *bits};
}

}  // namespace ferry::transports
