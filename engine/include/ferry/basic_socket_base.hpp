// The asynchronous operations that all sockets have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/async_result.hpp>

#include <ferry/context.hpp>
#include <ferry/detail/initiate.hpp>
#include <ferry/message.hpp>
#include <ferry/socket_base.hpp>

namespace ferry
{

/// What an async_wait waits for.
enum class wait_type : std::uint8_t
{
    readable,  ///< receive would not wait
    writable,  ///< send would not wait
};

/// The asynchronous operations of all sockets. Each takes any completion token: a callback,
/// asio::use_awaitable, asio::use_future, asio::deferred, ...
///
/// Completes:     on the handler's associated executor, by default get_executor(); never inside the
///                initiating call, unless the handler has an immediate executor. Operations of one
///                socket are served in the order of their beginning.
/// Cancellation:  terminal, partial and total, with asio::error::operation_aborted. An operation takes
///                effect in the step that calls its handler: one that was cancelled has sent and
///                consumed nothing, and the next operation goes on where it would have.
/// Lifetimes:     closing or destroying the socket completes what is pending with
///                asio::error::operation_aborted.
/// Thread safety: operations may begin on any thread, several at a time; cancellation is to be
///                emitted on the handler's executor, as everywhere in Asio.
template <class Executor>
class basic_socket_base : public socket_base
{
public:
    using executor_type = Executor;
    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

    /// Waits until the socket is readable or writable. Level-triggered, and nothing is reserved.
    ///
    /// Errors:    errc::terminated, errc::closed.
    /// Signature: void(std::error_code)
    /// libzmq:    ZMQ_FD with ZMQ_EVENTS.
    template <class Token = asio::default_completion_token_t<Executor>>
    auto async_wait(wait_type what, Token&& token = Token())
    {
        const auto kind =
            what == wait_type::readable ? awaited::kind::readable : awaited::kind::writable;
        return wait_until({kind, 0, {}}, std::forward<Token>(token));
    }

    /// Waits until at least `count` peers have completed their handshake and are connected now.
    ///
    /// Errors:    errc::terminated, errc::closed.
    /// Signature: void(std::error_code)
    template <class Token = asio::default_completion_token_t<Executor>>
    auto async_wait_for_peers(std::size_t count, Token&& token = Token())
    {
        return wait_until({awaited::kind::peers, count, {}}, std::forward<Token>(token));
    }

    /// Closes as close() does, without blocking: completes when the last connection has ended, with
    /// how many messages were given up.
    ///
    /// Cancellation: ends the wait only; the socket stays closed and goes on delivering.
    /// Signature:    void(std::error_code, std::size_t)
    template <class Token = asio::default_completion_token_t<Executor>>
    auto async_close(Token&& token = Token())
    {
        return asio::async_initiate<Token, void(std::error_code, std::size_t)>(
            detail::initiate_close<Executor>(core_, executor_), token);
    }

protected:
    basic_socket_base(context& owner, socket_type type, socket_options options)
        : basic_socket_base(owner, owner.get_executor(), type, std::move(options))
    {
    }
    template <class Other>
    basic_socket_base(
        context& owner, const Other& executor, socket_type type, socket_options options)
        : socket_base(owner, type, std::move(options)), executor_(executor)
    {
    }

    /// Sends one message. `m` is moved from at once.
    ///
    /// Completes: when the message is in the queue of every peer the pattern chose; not when a peer has it.
    /// Errors:    as send(), but nothing interrupts it and it has no limit of time.
    /// Signature: void(std::error_code)
    template <class Token = asio::default_completion_token_t<Executor>>
    auto async_send(message m, Token&& token = Token())
    {
        return asio::async_initiate<Token, void(std::error_code)>(
            detail::initiate_send<Executor>(core_, executor_), token, std::move(m));
    }

    /// Receives one message.
    ///
    /// Errors:    as receive(), but nothing interrupts it and it has no limit of time; with an error the message has
    ///            no frames, and none was consumed.
    /// Signature: void(std::error_code, message)
    template <class Token = asio::default_completion_token_t<Executor>>
    auto async_receive(Token&& token = Token())
    {
        return asio::async_initiate<Token, void(std::error_code, message)>(
            detail::initiate_receive<Executor>(core_, executor_), token);
    }

    /// PUB, XPUB: waits until a message whose first frame is `topic` would go to at least `count` peers.
    ///
    /// Errors:    errc::terminated, errc::closed.
    /// Signature: void(std::error_code)
    template <class Token = asio::default_completion_token_t<Executor>>
    auto async_wait_for_subscribers(
        std::size_t count, std::string_view topic, Token&& token = Token())
    {
        return wait_until(
            {awaited::kind::subscribers, count, std::string(topic)}, std::forward<Token>(token));
    }

private:
    using awaited = detail::awaited_state;

    template <class Token>
    auto wait_until(awaited what, Token&& token)
    {
        return asio::async_initiate<Token, void(std::error_code)>(
            detail::initiate_wait<Executor>(core_, executor_), token, std::move(what));
    }

    Executor executor_;
};

}  // namespace ferry
