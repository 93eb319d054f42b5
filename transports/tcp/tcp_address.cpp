#include "transports/tcp/tcp_address.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <ferry/error.hpp>

namespace ferry::transports
{

namespace
{

constexpr std::size_t max_name_size = 255;  // RFC 1035 "Size limits"
constexpr std::size_t max_zone_size = 15;   // IF_NAMESIZE without its NUL
constexpr std::uint32_t max_port = 65'535;

/// Where the text stands, which decides what may be written there.
enum class position
{
    bind,
    source,
    target,
};

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_reserved(char c) noexcept
{
    return std::string_view("/[];%*").find(c) != std::string_view::npos;
}

std::string quoted(std::string_view text)
{
    std::string result = "'";
    for (const char c : text.substr(0, max_name_size))
        result += c >= ' ' && c <= '~' ? c : '?';
    return result + "'";
}

std::nullopt_t refuse(failure& why, std::string detail)
{
    why = {errc::invalid_endpoint, std::move(detail)};
    return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text, position where, failure& why)
{
    if (text.empty())
        return refuse(why, "no port");
    if (text == "*" && where != position::target)
        return std::uint16_t{0};
    if (!std::all_of(text.begin(), text.end(), is_digit))
        return refuse(why, "port " + quoted(text) + " is not a number");

    std::uint32_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::uint32_t lowest = where == position::target ? 1 : 0;
    if (parsed.ec != std::errc{} || value > max_port || value < lowest)
    {
        return refuse(why,
            "port " + std::string(text.substr(0, max_name_size)) + " is not between " +
                std::to_string(lowest) + " and 65535");
    }
    return static_cast<std::uint16_t>(value);
}

bool is_name(std::string_view text, position where) noexcept
{
    if (text.empty() || text.size() > max_name_size)
        return false;
    if (where == position::target)
    {
        return (is_alphanumeric(text.front()) || text.front() == '_') &&
            std::all_of(text.begin(), text.end(),
                [](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
    }
    // Interfaces may be called almost anything, "eth0:1" included.
    return text.front() != ':' && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c <= '~' && !is_reserved(c);
    });
}

/// A literal, or null without an error when the text is none.
std::optional<tcp_host> parse_literal(std::string_view text, failure& why)
{
    const auto percent = text.find('%');
    const std::string digits(text.substr(0, percent));
    if (digits.find('\0') != std::string::npos)  // inet_pton would stop there
        return std::nullopt;

    tcp_host host;
    if (::inet_pton(AF_INET6, digits.c_str(), host.octets.data()) == 1)
        host.what = tcp_host::kind::ipv6;
    else if (::inet_pton(AF_INET, digits.c_str(), host.octets.data()) == 1)
        host.what = tcp_host::kind::ipv4;
    else
        return std::nullopt;

    if (percent == std::string_view::npos)
        return host;
    const auto zone = text.substr(percent + 1);
    if (host.what == tcp_host::kind::ipv4)
        return refuse(why, "an IPv4 address has no zone");
    if (zone.empty())
        return refuse(why, "the zone after % is empty");
    if (zone.size() > max_zone_size || !is_name(zone, position::bind))
        return refuse(why, quoted(zone) + " is no zone");
    host.zone = zone;
    return host;
}

std::optional<tcp_host> parse_host(std::string_view text, position where, failure& why)
{
    if (text.empty())
        return refuse(why, where == position::target ? "no host" : "no interface");
    if (text == "*")
    {
        if (where == position::target)
            return refuse(why, "* can only be bound");
        return tcp_host{};
    }

    const bool bracketed = text.front() == '[' && text.back() == ']';
    const auto inner = bracketed ? text.substr(1, text.size() - 2) : text;
    if (auto literal = parse_literal(inner, why); literal || why)
        return literal;
    if (bracketed)
        return refuse(why, quoted(inner) + " is not an IP address");
    if (!is_name(text, where))
    {
        return refuse(why,
            quoted(text) + " is neither an address nor " +
                (where == position::target ? "a host name" : "a name"));
    }

    tcp_host host;
    host.what = tcp_host::kind::name;
    host.name = text;
    return host;
}

std::optional<tcp_bind_address> parse_pair(std::string_view text, position where, failure& why)
{
    const auto colon = text.rfind(':');
    const bool no_port = colon == std::string_view::npos || text.back() == ']';
    if (no_port && where != position::source)
        return refuse(why, "no port");

    const auto host = parse_host(no_port ? text : text.substr(0, colon), where, why);
    if (!host)
        return std::nullopt;
    if (no_port)
        return tcp_bind_address{*host, 0};
    const auto port = parse_port(text.substr(colon + 1), where, why);
    if (!port)
        return std::nullopt;
    return tcp_bind_address{*host, *port};
}

}  // namespace

std::optional<tcp_bind_address> parse_tcp_bind_address(std::string_view text, failure& why)
{
    why = {};
    return parse_pair(text, position::bind, why);
}

std::optional<tcp_connect_address> parse_tcp_connect_address(std::string_view text, failure& why)
{
    why = {};
    tcp_connect_address result;
    if (const auto semicolon = text.find(';'); semicolon != std::string_view::npos)
    {
        result.source = parse_pair(text.substr(0, semicolon), position::source, why);
        if (!result.source)
            return std::nullopt;
        text.remove_prefix(semicolon + 1);
    }

    auto target = parse_pair(text, position::target, why);
    if (!target)
        return std::nullopt;
    result.host = std::move(target->host);
    result.port = target->port;
    return result;
}

}  // namespace ferry::transports
