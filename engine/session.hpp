// One connection: drives protocol::connection over a byte_stream for one pipe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include "engine/flood_watch.hpp"
#include "engine/handler_memory.hpp"
#include "engine/session_loop.hpp"
#include "patterns/pipe.hpp"
#include "protocol/connection.hpp"
#include "transports/byte_stream.hpp"

namespace ferry::detail
{

/// The link's end of a pipe, for the connection that has just become ready.
struct session_pipe
{
    std::shared_ptr<patterns::pipe_end> end;
    std::uint8_t generation = 0;
};

/// How a session ended.
struct session_end
{
    std::error_code error;      ///< none: everything was delivered and we closed
    std::string reason;         ///< the words of the peer's ERROR command
    bool was_ready = false;     ///< the handshake had succeeded
    std::size_t unwritten = 0;  ///< messages taken from the pipe and perhaps not written
};

/// Who made the session. Called on the session's executor, never from within a call to it.
class session_host
{
public:
    /// The handshake is done: the pipe to serve, or none to end the session.
    virtual std::optional<session_pipe> session_ready(const protocol::handshake_result& handshake,
        const transports::stream_description& stream) = 0;
    /// A message was received and given up at once, for one that came after it (conflate).
    virtual void message_replaced() = 0;
    /// Called once, last. The host owns the pipe's end again.
    virtual void session_ended(session_end how) = 0;

protected:
    ~session_host() = default;
};

/// Runs on its loop. The only place that knows pipes, the protocol and streams.
///
/// A connection without the protocol (raw TCP peers of a STREAM socket) will be another class
/// behind session_host: it needs the same stream, pipe and ends, and none of the decoding.
class session final : public patterns::pipe_owner,
                      public std::enable_shared_from_this<session>,
                      private watched_session,
                      private turn_task
{
public:
    session(std::unique_ptr<transports::byte_stream> stream, protocol::connection_options options,
        session_loop& loop, std::shared_ptr<session_host> host);

    void start();
    /// Write what the pipe holds, read no more, then close.
    void finish();
    /// Close now. session_ended follows, from the loop.
    void abort(std::error_code why);
    [[nodiscard]] bool is_ready() const noexcept { return pipe_ != nullptr; }

    void on_readable(patterns::pipe_end& end) noexcept override;
    void on_writable(patterns::pipe_end& end) noexcept override;
    void on_peer_closed(patterns::pipe_end& end) noexcept override;
    void finish_writing(patterns::pipe_end&) noexcept override {}

private:
    // What is to be done on the loop.
    enum due : std::uint8_t
    {
        due_write = 1,    // the socket sent
        due_resume = 2,   // the socket received, and the pipe has room again
        due_finish = 4,   // the socket closed its end
        due_read = 8,     // there was more to read than one turn may
        due_rewrite = 16  // and to write
    };
    // reading
    void wait_for_input();
    void read_rounds();
    [[nodiscard]] bool read_once(bool& more);
    [[nodiscard]] bool take_events();
    [[nodiscard]] bool take_plain_messages();
    [[nodiscard]] bool take_message();
    void become_ready();
    void resume_reading();
    void release_buffer() noexcept;
    // writing
    void write_for_sender();
    void gather();
    void flush();
    [[nodiscard]] bool fill();
    void write_in_background();
    void count_blocked(bool blocked) noexcept;
    void fail_writing(std::error_code error);
    [[nodiscard]] bool is_drained();
    // time and the end
    void watch_deadline();
    void on_deadline();
    void end(std::error_code error, std::string reason = {});
    void look_after(bool only_if_idle) noexcept override;
    void watch_ended() noexcept override;
    void run_soon(due what) noexcept;
    void run_in_turn() noexcept override;
    template <class Step>
    void post(Step step);
    template <class Step>
    void guarded(Step step) noexcept;

    const std::unique_ptr<transports::byte_stream> stream_;
    const asio::any_io_executor executor_;
    protocol::connection connection_;
    protocol::event event_;
    session_loop& loop_;
    read_buffers::buffer buffer_;  // held while it has octets that are not taken apart yet
    std::shared_ptr<session_host> host_;
    std::shared_ptr<patterns::pipe_end> pipe_;
    patterns::wake_list wakes_;
    asio::steady_timer timer_;
    std::optional<protocol::time_point> watched_;
    const std::shared_ptr<handler_memory> memory_for_waiting_ = std::make_shared<handler_memory>();
    std::size_t unwritten_ = 0;
    std::size_t read_in_turn_ = 0;
    std::size_t taken_ = 0;                   // by the last fill()
    std::size_t batch_ = flood_watch::batch;  // while the pipe is watched
    std::atomic<std::uint8_t> due_{0};
    std::atomic<bool> queued_{false};
    std::shared_ptr<session> self_;  // while it is queued
    std::uint8_t generation_ = 0;
    bool watched_by_floods_ = false;
    bool shrinks_ = false;
    bool wrote_ = false;  // since the last look
    unsigned looks_ = 0;  // without a write, although the sender goes on
    std::uint64_t taken_in_all_ = 0;
    std::uint64_t sent_at_last_look_ = 0;
    bool counted_as_blocked_ = false;
    bool waiting_for_input_ = false;
    bool paused_ = false;  // the pipe is full: event_ holds a message without a place
    bool writing_ = false;
    bool write_failed_ = false;
    std::error_code write_error_;
    bool finishing_ = false;
    bool ended_ = false;
};

}  // namespace ferry::detail
