// Calling a handler with results: later, on its own executor.
#pragma once

#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/append.hpp>
#include <asio/dispatch.hpp>
#include <asio/post.hpp>

namespace ferry::transports
{

/// Never inline. Runs on the handler's associated executor, by default on `executor`.
template <typename Handler, typename... Results>
void complete_later(const asio::any_io_executor& executor, Handler&& handler, Results&&... results)
{
    asio::post(
        executor, asio::append(std::forward<Handler>(handler), std::forward<Results>(results)...));
}

/// The same from inside another completion on `executor`, which spares a round through the queue.
template <typename Handler, typename... Results>
void complete_now(const asio::any_io_executor& executor, Handler&& handler, Results&&... results)
{
    asio::dispatch(
        executor, asio::append(std::forward<Handler>(handler), std::forward<Results>(results)...));
}

}  // namespace ferry::transports
