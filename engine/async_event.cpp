#include "engine/async_event.hpp"

#include <exception>
#include <utility>

#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/associated_immediate_executor.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/error.hpp>
#include <asio/execution.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/recycling_allocator.hpp>

#include <ferry/error.hpp>

#include "engine/context_core.hpp"

namespace ferry::detail
{

void async_event::start(const std::shared_ptr<context_core>& context,
    const std::shared_ptr<monitor_queue>& queue, event_handler handler)
{
    const asio::any_io_executor place = context->completion_executor(context->executor());
    const asio::any_completion_executor immediate =
        asio::get_associated_immediate_executor(handler, place);
    const auto allocator =
        asio::get_associated_allocator(handler, asio::recycling_allocator<void>());
    const auto made =
        std::allocate_shared<async_event>(allocator, context, queue, std::move(handler), place);
    made->connect_slot();
    made->begin(immediate);
}

async_event::async_event(std::shared_ptr<context_core> context,
    std::shared_ptr<monitor_queue> queue, event_handler handler, asio::any_io_executor place)
    : context_(std::move(context)), queue_(std::move(queue)), place_in_queue_(queue_->next_place()),
      handler_(std::move(handler)),
      socket_executor_(asio::prefer(place, asio::execution::outstanding_work.tracked)),
      executor_(asio::prefer(
          asio::any_completion_executor(asio::get_associated_executor(handler_, place)),
          asio::execution::outstanding_work.tracked))
{
}

void async_event::connect_slot()
{
    constexpr auto all = asio::cancellation_type::terminal | asio::cancellation_type::partial |
        asio::cancellation_type::total;
    auto slot = asio::get_associated_cancellation_slot(handler_);
    if (!slot.is_connected())
        return;
    slot.assign([weak = weak_from_this()](asio::cancellation_type type) {
        const auto self = weak.lock();
        if (self && (type & all) != asio::cancellation_type::none)
            self->cancel();
    });
}

void async_event::begin(const asio::any_completion_executor& immediate)
{
    if (queue_->add_reader(place_in_queue_, shared_from_this()))
        return;
    immediate.execute([self = shared_from_this(), own = executor_]() mutable {
        own.execute([self = std::move(self)] { self->step(); });
    });
    context_->see_to_handlers();
}

void async_event::wake() noexcept
{
    try
    {
        asio::post(socket_executor_, [self = shared_from_this()]() mutable {
            const asio::any_completion_executor own = self->executor_;
            own.execute([self = std::move(self)] { self->step(); });
        });
    }
    catch (const std::exception&)
    {
        return;  // no memory to call the handler with: it is destroyed
    }
    context_->see_to_handlers();
}

void async_event::cancel() noexcept
{
    is_cancelled_ = true;
    if (queue_->remove_reader(place_in_queue_))
        wake();
}

void async_event::step()
{
    if (is_over_)
        return;
    if (is_cancelled_ || queue_->is_aborted())
        return finish(asio::error::operation_aborted, {});
    if (auto event = queue_->try_pop())
        return finish({}, std::move(*event));
    if (queue_->is_at_its_end())
        return finish(errc::closed, {});
    if (!queue_->add_reader(place_in_queue_, shared_from_this()))
        wake();
}

// Until the handler has returned, its loop has something to do.
void async_event::finish(std::error_code error, monitor_event event)
{
    is_over_ = true;
    const asio::any_completion_executor executor = std::move(executor_);
    const asio::any_io_executor socket_executor = std::move(socket_executor_);
    event_handler handler = std::move(handler_);
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
        slot.clear();
    std::move(handler)(error, std::move(event));
}

}  // namespace ferry::detail
