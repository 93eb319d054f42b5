// A byte_stream over any connected stream socket: tcp and ipc are the same from here on.
#pragma once

#include <memory>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/basic_stream_socket.hpp>
#include <asio/generic/stream_protocol.hpp>

#include "transports/byte_stream.hpp"
#include "transports/socket_handle.hpp"

namespace ferry::transports
{

using stream_socket =
    asio::basic_stream_socket<asio::generic::stream_protocol, asio::any_io_executor>;

/// Hands `from` to `to`, which watches it from now on. On failure `from` keeps the descriptor.
[[nodiscard]] std::error_code hand_over(socket_handle& from, int family, stream_socket& to);

/// `socket` is connected and non-blocking. It is watched by the descriptor_watch of the executor's
/// context, where there is one, and by Asio elsewhere. Null with `error` set when it cannot be.
[[nodiscard]] std::unique_ptr<byte_stream> make_socket_stream(socket_handle socket, int family,
    const asio::any_io_executor& executor, stream_description description, std::error_code& error);

}  // namespace ferry::transports
