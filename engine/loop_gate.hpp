// Lets a loop's background thread see that descriptors of the watch are ready, or keeps it from it.
#pragma once

#include <functional>

#include <asio/any_io_executor.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>

#include "transports/descriptor_watch.hpp"
#include "transports/socket_handle.hpp"

namespace ferry::detail
{

/// While it is open, the background thread serves the watch: Asio waits for a poll set that
/// contains the watch's. Closed, that set is empty, and a thread that drives the loop has the
/// watch for itself, without a wake-up of the background thread for each message.
///
/// Thread safety: open() and close() under the owner's lock; start() and stop() on the loop.
class loop_gate
{
public:
    /// Errors: std::system_error.
    loop_gate(const asio::any_io_executor& executor, const transports::descriptor_watch& watch);

    /// From now on calls `serve` on the loop while the gate is open and something is ready.
    void start(std::function<void()> serve);
    void stop() noexcept;
    void open() noexcept;
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return open_; }

private:
    void wait();

    [[maybe_unused]] const transports::descriptor_watch& watch_;
    asio::posix::basic_stream_descriptor<asio::any_io_executor> set_;
    std::function<void()> serve_;
    bool open_ = false;
};

}  // namespace ferry::detail
