// ipc: a path, `@name` (abstract, Linux), or `*` to bind a fresh path.
#pragma once

#include <memory>

#include "transports/ipc/ipc_address.hpp"
#include "transports/registry.hpp"

namespace ferry::transports
{

[[nodiscard]] std::shared_ptr<const transport> make_ipc_transport();

/// Binds and listens.
///
/// A socket file that nobody listens on any more is replaced; one that is alive, and any other
/// kind of file, is left alone (errc: the system's address_in_use, with a detail). To find out, a
/// connection is made to it and closed at once. On close, our own socket file is removed - if the
/// file of that name is still ours, by device and inode - and so are a wildcard's file and
/// directory. A child process made by fork removes nothing.
///
/// libzmq: replaces the file whoever listens on it, and leaves its own behind.
///
/// Null with `why` set on failure. In ipc_listener.cpp.
[[nodiscard]] std::unique_ptr<listener> make_ipc_listener(const asio::any_io_executor& executor,
    const ipc_address& where, const transport_options& options, failure& why);

/// A backlog that is full is an error (EAGAIN), as the system gives no way to wait for room.
/// In ipc_connector.cpp.
[[nodiscard]] std::unique_ptr<connector> make_ipc_connector(
    asio::any_io_executor executor, ipc_address where, const transport_options& options);

}  // namespace ferry::transports
