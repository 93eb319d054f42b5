#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <netinet/in.h>

#include <ferry/error.hpp>

#include "transports/adopted_socket.hpp"
#include "transports/socket_listener.hpp"
#include "transports/socket_options.hpp"
#include "transports/tcp/address_range.hpp"
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
    tcp_listening(int family, transport_options options, std::vector<address_range> allowed)
        : family_(family), options_(std::move(options)), allowed_(std::move(allowed))
    {
    }

    stream_description welcome(int descriptor, std::error_code& error) const override
    {
        // Linux inherits all of them, others some; a failure here means the peer is gone again.
        (void)apply_tcp_options(descriptor, family_, options_);
        bound_local_send_buffer(descriptor, options_);
        auto description = describe_tcp(descriptor, error);
        if (!error && !allowed_.empty() && !is_allowed(descriptor, error) && !error)
            error = errc::peer_not_allowed;
        return description;
    }

    void before_close() noexcept override {}

private:
    bool is_allowed(int descriptor, std::error_code& error) const
    {
        const auto peer = socket_address::of_remote_end(descriptor, error);
        return std::any_of(allowed_.begin(), allowed_.end(),
            [&](const auto& range) { return range.contains(peer); });
    }

    int family_;
    transport_options options_;
    std::vector<address_range> allowed_;  // empty: everybody
};

std::vector<address_range> parse_filter(const std::vector<std::string>& texts, failure& why)
{
    std::vector<address_range> ranges;
    for (const std::string& text : texts)
    {
        const auto range = parse_address_range(text, why);
        if (!range)
            return {};
        ranges.push_back(*range);
    }
    return ranges;
}

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

socket_handle bind_and_listen(
    const tcp_bind_address& where, const transport_options& options, failure& why)
{
    auto address = bind_address(where, options.ipv6, why);
    if (!address)
        return {};
    auto socket = open_listening_socket(*address, options, why);
    if (why.error == std::errc::address_family_not_supported &&
        where.host.what == tcp_host::kind::any && options.ipv6)
    {
        // A system without IPv6: every address is an IPv4 one there.
        why = {};
        address = socket_address::ipv4({}, where.port);
        socket = open_listening_socket(*address, options, why);
    }
    return socket;
}

std::unique_ptr<listener> listen_with(const asio::any_io_executor& executor, socket_handle& socket,
    const transport_options& options, failure& why)
{
    auto allowed = parse_filter(options.tcp_accept_filter, why);
    if (why)
        return nullptr;
    std::error_code error;
    const auto bound = socket_address::of_local_end(socket.get(), error);
    if (error)
    {
        why = {error, {}};
        return nullptr;
    }
    return make_socket_listener(executor, socket, tcp_endpoint_text(bound),
        std::make_unique<tcp_listening>(bound.family(), options, std::move(allowed)), why);
}

}  // namespace

std::unique_ptr<listener> make_tcp_listener(const asio::any_io_executor& executor,
    const tcp_bind_address& where, const transport_options& options, failure& why)
{
    why = {};
    const bool adopts = options.descriptor >= 0;
    auto socket = adopts
        ? adopt_listening_socket(options.descriptor, std::array{AF_INET, AF_INET6}, why)
        : bind_and_listen(where, options, why);
    if (why)
        return nullptr;
    auto result = listen_with(executor, socket, options, why);
    if (!result && adopts)
        (void)socket.release();  // the caller's still
    return result;
}

}  // namespace ferry::transports
