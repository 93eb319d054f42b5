#include <utility>

#include <netinet/in.h>

#include "transports/socket_listener.hpp"
#include "transports/socket_options.hpp"
#include "transports/tcp/interfaces.hpp"
#include "transports/tcp/tcp_socket.hpp"
#include "transports/tcp/tcp_transport.hpp"

namespace ferry::transports
{

namespace
{

class tcp_listening final : public listening
{
public:
    tcp_listening(int family, transport_options options)
        : family_(family), options_(std::move(options))
    {
    }

    stream_description welcome(int descriptor, std::error_code& error) const override
    {
        // Linux inherits all of them, others some; a failure here means the peer is gone again.
        (void)apply_tcp_options(descriptor, family_, options_);
        bound_local_send_buffer(descriptor, options_);
        return describe_tcp(descriptor, error);
    }

    void before_close() noexcept override {}

private:
    int family_;
    transport_options options_;
};

socket_handle open_listening_socket(
    const socket_address& where, const transport_options& options, failure& why)
{
    auto socket = open_tcp_socket(where.family(), options, why);
    if (why)
        return {};
    std::error_code error = set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (!error)
        error = bind_socket(socket.get(), where);
    if (!error)
        error = listen_on(socket.get(), options.backlog);
    if (error)
        why = {error, {}};
    return error ? socket_handle{} : std::move(socket);
}

}  // namespace

std::unique_ptr<listener> make_tcp_listener(const asio::any_io_executor& executor,
    const tcp_bind_address& where, const transport_options& options, failure& why)
{
    why = {};
    auto address = bind_address(where, options.ipv6, why);
    if (!address)
        return nullptr;
    auto socket = open_listening_socket(*address, options, why);
    if (why.error == std::errc::address_family_not_supported &&
        where.host.what == tcp_host::kind::any && options.ipv6)
    {
        // A system without IPv6: every address is an IPv4 one there.
        why = {};
        address = socket_address::ipv4({}, where.port);
        socket = open_listening_socket(*address, options, why);
    }
    if (why)
        return nullptr;

    std::error_code error;
    const auto bound = socket_address::of_local_end(socket.get(), error);
    if (error)
    {
        why = {error, {}};
        return nullptr;
    }
    return make_socket_listener(executor, std::move(socket), tcp_endpoint_text(bound),
        std::make_unique<tcp_listening>(bound.family(), options), why);
}

}  // namespace ferry::transports
