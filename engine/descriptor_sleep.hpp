// How a thread sleeps for sockets and plain descriptors at the same time.
#pragma once

#include <chrono>
#include <csignal>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include <poll.h>

#include "engine/thread_signal.hpp"
#include "transports/socket_handle.hpp"

namespace ferry::detail
{

/// For the constructor of a thread_signal, whose set() then ends a sleep here. Either the thread drives a loop, and
/// sleeps for its watch as well; or it sleeps only, and is woken through a descriptor of its own.
///
/// Thread safety: of one thread, but for interrupt(). It must outlive every set().
class descriptor_sleep final : public wait_interrupter
{
public:
    /// `descriptors` are the caller's, and get their `revents`.
    explicit descriptor_sleep(std::span<pollfd> descriptors);

    /// From now on the thread sleeps for that descriptor, too, and `who` wakes it.
    void drive(int descriptor, wait_interrupter& who) noexcept;

    enum class outcome : std::uint8_t
    {
        driven,  ///< what drive() was told of is readable
        woken,   ///< interrupt(), or one of the caller's descriptors is ready
        timed_out,
        interrupted,  ///< a signal handler ran in this thread
    };
    /// Sleeps once. Empty: no limit. `mask`: the signals that are held meanwhile; null: the thread's.
    [[nodiscard]] outcome wait(
        std::optional<std::chrono::nanoseconds> timeout, const sigset_t* mask) noexcept;
    /// Whether the last wait() found one of the caller's descriptors ready.
    [[nodiscard]] bool is_ready() const noexcept { return is_ready_; }

    /// Like signal.wait_until(limit), but `set` as soon as one of the descriptors is ready.
    [[nodiscard]] thread_signal::result wait_until(
        thread_signal& signal, thread_signal::time_point limit) noexcept;

    void interrupt() noexcept override;

private:
    void take_over() noexcept;

    std::span<pollfd> descriptors_;
    std::vector<pollfd> all_;  // what wakes the thread, then the caller's
    wait_interrupter* driven_ = nullptr;
    transports::socket_handle own_;
    bool is_ready_ = false;
};

/// Sets the `revents` of what is ready now. False when nothing is.
[[nodiscard]] bool look_at(std::span<pollfd> descriptors, std::error_code& error) noexcept;

}  // namespace ferry::detail
