// Something that makes one stream at a time to one endpoint, as often as asked.
#pragma once

#include <memory>
#include <system_error>

#include <asio/any_completion_handler.hpp>

#include "transports/byte_stream.hpp"

namespace ferry::transports
{

/// Connects to one endpoint. Used from one executor only, as byte_stream; the streams belong to
/// that executor too. Names are resolved anew at every attempt, without blocking the loop; all
/// addresses of a name are tried in turn.
class connector
{
public:
    using connect_handler =
        asio::any_completion_handler<void(std::error_code, std::unique_ptr<byte_stream>)>;

    virtual ~connector() = default;

    /// One attempt. At most one may be outstanding: std::errc::connection_already_in_progress.
    /// Errors: the system's (connection_refused, ...), the resolver's.
    virtual void async_connect(connect_handler handler) = 0;
    /// Completes an outstanding attempt with operation_aborted, never inline, and closes what it
    /// opened. A question to the resolver cannot be called back: its answer is thrown away, but
    /// counts as work of the loop until it comes.
    virtual void cancel() noexcept = 0;
    /// The number of the descriptor that the last attempt used last; -1 where it had none. One that
    /// failed has closed it.
    [[nodiscard]] virtual int native_handle() const noexcept = 0;
};

}  // namespace ferry::transports
