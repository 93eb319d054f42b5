// How asynchronous operations begin: all of them that a user's compiler sees.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include <asio/any_completion_handler.hpp>
#include <asio/any_io_executor.hpp>
#include <asio/associated_executor.hpp>
#include <asio/associated_immediate_executor.hpp>

#include <ferry/detail/export.hpp>
#include <ferry/message.hpp>

namespace ferry::detail
{

class socket_core;

using plain_handler = asio::any_completion_handler<void(std::error_code)>;
using message_handler = asio::any_completion_handler<void(std::error_code, message)>;
using count_handler = asio::any_completion_handler<void(std::error_code, std::size_t)>;

/// What an operation waits for, beside messages.
struct awaited_state
{
    enum class kind : unsigned char
    {
        readable,
        writable,
        peers,
        subscribers,
    };
    kind what = kind::readable;
    std::size_t count = 0;
    std::string topic;
};

/// Where an operation happens, and where it completes if its handler does not say.
struct operation_place
{
    std::shared_ptr<socket_core> core;
    asio::any_io_executor executor;
    asio::any_io_executor handlers;  ///< the handler's executor; none if it can do too little
    bool has_immediate = true;       ///< the handler may have an immediate executor
};

FERRY_API void start_send(const operation_place& where, message m, plain_handler handler);
FERRY_API void start_receive(const operation_place& where, message_handler handler);
FERRY_API void start_wait(const operation_place& where, awaited_state what, plain_handler handler);
FERRY_API void start_close(const operation_place& where, count_handler handler);

// A struct each, with an executor: what asio::cancel_after and friends look at.
template <class Executor>
class initiation
{
public:
    using executor_type = Executor;

    initiation(std::shared_ptr<socket_core> core, Executor executor) noexcept
        : core_(std::move(core)), executor_(std::move(executor))
    {
    }
    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

protected:
    template <class Handler>
    [[nodiscard]] operation_place place(const Handler& handler) const
    {
        constexpr bool has_none = requires
        {
            typename asio::associated_immediate_executor<Handler,
                Executor>::asio_associated_immediate_executor_is_unspecialised;
        };
        const auto handlers = asio::get_associated_executor(handler, executor_);
        if constexpr (std::is_constructible_v<asio::any_io_executor, decltype(handlers)>)
            return {core_, executor_, handlers, !has_none};
        else
            return {core_, executor_, {}, !has_none};
    }

private:
    std::shared_ptr<socket_core> core_;
    Executor executor_;
};

template <class Executor>
class initiate_send : public initiation<Executor>
{
public:
    using initiation<Executor>::initiation;
    template <class Handler>
    void operator()(Handler&& handler, message m) const
    {
        const operation_place where = this->place(handler);
        start_send(where, std::move(m), std::forward<Handler>(handler));
    }
};

template <class Executor>
class initiate_receive : public initiation<Executor>
{
public:
    using initiation<Executor>::initiation;
    template <class Handler>
    void operator()(Handler&& handler) const
    {
        const operation_place where = this->place(handler);
        start_receive(where, std::forward<Handler>(handler));
    }
};

template <class Executor>
class initiate_wait : public initiation<Executor>
{
public:
    using initiation<Executor>::initiation;
    template <class Handler>
    void operator()(Handler&& handler, awaited_state what) const
    {
        const operation_place where = this->place(handler);
        start_wait(where, std::move(what), std::forward<Handler>(handler));
    }
};

template <class Executor>
class initiate_close : public initiation<Executor>
{
public:
    using initiation<Executor>::initiation;
    template <class Handler>
    void operator()(Handler&& handler) const
    {
        const operation_place where = this->place(handler);
        start_close(where, std::forward<Handler>(handler));
    }
};

}  // namespace ferry::detail
