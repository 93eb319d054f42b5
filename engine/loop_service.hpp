// What ends a context when the loop that the program gave it ends, or forks.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/execution_context.hpp>

namespace ferry::detail
{

class context_core;

/// A service of the execution context of the program's executor. Knows the contexts that run there.
///
/// Thread safety: add() from any thread; the rest is called by Asio.
class loop_service final : public asio::execution_context::service
{
public:
    using key_type = loop_service;
    static asio::execution_context::id id;

    explicit loop_service(asio::execution_context& owner) : service(owner) {}

    [[nodiscard]] static loop_service& of(const asio::any_io_executor& executor);
    void add(const std::shared_ptr<context_core>& context);

private:
    void shutdown() noexcept override;
    void notify_fork(asio::execution_context::fork_event event) override;
    void abandon_all() noexcept;

    std::mutex mutex_;
    std::vector<std::weak_ptr<context_core>> contexts_;
};

}  // namespace ferry::detail
