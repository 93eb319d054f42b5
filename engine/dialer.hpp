// One connecting endpoint: makes a connection, keeps it served, and tries again when it is lost.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <ferry/monitor.hpp>
#include <ferry/options.hpp>

#include "engine/backoff.hpp"
#include "engine/connection_driver.hpp"
#include "engine/link.hpp"
#include "patterns/pipe.hpp"
#include "transports/connector.hpp"

namespace ferry::detail
{

class link_loop;
class socket_core;
struct connection_record;

/// Runs on its loop's executor. The pipe outlives the connections, so that what is queued
/// survives them; with `immediate` each connection gets a pipe of its own.
class dialer final : public link,
                     public session_host,
                     public patterns::pipe_owner,
                     public std::enable_shared_from_this<dialer>
{
public:
    dialer(std::shared_ptr<socket_core> core, link_loop& loop,
        std::unique_ptr<transports::connector> connector, std::string endpoint,
        socket_options options, std::string connect_routing_id);

    /// Makes the pipe, where it exists before the connection. False when the socket is closed.
    [[nodiscard]] bool attach();
    void start();

    void finish(std::chrono::milliseconds linger) noexcept override;
    void abort() noexcept override;
    void abandon() noexcept override;

    std::optional<session_pipe> session_ready(const protocol::handshake_result& handshake,
        const transports::stream_description& stream) override;
    void message_replaced() override;
    void pipe_closed() override;
    void session_ended(session_end how) override;

    void on_readable(patterns::pipe_end& end) noexcept override;
    void on_writable(patterns::pipe_end& end) noexcept override;
    void on_peer_closed(patterns::pipe_end& end) noexcept override;
    void finish_writing(patterns::pipe_end&) noexcept override {}

private:
    void attempt();
    void on_connected(std::error_code error, std::unique_ptr<transports::byte_stream> stream);
    void run_session(std::unique_ptr<transports::byte_stream> stream);
    [[nodiscard]] bool is_refused() const;
    [[nodiscard]] bool is_let_go() const;
    [[nodiscard]] bool replace_pipe();
    void try_again_later(std::error_code why);
    void keep_pipe_after_session();
    void end_if_drained();
    void end();
    void report_end();
    void emit(
        monitor_event_type type, std::error_code error = {}, std::chrono::milliseconds delay = {});
    void emit(monitor_event e);

    const std::shared_ptr<socket_core> core_;
    link_loop& loop_;
    const asio::any_io_executor executor_;
    const std::unique_ptr<transports::connector> connector_;
    const std::string endpoint_;
    const socket_options options_;
    const std::string connect_routing_id_;
    backoff backoff_;
    asio::steady_timer retry_;
    asio::steady_timer connect_limit_;
    asio::steady_timer linger_;
    std::shared_ptr<connection_driver> session_;
    std::shared_ptr<connection_record> record_;  // of the session, once it is ready
    std::shared_ptr<patterns::pipe_end> near_;
    std::shared_ptr<patterns::pipe_end> far_;
    std::string remote_;
    int native_handle_ = -1;  // of the connection, or of the attempt
    std::size_t lost_ = 0;
    bool is_first_attempt_ = true;
    bool refused_at_once_ = false;  // the pattern did not take in the pipe
    bool let_go_ = false;           // the socket wants this peer no more
    bool was_connected_ = false;
    bool connecting_ = false;
    bool connect_timed_out_ = false;
    bool finishing_ = false;
    bool ended_ = false;
};

}  // namespace ferry::detail
