#include "transports/tcp/tcp_transport.hpp"

#include <utility>

#include <ferry/error.hpp>

#include "transports/tcp/tcp_proxy.hpp"

namespace ferry::transports
{

namespace
{

class tcp_transport final : public transport
{
public:
    std::string_view scheme() const noexcept override { return "tcp"; }

    std::unique_ptr<listener> listen(asio::any_io_executor executor, const endpoint& where,
        const transport_options& options, failure& why) const override
    {
        const auto address = parse_tcp_bind_address(where.address(), why);
        if (!address)
            return nullptr;
        return make_tcp_listener(executor, *address, options, why);
    }

    std::unique_ptr<connector> make_connector(asio::any_io_executor executor, const endpoint& where,
        const transport_options& options, failure& why) const override
    {
        auto address = parse_tcp_connect_address(where.address(), why);
        std::optional<socks_request> request;
        if (address && !options.socks_proxy.empty())
            address = go_by_proxy(std::move(*address), options, request, why);
        if (!address || !usable(*address, options, why))
            return nullptr;
        return make_tcp_connector(
            std::move(executor), std::move(*address), options, std::move(request));
    }

private:
    /// Where to connect to instead, from the same source, and what to ask there.
    static std::optional<tcp_connect_address> go_by_proxy(tcp_connect_address target,
        const transport_options& options, std::optional<socks_request>& request, failure& why)
    {
        request = socks_request_of(target, options, why);
        if (!request)
            return {};
        auto proxy = parse_socks_proxy(options.socks_proxy, why);
        if (proxy)
            proxy->source = std::move(target.source);
        return proxy;
    }

    /// Retrying would not help these, so they are refused before the first attempt.
    static bool usable(
        const tcp_connect_address& address, const transport_options& options, failure& why)
    {
        const bool needs_ipv6 = address.host.is_ipv6_literal() ||
            (address.source && address.source->host.is_ipv6_literal());
        if (needs_ipv6 && !options.ipv6)
        {
            why = {errc::invalid_endpoint, "an IPv6 address needs the ipv6 option"};
            return false;
        }
        if (address.source && address.source->host.is_literal() && address.host.is_literal() &&
            address.source->host.is_ipv6_literal() != address.host.is_ipv6_literal())
        {
            why = {errc::invalid_endpoint, "source and host are of different address families"};
            return false;
        }
        return true;
    }
};

}  // namespace

std::shared_ptr<const transport> make_tcp_transport()
{
    return std::make_shared<tcp_transport>();
}

}  // namespace ferry::transports
