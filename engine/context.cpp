#include <ferry/context.hpp>

#include "engine/context_core.hpp"
#include "engine/loop_service.hpp"

namespace ferry
{

context::context(context_options options) : core_(std::make_shared<detail::context_core>(options))
{
}

context::context(const asio::any_io_executor& executor, context_options options)
    : core_(std::make_shared<detail::context_core>(executor, options))
{
    detail::loop_service::of(executor).add(core_);
}

context::~context()
{
    core_->end();
}

void context::shutdown() noexcept
{
    core_->shutdown();
}

context::executor_type context::get_executor() const noexcept
{
    return core_->executor();
}

}  // namespace ferry
