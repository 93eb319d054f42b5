// One bound endpoint: accepts streams and makes a connection of each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <ferry/options.hpp>

#include "engine/link.hpp"
#include "transports/listener.hpp"

namespace ferry::detail
{

class link_loop;
class socket_core;

/// Runs on its loop's executor; the connections it makes are spread over the context's loops, those of the mask,
/// and outlive it.
class acceptor final : public link, public std::enable_shared_from_this<acceptor>
{
public:
    acceptor(std::shared_ptr<socket_core> core, link_loop& loop,
        std::unique_ptr<transports::listener> listener, socket_options options,
        std::uint64_t thread_mask = 0);

    void start();
    /// Stops listening. The address is free when this returns, unless the loop itself called.
    void finish(std::chrono::milliseconds linger) noexcept override;
    void abort() noexcept override;
    void abandon() noexcept override;

private:
    void accept();
    void on_accepted(
        std::error_code error, std::unique_ptr<transports::byte_stream> stream, link_loop& loop);
    void tell_of_refused(const transports::stream_description& who);
    void pause_after(std::error_code error);
    void close_listener() noexcept;

    const std::shared_ptr<socket_core> core_;
    link_loop& loop_;
    const asio::any_io_executor executor_;
    const std::unique_ptr<transports::listener> listener_;
    const std::shared_ptr<const socket_options> options_;       // of all connections
    const std::uint64_t thread_mask_;                           // where those may live
    const std::shared_ptr<const std::string> shared_endpoint_;  // with all connections
    const std::string& endpoint_;
    asio::steady_timer pause_;
    bool closed_ = false;
};

}  // namespace ferry::detail
