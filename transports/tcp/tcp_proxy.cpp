#include "transports/tcp/tcp_proxy.hpp"

#include <utility>

#include <ferry/error.hpp>

namespace ferry::transports
{

namespace
{

constexpr std::size_t ipv4_size = 4;

std::string octets_of(const tcp_host& host)
{
    const std::size_t size =
        host.what == tcp_host::kind::ipv4 ? ipv4_size : std::tuple_size_v<decltype(host.octets)>;
    return {reinterpret_cast<const char*>(host.octets.data()), size};
}

socks_target target_of(const tcp_connect_address& where)
{
    switch (where.host.what)
    {
    case tcp_host::kind::ipv4: return {socks_target::kind::ipv4, octets_of(where.host), where.port};
    case tcp_host::kind::ipv6: return {socks_target::kind::ipv6, octets_of(where.host), where.port};
    case tcp_host::kind::name:
    case tcp_host::kind::any: break;  // the latter is nothing to connect to
    }
    return {socks_target::kind::name, where.host.name, where.port};
}

}  // namespace

std::optional<tcp_connect_address> parse_socks_proxy(std::string_view text, failure& why)
{
    auto address = parse_tcp_connect_address(text, why);
    if (address && address->source)
        why = {errc::invalid_endpoint, "the source belongs to the endpoint"};
    if (!why)
        return address;
    why = {errc::invalid_argument, "socks_proxy is not host:port (" + why.detail + ")"};
    return {};
}

std::optional<socks_request> socks_request_of(
    const tcp_connect_address& target, const transport_options& options, failure& why)
{
    why = {};
    if (!target.host.zone.empty())
    {
        why = {errc::invalid_endpoint, "a proxy knows nothing of the zone"};
        return {};
    }
    return socks_request{target_of(target), options.socks_username, options.socks_password};
}

}  // namespace ferry::transports
