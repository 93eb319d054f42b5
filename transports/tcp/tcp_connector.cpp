#include <utility>

#include <netinet/in.h>

#include "transports/socket_connector.hpp"
#include "transports/socket_options.hpp"
#include "transports/tcp/interfaces.hpp"
#include "transports/tcp/tcp_socket.hpp"
#include "transports/tcp/tcp_transport.hpp"

namespace ferry::transports
{

namespace
{

constexpr std::array<std::uint8_t, 4> loopback_ipv4{127, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> loopback_ipv6{
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

class tcp_dialing final : public dialing
{
public:
    tcp_dialing(
        tcp_connect_address where, transport_options options, std::optional<socks_request> by_proxy)
        : where_(std::move(where)), options_(std::move(options)), by_proxy_(std::move(by_proxy))
    {
    }

    dial_targets targets(std::error_code& error) const override
    {
        dial_targets result;
        result.port = where_.port;
        result.ipv6 = options_.ipv6;
        result.by_proxy = by_proxy_;
        result.proxy_timeout = options_.socks_timeout;
        if (where_.host.is_literal())
        {
            failure why;
            if (const auto address = literal_address(where_.host, where_.port, why))
                result.addresses.push_back(*address);
            error = why.error;
        }
        else if (where_.host.name == "localhost")  // RFC 6761 "localhost": never asks anybody
        {
            if (options_.ipv6)
                result.addresses.push_back(socket_address::ipv6(loopback_ipv6, 0, where_.port));
            result.addresses.push_back(socket_address::ipv4(loopback_ipv4, where_.port));
        }
        else
        {
            result.host_name = where_.host.name;
        }
        return result;
    }

    socket_handle open(const socket_address& target, std::error_code& error) const override
    {
        failure why;
        auto socket = open_tcp_socket(target.family(), options_, why);
        if (!why && where_.source)
            bind_source(socket.get(), target, why);
        error = why.error;
        return error ? socket_handle{} : std::move(socket);
    }

    stream_description describe(int descriptor, std::error_code& error) const override
    {
        bound_local_send_buffer(descriptor, options_);
        return describe_tcp(descriptor, error);
    }

private:
    void bind_source(int descriptor, const socket_address& target, failure& why) const
    {
        const auto source = source_address(*where_.source, target.family(), why);
        if (!source)
            return;
        why.error = set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
#ifdef IP_BIND_ADDRESS_NO_PORT
        // The port is chosen in connect, when the target is known: many more are free then.
        if (source->port() == 0)
            (void)set_option(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
#endif
        if (!why)
            why.error = bind_socket(descriptor, *source);
    }

    tcp_connect_address where_;
    transport_options options_;
    std::optional<socks_request> by_proxy_;
};

}  // namespace

std::unique_ptr<connector> make_tcp_connector(asio::any_io_executor executor,
    tcp_connect_address where, const transport_options& options,
    std::optional<socks_request> by_proxy)
{
    return make_socket_connector(std::move(executor),
        std::make_unique<tcp_dialing>(std::move(where), options, std::move(by_proxy)));
}

}  // namespace ferry::transports
