// What both ends of tcp do to a socket: open it with its options, and say who is connected.
#pragma once

#include <string>
#include <system_error>

#include "transports/byte_stream.hpp"
#include "transports/failure.hpp"
#include "transports/registry.hpp"
#include "transports/socket_handle.hpp"

namespace ferry::transports
{

/// "tcp://127.0.0.1:5555", "tcp://[::1]:5555".
[[nodiscard]] std::string tcp_endpoint_text(const socket_address& address);

/// A stream socket with every option that is set before connect or listen.
[[nodiscard]] socket_handle open_tcp_socket(
    int family, const transport_options& options, failure& why);

[[nodiscard]] stream_description describe_tcp(int descriptor, std::error_code& error);

}  // namespace ferry::transports
