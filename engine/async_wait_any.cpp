#include "engine/async_wait_any.hpp"

#include <cstdint>
#include <utility>

#include <asio/deferred.hpp>
#include <asio/experimental/parallel_group.hpp>
#include <asio/use_awaitable.hpp>

#include <ferry/detail/initiate.hpp>

namespace ferry::detail
{

namespace
{

awaited_state state_of(waiter::want what)
{
    switch (what)
    {
    case waiter::want::readable: return {awaited_state::kind::readable, 0, {}};
    case waiter::want::writable: return {awaited_state::kind::writable, 0, {}};
    default: return {awaited_state::kind::peers, SIZE_MAX, {}};  // only the socket's end
    }
}

auto wait(const awaited_readiness& what, const asio::any_io_executor& executor)
{
    using initiation = initiate_wait<asio::any_io_executor>;
    return asio::async_initiate<const asio::deferred_t, void(std::error_code)>(
        initiation(what.core, executor), asio::deferred, state_of(what.what));
}

}  // namespace

asio::awaitable<void> wait_for_any(
    std::vector<awaited_readiness> all, asio::any_io_executor executor)
{
    std::vector<decltype(wait(all.front(), executor))> operations;
    operations.reserve(all.size());
    for (const awaited_readiness& each : all)
        operations.push_back(wait(each, executor));
    co_await asio::experimental::make_parallel_group(std::move(operations))
        .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
}

}  // namespace ferry::detail
