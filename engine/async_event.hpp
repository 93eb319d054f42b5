// An asynchronous read of a monitor.
#pragma once

#include <cstdint>
#include <memory>
#include <system_error>

#include <asio/any_completion_executor.hpp>
#include <asio/any_io_executor.hpp>

#include <ferry/monitor.hpp>

#include "engine/monitor_queue.hpp"

namespace ferry::detail
{

class context_core;

/// Takes its event in the step that calls the handler, as every operation: until then it can be
/// cancelled, and has taken nothing. Belongs to the queue while it waits, and to a step while that is
/// on its way.
///
/// Thread safety: wake() from any thread; everything else on the handler's executor.
class async_event final : public event_reader, public std::enable_shared_from_this<async_event>
{
public:
    static void start(const std::shared_ptr<context_core>& context,
        const std::shared_ptr<monitor_queue>& queue, event_handler handler);

    async_event(std::shared_ptr<context_core> context, std::shared_ptr<monitor_queue> queue,
        event_handler handler, asio::any_io_executor place);
    void wake() noexcept override;

private:
    void connect_slot();
    void begin(const asio::any_completion_executor& immediate);
    void cancel() noexcept;
    void step();
    void finish(std::error_code error, monitor_event event);

    const std::shared_ptr<context_core> context_;
    const std::shared_ptr<monitor_queue> queue_;
    const std::uint64_t place_in_queue_;
    event_handler handler_;
    asio::any_io_executor socket_executor_;
    asio::any_completion_executor executor_;  // knows of work that is not done
    bool is_cancelled_ = false;
    bool is_over_ = false;
};

}  // namespace ferry::detail
