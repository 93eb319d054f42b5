// A byte_stream over a descriptor that a descriptor_watch looks after.
#pragma once

#include <memory>
#include <system_error>

#include <asio/any_io_executor.hpp>

#include "transports/byte_stream.hpp"
#include "transports/descriptor_watch.hpp"
#include "transports/socket_handle.hpp"

namespace ferry::transports
{

/// `socket` is connected and non-blocking. It is watched from its first operation on; that one fails
/// when it cannot be.
[[nodiscard]] std::unique_ptr<byte_stream> make_polled_stream(socket_handle socket,
    const asio::any_io_executor& executor, descriptor_watch& watch, stream_description description);

}  // namespace ferry::transports
