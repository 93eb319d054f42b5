#include <ferry/context.hpp>

#include "engine/context_core.hpp"

namespace ferry
{

context::context(context_options options) : core_(std::make_shared<detail::context_core>(options))
{
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
