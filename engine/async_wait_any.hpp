// Waiting for one of several things at several sockets, in a coroutine.
#pragma once

#include <memory>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include "engine/waiter.hpp"

namespace ferry::detail
{

class socket_core;

struct awaited_readiness
{
    std::shared_ptr<socket_core> core;
    waiter::want what;
};

/// Returns when one of them is ready, has failed, or the coroutine is cancelled; what it was, is to be
/// looked for. `all` is not empty.
[[nodiscard]] asio::awaitable<void> wait_for_any(
    std::vector<awaited_readiness> all, asio::any_io_executor executor);

}  // namespace ferry::detail
