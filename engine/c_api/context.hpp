// A C context: options that count until the first socket, and an end that waits for the sockets.
#pragma once

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include <ferry/context.hpp>

#include "engine/c_api/handles.hpp"

namespace ferry::c_api
{

/// Thread safety: all members, from any thread. What returns an int returns an errno, or 0.
class context_handle : public std::enable_shared_from_this<context_handle>
{
public:
    /// Errors: std::system_error when no descriptor can be had.
    context_handle();
    ~context_handle();
    context_handle(const context_handle&) = delete;
    context_handle& operator=(const context_handle&) = delete;

    [[nodiscard]] int set(int option, const void* value, std::size_t size);
    /// The number; empty: no such option.
    [[nodiscard]] std::optional<int> get(int option) const;
    [[nodiscard]] bool is_ipv6() const noexcept { return ipv6_.load(); }
    [[nodiscard]] bool is_blocky() const noexcept { return blocky_.load(); }
    /// Whether there is one among those that the bits name; 0 stands for any.
    [[nodiscard]] bool has_io_thread(std::uint64_t affinity) const noexcept;
    /// The text of ZMQ_THREAD_NAME_PREFIX.
    [[nodiscard]] std::string thread_name_prefix() const;

    /// Ferry's context; started when it is first needed.
    [[nodiscard]] ferry::context& face();
    [[nodiscard]] bool is_terminated() const noexcept
    {
        return is_terminated_.load(std::memory_order_relaxed);
    }

    // A socket's life: admitted, or refused with an errno; closed by its user; gone when it has delivered
    // what it had to.
    [[nodiscard]] int admit_socket();
    void socket_closed() noexcept;
    void socket_gone() noexcept;

    void shutdown() noexcept;
    /// shutdown(), then waits until all sockets are gone. EINTR: a signal handler ran in this thread.
    [[nodiscard]] int terminate();

private:
    [[nodiscard]] int set_number(int option, int value);
    [[nodiscard]] int set_affinity(int option, int processor);
    [[nodiscard]] context_options options_of_face() const;
    void signal() const noexcept;

    std::atomic<int> io_threads_{1};
    std::atomic<int> max_sockets_{1023};
    std::atomic<int> thread_priority_{-1};
    std::atomic<int> thread_policy_{-1};
    std::atomic<int> max_message_size_{INT_MAX};
    std::atomic<bool> zero_copy_{true};
    std::atomic<bool> ipv6_{false};
    std::atomic<bool> blocky_{true};

    mutable std::mutex mutex_;
    std::string thread_name_prefix_;
    std::set<int> processors_;
    std::unique_ptr<ferry::context> face_;
    std::atomic<int> threads_of_face_{0};  // as asked for when it was started
    std::atomic<bool> is_terminated_{false};
    int open_ = 0;
    int lingering_ = 0;
    int last_one_gone_;  // an eventfd
};

/// What zmq.h gives out for it. In handles.cpp, as the next.
[[nodiscard]] void* add_handle(std::shared_ptr<context_handle> context);
/// False when another thread did it already.
[[nodiscard]] bool close_handle(const context_pin& pinned) noexcept;

}  // namespace ferry::c_api
