// Two sockets joined: what comes in at one goes out at the other.
#pragma once

#include <system_error>
#include <utility>

#include <asio/any_completion_handler.hpp>
#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <ferry/detail/export.hpp>

namespace ferry
{

class socket_base;

/// Passes whole messages between `frontend` and `backend`, both ways, until a socket is closed or its context
/// ends. A side is read only while the other has room, so back-pressure passes through. With
/// `capture`, a copy of every message goes there too, dropped if that socket has no room.
///
/// Completes: when a socket is closed, the context is ended, or a signal handler ran in this thread; the error says which.
/// Errors:    errc::terminated, errc::closed, errc::interrupted, errc::would_deadlock (on the loop that would have to
///            serve it), errc::not_supported (nothing could pass), errc::invalid_argument (one socket at both
///            ends).
/// libzmq:    zmq_proxy.
FERRY_API std::error_code proxy(
    socket_base& frontend, socket_base& backend, socket_base* capture = nullptr);

namespace detail
{

using proxy_handler = asio::any_completion_handler<void(std::error_code)>;

FERRY_API void start_proxy(
    socket_base& frontend, socket_base& backend, socket_base* capture, proxy_handler handler);
[[nodiscard]] FERRY_API asio::any_io_executor executor_of(const socket_base& socket) noexcept;

class initiate_proxy
{
public:
    using executor_type = asio::any_io_executor;
    initiate_proxy(socket_base& frontend, socket_base& backend, socket_base* capture) noexcept
        : frontend_(frontend), backend_(backend), capture_(capture)
    {
    }
    [[nodiscard]] executor_type get_executor() const noexcept { return executor_of(frontend_); }
    template <class Handler>
    void operator()(Handler&& handler) const
    {
        start_proxy(frontend_, backend_, capture_, std::forward<Handler>(handler));
    }

private:
    socket_base& frontend_;
    socket_base& backend_;
    socket_base* capture_;
};

}  // namespace detail

/// The same without blocking: messages are passed on the executor of the frontend's context.
///
/// Completes:    as proxy(), with why it ended; on the handler's executor, by default that same one.
/// Cancellation: terminal, partial and total: it ends with asio::error::operation_aborted. At most one message each way
///               was taken from one side and not yet given to the other; it is lost with the proxy.
/// Lifetimes:    the sockets must outlive the operation, or be closed.
/// Signature:    void(std::error_code)
/// libzmq:       zmq_proxy_steerable's TERMINATE, as a cancellation.
template <class Token = asio::default_completion_token_t<asio::any_io_executor>>
auto async_proxy(
    socket_base& frontend, socket_base& backend, socket_base* capture, Token&& token = Token())
{
    return asio::async_initiate<Token, void(std::error_code)>(
        detail::initiate_proxy(frontend, backend, capture), token);
}

}  // namespace ferry
