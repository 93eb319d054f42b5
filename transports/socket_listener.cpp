#include "transports/socket_listener.hpp"

#include <utility>

#include <asio/basic_stream_socket.hpp>
#include <asio/error.hpp>
#include <asio/generic/stream_protocol.hpp>

#include <ferry/error.hpp>

#include "transports/completion.hpp"
#include "transports/socket_stream.hpp"
#include "transports/system_errors.hpp"

namespace ferry::transports
{

namespace
{

using accept_handler = listener::accept_handler;

/// Shared by the listener and an outstanding accept, because each may be the last to go.
struct accept_state
{
    accept_state(const asio::any_io_executor& where, std::unique_ptr<listening> which)
        : executor(where), socket(where), kind(std::move(which))
    {
    }

    /// One connection, ready for use; null with `error` set, except with errc::peer_not_allowed.
    std::unique_ptr<byte_stream> take(
        const asio::any_io_executor& stream_executor, std::error_code& error) const
    {
        for (;;)
        {
            auto accepted = accept_stream_socket(descriptor, error);
            if (error)
                return nullptr;
            std::error_code unwelcome;
            auto description = kind->welcome(accepted.get(), unwelcome);
            if (unwelcome && unwelcome != errc::peer_not_allowed)
                continue;
            auto stream = make_socket_stream(
                std::move(accepted), family, stream_executor, std::move(description), error);
            if (!error)
                error = unwelcome;
            return stream;
        }
    }

    asio::any_io_executor executor;
    // A listening socket is waited for like any other; accept4 itself is called directly, because
    // Asio's accept leaves the new descriptor open to programs started meanwhile.
    stream_socket socket;
    std::unique_ptr<listening> kind;
    int descriptor = -1;
    int family = 0;
};

/// An accept that waits for the descriptor. It owns the handler, so that a loop that is
/// destroyed destroys the handler as well.
struct accept_operation
{
    std::shared_ptr<accept_state> state;
    asio::any_io_executor stream_executor;
    accept_handler handler;

    static void start(accept_operation self)
    {
        auto& socket = self.state->socket;
        socket.async_wait(stream_socket::wait_read, std::move(self));
    }

    void operator()(std::error_code error)
    {
        if (state->descriptor == -1)
            error = asio::error::operation_aborted;
        std::unique_ptr<byte_stream> stream;
        if (!error)
            stream = state->take(stream_executor, error);
        if (error == std::errc::operation_would_block)
            return start(std::move(*this));
        const auto executor = state->executor;
        complete_now(executor, std::move(handler), system_error(error), std::move(stream));
    }
};

class socket_listener final : public listener
{
public:
    socket_listener(std::shared_ptr<accept_state> state, std::string bound_endpoint)
        : state_(std::move(state)), bound_endpoint_(std::move(bound_endpoint))
    {
    }

    ~socket_listener() override { socket_listener::close(); }

    const std::string& bound_endpoint() const noexcept override { return bound_endpoint_; }
    int native_handle() const noexcept override { return state_->descriptor; }

    void async_accept(asio::any_io_executor stream_executor, accept_handler handler) override
    {
        std::error_code error;
        auto stream = state_->take(stream_executor, error);
        if (error == std::errc::operation_would_block)
        {
            return accept_operation::start(
                {state_, std::move(stream_executor), std::move(handler)});
        }
        complete_later(state_->executor, std::move(handler), error, std::move(stream));
    }

    void close() noexcept override
    {
        if (state_->descriptor == -1)
            return;
        state_->kind->before_close();
        state_->descriptor = -1;
        std::error_code ignored;
        state_->socket.close(ignored);
    }

private:
    std::shared_ptr<accept_state> state_;
    std::string bound_endpoint_;
};

}  // namespace

std::unique_ptr<listener> make_socket_listener(const asio::any_io_executor& executor,
    socket_handle& socket, std::string bound_endpoint, std::unique_ptr<listening> kind,
    failure& why)
{
    auto state = std::make_shared<accept_state>(executor, std::move(kind));
    std::error_code error;
    state->family = socket_address::of_local_end(socket.get(), error).family();
    const int descriptor = socket.get();
    if (!error)
        error = hand_over(socket, state->family, state->socket);
    if (error)
    {
        why = {error, "cannot watch the socket: " + error.message()};
        state->kind->before_close();
        return nullptr;
    }
    state->descriptor = descriptor;
    return std::make_unique<socket_listener>(std::move(state), std::move(bound_endpoint));
}

}  // namespace ferry::transports
