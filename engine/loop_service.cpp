#include "engine/loop_service.hpp"

#include <utility>

#include <asio/execution/context.hpp>
#include <asio/query.hpp>
#include <asio/steady_timer.hpp>

#include "engine/context_core.hpp"

namespace ferry::detail
{

asio::execution_context::id loop_service::id;

// The timer makes Asio's own services first. They hear of a fork before us, so that what we close then
// is not in the parent's poll set any more; and they are shut down after us.
loop_service& loop_service::of(const asio::any_io_executor& executor)
{
    const asio::steady_timer first(executor);
    return asio::use_service<loop_service>(asio::query(executor, asio::execution::context));
}

void loop_service::add(const std::shared_ptr<context_core>& context)
{
    const std::lock_guard lock(mutex_);
    std::erase_if(contexts_, [](const auto& weak) { return weak.expired(); });
    contexts_.push_back(context);
}

void loop_service::shutdown() noexcept
{
    abandon_all();
}

void loop_service::notify_fork(asio::execution_context::fork_event event)
{
    if (event == asio::execution_context::fork_child)
        abandon_all();
}

void loop_service::abandon_all() noexcept
{
    std::vector<std::weak_ptr<context_core>> all;
    {
        const std::lock_guard lock(mutex_);
        all.swap(contexts_);
    }
    for (const auto& weak : all)
    {
        if (const auto context = weak.lock())
            context->abandon();
    }
}

}  // namespace ferry::detail
