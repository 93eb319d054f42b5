// One accepted stream: its session, its pipe, and how long it may linger.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <ferry/monitor.hpp>
#include <ferry/options.hpp>

#include "engine/connection_driver.hpp"
#include "engine/link.hpp"

namespace ferry::detail
{

class link_loop;
class socket_core;
struct connection_record;

/// Dies with its stream. Runs on its loop's executor.
class accepted_connection final : public link,
                                  public session_host,
                                  public std::enable_shared_from_this<accepted_connection>
{
public:
    accepted_connection(std::shared_ptr<socket_core> core, link_loop& loop,
        std::shared_ptr<const std::string> endpoint, std::shared_ptr<const socket_options> options,
        const void* origin);

    void start(std::unique_ptr<transports::byte_stream> stream);

    void finish(std::chrono::milliseconds linger) noexcept override;
    void abort() noexcept override;
    void abandon() noexcept override;

    std::optional<session_pipe> session_ready(const protocol::handshake_result& handshake,
        const transports::stream_description& stream) override;
    void message_replaced() override;
    void pipe_closed() override;
    void session_ended(session_end how) override;

private:
    void emit(monitor_event e);

    const std::shared_ptr<socket_core> core_;
    link_loop& loop_;
    const asio::any_io_executor executor_;
    const std::shared_ptr<const std::string> shared_endpoint_;  // of all connections
    const std::string& endpoint_;
    const std::shared_ptr<const socket_options> options_;
    const void* const origin_;
    std::string remote_;
    int native_handle_ = -1;
    std::shared_ptr<connection_driver> session_;
    std::shared_ptr<connection_record> record_;  // once it is ready
    std::shared_ptr<patterns::pipe_end> near_;
    std::shared_ptr<patterns::pipe_end> far_;
    asio::steady_timer linger_;
    bool refused_ = false;
};

}  // namespace ferry::detail
