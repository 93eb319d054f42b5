// tcp: `interface:port` to bind, `[source;]host:port` to connect.
#pragma once

#include <memory>
#include <optional>

#include "transports/registry.hpp"
#include "transports/socks/socks_dialogue.hpp"
#include "transports/tcp/tcp_address.hpp"

namespace ferry::transports
{

[[nodiscard]] std::shared_ptr<const transport> make_tcp_transport();

/// Binds and listens. Null with `why` set on failure. In tcp_listener.cpp.
[[nodiscard]] std::unique_ptr<listener> make_tcp_listener(const asio::any_io_executor& executor,
    const tcp_bind_address& where, const transport_options& options, failure& why);

/// With `by_proxy`, `where` is that of a SOCKS proxy, which is asked for the connection. In tcp_connector.cpp.
[[nodiscard]] std::unique_ptr<connector> make_tcp_connector(asio::any_io_executor executor,
    tcp_connect_address where, const transport_options& options,
    std::optional<socks_request> by_proxy);

}  // namespace ferry::transports
