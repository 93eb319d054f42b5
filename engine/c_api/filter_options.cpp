#include "engine/c_api/filter_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>

namespace ferry::c_api
{

namespace
{

constexpr std::size_t longest_filter = 255;

// How libzmq's users may write an address: IPv4 with fewer parts or in other bases, IPv6 with brackets and zone. Ferry takes
// the plain forms.
std::optional<std::string> plain_address(std::string text, bool with_ipv6)
{
    in_addr four{};
    std::array<char, INET6_ADDRSTRLEN> plain{};
    const bool has_space =
        text.find_first_of(" \t\r\n") != std::string::npos;  // inet_aton stops there
    if (!has_space && ::inet_aton(text.c_str(), &four) != 0)
        return ::inet_ntop(AF_INET, &four, plain.data(), plain.size());
    if (text.size() > 2 && text.front() == '[' && text.back() == ']')
        text = text.substr(1, text.size() - 2);
    in6_addr six{};
    text.resize(std::min(text.size(), text.find('%')));
    const bool is_ipv6 = ::inet_pton(AF_INET6, text.c_str(), &six) == 1;
    if (!is_ipv6 || (!with_ipv6 && !IN6_IS_ADDR_V4MAPPED(&six)))
        return {};
    return ::inet_ntop(AF_INET6, &six, plain.data(), plain.size());
}

// Digits, and no more than the address has bits.
bool are_bits(std::string_view text, const std::string& address) noexcept
{
    const int most = address.find(':') == std::string::npos ? 32 : 128;
    int bits = -1;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bits);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && bits >= 0 &&
        bits <= most;
}

std::optional<std::string> plain_range(std::string_view text, bool with_ipv6)
{
    const std::size_t slash = text.find('/');
    auto address = plain_address(std::string(text.substr(0, slash)), with_ipv6);
    if (!address || slash == std::string_view::npos)
        return address;
    const std::string_view bits = text.substr(slash + 1);
    if (!are_bits(bits, *address))
        return {};
    return *address + '/' + std::string(bits);
}

}  // namespace

int set_address_filter(c_socket& socket, const option_row&, given_value given)
{
    auto& ranges = socket.options().tcp_accept_filter;
    if (given.data == nullptr && given.size == 0)
    {
        ranges.clear();
        return 0;
    }
    if (given.data == nullptr || given.size == 0 || given.size > longest_filter)
        return EINVAL;
    std::string_view text(static_cast<const char*>(given.data), given.size);
    text = text.substr(0, text.find('\0'));
    auto range = plain_range(text, socket.options().ipv6 != 0);
    if (!range)
        return EINVAL;
    ranges.push_back(std::move(*range));
    return 0;
}

}  // namespace ferry::c_api
