// Connecting over tcp by a SOCKS proxy: where it is, and what to ask of it.
#pragma once

#include <optional>
#include <string_view>

#include "transports/failure.hpp"
#include "transports/registry.hpp"
#include "transports/socks/socks_dialogue.hpp"
#include "transports/tcp/tcp_address.hpp"

namespace ferry::transports
{

/// "host:port". Errors: errc::invalid_argument, with a detail.
[[nodiscard]] std::optional<tcp_connect_address> parse_socks_proxy(
    std::string_view text, failure& why);

/// What a proxy is to be asked: a connection to the target, whose name is not resolved here. Errors:
/// errc::invalid_endpoint for what a proxy cannot be told.
[[nodiscard]] std::optional<socks_request> socks_request_of(
    const tcp_connect_address& target, const transport_options& options, failure& why);

}  // namespace ferry::transports
