// What a context owns: its loops, its transports, its names, and the list of its sockets.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <ferry/options.hpp>
#include <ferry/socket_type.hpp>

#include "engine/io_loop.hpp"
#include "engine/user_loop.hpp"
#include "transports/inproc/rendezvous.hpp"
#include "transports/registry.hpp"

namespace ferry::detail
{

class socket_core;

/// Thread-safe. Sockets keep it alive, but after end() it only answers "terminated".
class context_core : public std::enable_shared_from_this<context_core>
{
public:
    explicit context_core(const context_options& options);
    /// Everything runs on `executor`; no thread is started.
    context_core(const asio::any_io_executor& executor, const context_options& options);
    ~context_core();

    /// The socket is held until it says socket_done(), so that it can deliver after its user let
    /// go of it. Throws ferry::error: errc::terminated, errc::too_many.
    [[nodiscard]] std::shared_ptr<socket_core> make_socket(
        socket_type type, socket_options options);
    void socket_done(const socket_core& socket) noexcept;

    void shutdown() noexcept;
    /// shutdown(), waits for all sockets, stops the loops. On the user's loop: lets them go on. On
    /// one of the loops' threads: a thread of its own does the waiting.
    void end() noexcept;
    /// See socket_core::abandon(). While no thread works for the user's loop.
    void abandon() noexcept;

    /// The loop that the next connection should live on: one of those in `mask`, unless that is 0.
    [[nodiscard]] link_loop& next_loop(std::uint64_t mask = 0) noexcept;
    /// Whether there is one.
    [[nodiscard]] bool has_loop(std::uint64_t mask) const noexcept;
    /// The loop of a context that has just one; null otherwise.
    [[nodiscard]] io_loop* only_loop() const noexcept
    {
        const bool can_drive = transports::can_watch_descriptors() && loops_.size() == 1;
        return can_drive ? loops_.front().get() : nullptr;
    }
    [[nodiscard]] bool is_driven_by_this_thread() const noexcept;
    [[nodiscard]] bool is_on_users_loop() const noexcept { return users_loop_ != nullptr; }
    /// The program's loop; null on our own.
    [[nodiscard]] user_loop* users_loop() const noexcept { return users_loop_.get(); }
    /// Whether a call that waits would, or might, wait for its own thread.
    [[nodiscard]] bool forbids_blocking() const noexcept
    {
        return is_on_users_loop() || is_driven_by_this_thread();
    }

    /// Where completion handlers run that do not say: on the background thread.
    [[nodiscard]] const asio::any_io_executor& executor() const noexcept;
    /// The same for an operation that was told `asked_for`; elsewhere once the context has ended.
    [[nodiscard]] asio::any_io_executor completion_executor(
        const asio::any_io_executor& asked_for) const;
    /// After a handler was posted to executor(): it runs even if the context ended meanwhile.
    void see_to_handlers() noexcept;
    /// Asynchronous operations that are not over: nobody but the background thread serves those.
    void count_async_waiter(int change) noexcept;
    void serve_async_waiters() noexcept;
    [[nodiscard]] const transports::registry& transports() const noexcept { return transports_; }
    [[nodiscard]] transports::rendezvous& names() noexcept { return names_; }
    [[nodiscard]] std::uint32_t random() noexcept;
    /// Whether log() wants to be told: there is one, and not in the end of the program's own loop.
    [[nodiscard]] bool is_logged() const noexcept
    {
        return log_ && !(users_loop_ && users_loop_->is_stopped());
    }
    [[nodiscard]] const log_function& log() const noexcept { return log_; }

private:
    [[nodiscard]] std::vector<std::shared_ptr<socket_core>> all_sockets() const;
    void end_elsewhere() noexcept;

    const std::size_t max_sockets_;
    const log_function log_;
    transports::registry transports_;
    transports::rendezvous names_;
    std::vector<std::unique_ptr<io_loop>> loops_;
    std::shared_ptr<user_loop> users_loop_;  // instead of those
    std::atomic<std::size_t> next_loop_{0};
    std::atomic<std::uint64_t> random_state_;

    mutable std::mutex mutex_;
    std::unordered_map<const socket_core*, std::shared_ptr<socket_core>> sockets_;
    bool terminated_ = false;
    std::shared_ptr<context_core> kept_for_ever_;  // null unless its end could not be
};

}  // namespace ferry::detail
