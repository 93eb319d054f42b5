// One connection: drives protocol::connection over a byte_stream for one pipe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <ferry/error.hpp>

#include "engine/flood_watch.hpp"
#include "engine/handler_memory.hpp"
#include "engine/session_loop.hpp"
#include "engine/traffic_counters.hpp"
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
    std::shared_ptr<traffic_counters> traffic = std::make_shared<traffic_counters>();
};

/// How a session ended.
struct session_end
{
    std::error_code error;      ///< none: everything was delivered and we closed
    std::string reason;         ///< the words of the peer's ERROR command
    bool was_ready = false;     ///< the handshake had succeeded
    bool was_refused = false;   ///< by the host: session_ready gave no pipe
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
    /// The loop runs nothing any more: see link::abandon().
    void abandon() noexcept;
    [[nodiscard]] bool is_ready() const noexcept { return pipe_ != nullptr; }
    /// Any thread.
    [[nodiscard]] const transports::stream_description& description() const noexcept
    {
        return stream_->description();
    }

    void on_readable(patterns::pipe_end& end) noexcept override;
    void on_writable(patterns::pipe_end& end) noexcept override;
    void on_peer_closed(patterns::pipe_end& end) noexcept override;
    void finish_writing(patterns::pipe_end&) noexcept override {}

private:
    // What is to be done on the loop.
    enum due : std::uint8_t
    {
        due_write = 1,   // the socket sent
        due_resume = 2,  // the socket received, and the pipe has room again
        due_finish = 4,  // the socket closed its end
        due_rewrite = 8  // there may be something to say
    };
    // reading
    void wait_for_input();
    void read_rounds();
    [[nodiscard]] bool read_once(bool& more);
    [[nodiscard]] bool take_events();
    [[nodiscard]] bool take_plain_messages();
    void publish_received();
    [[nodiscard]] bool take_message();
    void become_ready();
    void resume_reading();
    void release_buffer() noexcept;
    // writing
    void write_for_sender();
    void gather();
    void flush();
    [[nodiscard]] bool fill();
    [[nodiscard]] std::size_t send_record(message& record);
    void write_in_background();
    void count_blocked(bool blocked) noexcept;
    void fail_writing(std::error_code error);
    [[nodiscard]] bool is_drained();
    // time and the end
    void watch_deadline();
    void on_deadline();
    void end(std::error_code error, std::string reason = {});
    void look_after(look at) noexcept override;
    void watch_ended() noexcept override;
    void run_soon(due what) noexcept;
    void run_in_turn() noexcept override;
    void go_on_later(bool& what) noexcept;
    void go_on() noexcept;
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
    std::shared_ptr<traffic_counters> traffic_;  // with the pipe
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

    // What one turn had no time for.
    struct rest final : turn_task
    {
        explicit rest(session& s) noexcept : whose(s) {}
        void run_in_turn() noexcept override { whose.go_on(); }
        session& whose;
        std::shared_ptr<session> self;  // while it is queued
        bool reads = false;
        bool writes = false;
    } rest_{*this};

    std::uint8_t generation_ = 0;
    bool watched_by_floods_ = false;
    bool shrinks_ = false;
    bool wrote_ = false;                                     // since the last look
    std::chrono::steady_clock::time_point gathers_since_{};  // what looks left unwritten,
    std::size_t gathered_ = 0;                               // how many messages that is,
    unsigned looks_ = 0;                                     // and how many looks it was left by
    bool counted_as_blocked_ = false;
    bool expects_large_ = false;   // bodies that are read to where they belong
    bool start_was_full_ = false;  // the last read was of the ordinary kind, and may have had more
    bool waiting_for_input_ = false;
    bool paused_ = false;  // the pipe is full: event_ holds a message without a place
    bool writing_ = false;
    bool write_failed_ = false;
    std::error_code write_error_;
    bool finishing_ = false;
    bool refused_ = false;
    bool ended_ = false;
};

// Everything runs on the loop through here: memory that cannot be had costs this connection only.
template <class Step>
void session::guarded(Step step) noexcept
{
    if (ended_)
        return;
    try
    {
        step();
    }
    catch (const std::bad_alloc&)
    {
        end(errc::out_of_memory);
    }
    catch (const std::system_error& failure)
    {
        end(failure.code());
    }
    catch (const std::exception&)
    {
        end(errc::closed);
    }
}

[[nodiscard]] inline bool is_would_block(std::error_code error) noexcept
{
    return error == std::errc::operation_would_block ||
        error == std::errc::resource_unavailable_try_again;
}

}  // namespace ferry::detail
