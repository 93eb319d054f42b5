// The accept loop that tcp and ipc share.
#pragma once

#include <memory>
#include <string>
#include <system_error>

#include <asio/any_io_executor.hpp>

#include "transports/failure.hpp"
#include "transports/listener.hpp"
#include "transports/socket_handle.hpp"

namespace ferry::transports
{

/// What a transport adds to accepting: how a new connection is set up and described, and what is
/// tidied up at the end.
class listening
{
public:
    virtual ~listening() = default;

    /// Sets options and says who is there. An error drops this one connection in silence: it was
    /// gone before it could be used. Not so errc::peer_not_allowed, which comes with a description
    /// of who it was: the listener tells.
    [[nodiscard]] virtual stream_description welcome(
        int descriptor, std::error_code& error) const = 0;
    /// Once, while the socket still listens.
    virtual void before_close() noexcept = 0;
};

/// `socket` is bound and listens already. Null with `why` set when the loop cannot take it; then `socket` keeps it.
[[nodiscard]] std::unique_ptr<listener> make_socket_listener(const asio::any_io_executor& executor,
    socket_handle& socket, std::string bound_endpoint, std::unique_ptr<listening> kind,
    failure& why);

}  // namespace ferry::transports
