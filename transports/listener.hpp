// Something bound that accepts streams.
#pragma once

#include <memory>
#include <string>
#include <system_error>

#include <asio/any_completion_handler.hpp>
#include <asio/any_io_executor.hpp>

#include "transports/byte_stream.hpp"

namespace ferry::transports
{

/// A bound endpoint. Used from one executor only, as byte_stream. Closing it (or destroying it)
/// completes an outstanding accept with operation_aborted, never inline; streams already accepted
/// live on.
class listener
{
public:
    using accept_handler =
        asio::any_completion_handler<void(std::error_code, std::unique_ptr<byte_stream>)>;

    virtual ~listener() = default;

    /// The endpoint really bound, wildcards and names resolved: "tcp://127.0.0.1:40123",
    /// "tcp://[::]:40123" (both families), "ipc:///tmp/x/socket". An IPv4 literal stays one, with or
    /// without the ipv6 option.
    [[nodiscard]] virtual const std::string& bound_endpoint() const noexcept = 0;
    [[nodiscard]] virtual int native_handle() const noexcept = 0;

    /// Accepts one stream that will belong to `stream_executor`. Errors such as "no descriptors"
    /// leave the listener usable; the caller pauses and tries again. errc::peer_not_allowed: a filter
    /// of the options keeps this one out; its stream comes along for its description alone.
    virtual void async_accept(asio::any_io_executor stream_executor, accept_handler handler) = 0;

    virtual void close() noexcept = 0;
};

}  // namespace ferry::transports
