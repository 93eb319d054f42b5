#include "transports/tcp/interfaces.hpp"

#include <algorithm>
#include <charconv>
#include <memory>

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <ferry/error.hpp>

namespace ferry::transports
{

namespace
{

struct interface_list
{
    interface_list()
    {
        if (::getifaddrs(&first) != 0)
            first = nullptr;
    }
    ~interface_list()
    {
        if (first != nullptr)
            ::freeifaddrs(first);
    }
    interface_list(const interface_list&) = delete;
    interface_list& operator=(const interface_list&) = delete;

    ifaddrs* first = nullptr;
};

std::optional<socket_address> first_of_interface(
    const interface_list& list, const std::string& name, int family)
{
    for (const auto* entry = list.first; entry != nullptr; entry = entry->ifa_next)
    {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != family ||
            name != entry->ifa_name)
            continue;
        const auto size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        return socket_address(entry->ifa_addr, static_cast<socklen_t>(size));
    }
    return std::nullopt;
}

std::vector<socket_address> resolve_now(const std::string& name, bool ipv6, std::string& problem)
{
    addrinfo hints{};
    hints.ai_family = ipv6 ? AF_UNSPEC : AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    if (const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &first); code != 0)
    {
        problem = ::gai_strerror(code);
        return {};
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(first, &::freeaddrinfo);
    std::vector<socket_address> result;
    for (const auto* entry = first; entry != nullptr; entry = entry->ai_next)
        result.emplace_back(entry->ai_addr, entry->ai_addrlen);
    return result;
}

std::optional<std::uint32_t> zone_number(const std::string& zone)
{
    if (const auto index = ::if_nametoindex(zone.c_str()); index != 0)
        return index;
    std::uint32_t number = 0;
    const auto* end = zone.data() + zone.size();
    const auto parsed = std::from_chars(zone.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
        return std::nullopt;
    return number;
}

/// The one that the option prefers: IPv6 first, or IPv4 only.
std::optional<socket_address> preferred(const std::vector<socket_address>& all, bool ipv6)
{
    const auto of_family = [&all](int family) -> std::optional<socket_address> {
        const auto found = std::find_if(all.begin(), all.end(),
            [family](const socket_address& each) { return each.family() == family; });
        return found == all.end() ? std::nullopt : std::optional(*found);
    };
    if (ipv6)
    {
        if (auto found = of_family(AF_INET6))
            return found;
    }
    return of_family(AF_INET);
}

std::optional<socket_address> with_port(std::optional<socket_address> address, std::uint16_t port)
{
    if (address)
        address->set_port(port);
    return address;
}

std::nullopt_t no_interface(failure& why, std::string detail)
{
    why = {errc::no_such_interface, std::move(detail)};
    return std::nullopt;
}

}  // namespace

std::vector<socket_address> addresses_of_interface(const std::string& name)
{
    const interface_list list;
    std::vector<socket_address> result;
    for (const int family : {AF_INET, AF_INET6})
    {
        if (const auto found = first_of_interface(list, name, family))
            result.push_back(*found);
    }
    return result;
}

bool interface_exists(const std::string& name)
{
    return ::if_nametoindex(name.c_str()) != 0;
}

std::optional<socket_address> literal_address(
    const tcp_host& host, std::uint16_t port, failure& why)
{
    if (host.what == tcp_host::kind::ipv4)
    {
        std::array<std::uint8_t, 4> octets{};
        std::copy_n(host.octets.begin(), octets.size(), octets.begin());
        return socket_address::ipv4(octets, port);
    }
    std::uint32_t scope = 0;
    if (!host.zone.empty())
    {
        const auto number = zone_number(host.zone);
        if (!number)
            return no_interface(why, "no interface named " + host.zone);
        scope = *number;
    }
    return socket_address::ipv6(host.octets, scope, port);
}

std::optional<socket_address> bind_address(const tcp_bind_address& where, bool ipv6, failure& why)
{
    switch (where.host.what)
    {
    case tcp_host::kind::any:
        return ipv6 ? socket_address::ipv6({}, 0, where.port)
                    : socket_address::ipv4({}, where.port);
    case tcp_host::kind::ipv6:
        if (!ipv6)
            return no_interface(why, "an IPv6 address needs the ipv6 option");
        [[fallthrough]];
    case tcp_host::kind::ipv4: return literal_address(where.host, where.port, why);
    case tcp_host::kind::name: break;
    }

    const auto& name = where.host.name;
    const auto own = addresses_of_interface(name);
    if (auto found = with_port(preferred(own, ipv6), where.port))
        return found;
    if (!own.empty() || interface_exists(name))
        return no_interface(why, "interface " + name + " has no suitable address");
    std::string problem = "no address of the wanted family";
    if (auto found = with_port(preferred(resolve_now(name, ipv6, problem), ipv6), where.port))
        return found;
    return no_interface(why, "no interface named " + name + ", and no host (" + problem + ")");
}

std::optional<socket_address> source_address(
    const tcp_bind_address& source, int family, failure& why)
{
    const auto wrong_family = [&why]() -> std::optional<socket_address> {
        why = {std::make_error_code(std::errc::address_family_not_supported),
            "the source has no address of the host's family"};
        return std::nullopt;
    };
    switch (source.host.what)
    {
    case tcp_host::kind::any:
        return family == AF_INET6 ? socket_address::ipv6({}, 0, source.port)
                                  : socket_address::ipv4({}, source.port);
    case tcp_host::kind::ipv4:
    case tcp_host::kind::ipv6:
        if (source.host.is_ipv6_literal() != (family == AF_INET6))
            return wrong_family();
        return literal_address(source.host, source.port, why);
    case tcp_host::kind::name: break;
    }

    const auto own = addresses_of_interface(source.host.name);
    for (auto address : own)
    {
        if (address.family() == family)
        {
            address.set_port(source.port);
            return address;
        }
    }
    if (!own.empty())
        return wrong_family();
    return no_interface(why, "no interface named " + source.host.name);
}

}  // namespace ferry::transports
