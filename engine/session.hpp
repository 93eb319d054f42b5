// One connection: drives protocol::connection over a byte_stream for one pipe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include "engine/connection_driver.hpp"
#include "engine/flood_watch.hpp"
#include "engine/handler_memory.hpp"
#include "engine/session_loop.hpp"
#include "engine/traffic_counters.hpp"
#include "engine/turn_share.hpp"
#include "patterns/pipe.hpp"
#include "protocol/connection.hpp"
#include "transports/byte_stream.hpp"

namespace ferry::detail
{

/// Runs on its loop. The only place that knows pipes, the protocol and streams.
class session final : public connection_driver,
                      public patterns::pipe_owner,
                      public std::enable_shared_from_this<session>,
                      private watched_session
{
public:
    session(std::unique_ptr<transports::byte_stream> stream, protocol::connection_options options,
        session_loop& loop, std::shared_ptr<session_host> host);

    void start() override;
    void finish() override;
    void abort(std::error_code why) override;
    void abandon() noexcept override;
    [[nodiscard]] bool is_ready() const noexcept { return pipe_ != nullptr; }
    [[nodiscard]] const transports::stream_description& description() const noexcept override
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
    [[nodiscard]] std::size_t take_run();
    void publish_received();
    [[nodiscard]] bool take_message();
    void become_ready();
    void resume_reading();
    void expect_rest();
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
    // the turn
    friend class turn_share<session>;
    void do_due(unsigned what) noexcept;
    void go_on(bool reads, bool writes) noexcept;
    template <class Step>
    void post(Step step);
    template <class Step>
    void guarded(Step step) noexcept;

    const std::unique_ptr<transports::byte_stream> stream_;
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
    turn_share<session> share_;

    std::uint8_t generation_ = 0;
    bool watched_by_floods_ = false;
    bool shrinks_ = false;
    bool wrote_ = false;                                     // since the last look
    std::chrono::steady_clock::time_point gathers_since_{};  // what looks left unwritten,
    std::size_t gathered_ = 0;                               // how many messages that is,
    unsigned looks_ = 0;                                     // and how many looks it was left by
    std::uint32_t expected_ = 1;                             // see byte_stream::expect
    std::uint8_t answers_ = 0;  // how many writes ago the peer said something: see gather()
    bool counted_as_blocked_ = false;
    bool expects_large_ = false;   // bodies that are read to where they belong
    bool start_was_full_ = false;  // the last read was of the ordinary kind, and may have had more
    bool reads_in_bulk_ = false;   // much came with the last read: see take_run()
    bool waiting_for_input_ = false;
    bool paused_ = false;  // the pipe is full: event_ holds a message without a place
    bool writing_ = false;
    bool write_failed_ = false;
    std::error_code write_error_;
    bool finishing_ = false;
    bool refused_ = false;
    bool ended_ = false;
};

// Everything runs on the loop through here.
template <class Step>
void session::guarded(Step step) noexcept
{
    if (ended_)
        return;
    if (const std::error_code failed = attempt_step(step))
        end(failed);
}

}  // namespace ferry::detail
