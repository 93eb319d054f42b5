#include "transports/tcp/tcp_socket.hpp"

#include <netinet/in.h>

#include "transports/socket_options.hpp"

namespace ferry::transports
{

std::string tcp_endpoint_text(const socket_address& address)
{
    const auto ip = address.ip_text();
    const auto port = std::to_string(address.port());
    const bool needs_brackets = ip.find(':') != std::string::npos;
    return needs_brackets ? "tcp://[" + ip + "]:" + port : "tcp://" + ip + ":" + port;
}

socket_handle open_tcp_socket(int family, const transport_options& options, failure& why)
{
    std::error_code error;
    auto socket = open_stream_socket(family, error);
    if (error)
    {
        why = {error, {}};
        return {};
    }
    const int descriptor = socket.get();
    // Linux may be configured to switch this on for all (net.ipv6.bindv6only).
    if (family == AF_INET6)
        (void)set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    why = apply_buffer_options(descriptor, options);
    if (!why)
        why = apply_tcp_options(descriptor, family, options);
    if (!why)
        why = apply_device_option(descriptor, options);
    return why ? socket_handle{} : std::move(socket);
}

stream_description describe_tcp(int descriptor, std::error_code& error)
{
    const auto remote = socket_address::of_remote_end(descriptor, error);
    if (error)
        return {};
    const auto local = socket_address::of_local_end(descriptor, error);
    if (error)
        return {};
    return {tcp_endpoint_text(local), tcp_endpoint_text(remote), remote.ip_text()};
}

}  // namespace ferry::transports
