// One connection without the protocol: a raw peer's octets, as they come and go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>

#include <asio/any_io_executor.hpp>

#include "engine/connection_driver.hpp"
#include "engine/handler_memory.hpp"
#include "engine/raw_output.hpp"
#include "engine/session_loop.hpp"
#include "engine/turn_share.hpp"
#include "patterns/pipe.hpp"
#include "transports/byte_stream.hpp"

namespace ferry::detail
{

/// Runs on its loop, as session does, and is ready from the start. A chunk that was read becomes a
/// message of one frame; where it `notifies`, an empty one says that the connection stands, and
/// another one, the last, that it was lost. What the pipe holds is written octet by octet.
///
/// The end of the input is the end of the connection: a peer that only listens on is given up.
class raw_session final : public connection_driver,
                          public patterns::pipe_owner,
                          public std::enable_shared_from_this<raw_session>
{
public:
    /// What one message holds at most, as in libzmq: high-water marks count messages.
    static constexpr std::size_t chunk_octets = 8192;

    raw_session(std::unique_ptr<transports::byte_stream> stream, bool notifies, session_loop& loop,
        std::shared_ptr<session_host> host);

    void start() override;
    void finish() override;
    void abort(std::error_code why) override;
    void abandon() noexcept override;
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
    };

    void become_ready();
    // reading
    void wait_for_input();
    void read_rounds();
    [[nodiscard]] bool read_once(bool& more);
    void pause();
    void publish_received();
    // writing
    void flush();
    [[nodiscard]] bool fill();
    void write_in_background();
    void count_blocked(bool blocked) noexcept;
    void fail_writing(std::error_code error);
    // the end
    void begin_finish();
    void end(std::error_code error);
    // the turn
    friend class turn_share<raw_session>;
    void do_due(unsigned what) noexcept;
    void go_on(bool reads, bool writes) noexcept;
    template <class Step>
    void post(Step step);
    template <class Step>
    void guarded(Step step) noexcept;

    const std::unique_ptr<transports::byte_stream> stream_;
    const asio::any_io_executor executor_;
    session_loop& loop_;
    std::shared_ptr<session_host> host_;
    std::shared_ptr<patterns::pipe_end> pipe_;
    std::shared_ptr<traffic_counters> traffic_;  // with the pipe
    patterns::wake_list wakes_;
    raw_output output_;
    const std::shared_ptr<handler_memory> memory_for_waiting_ = std::make_shared<handler_memory>();

    turn_share<raw_session> share_;

    const bool notifies_;
    bool counted_as_blocked_ = false;
    bool waiting_for_input_ = false;
    bool paused_ = false;  // the pipe is full
    bool writing_ = false;
    bool write_failed_ = false;
    std::error_code write_error_;
    bool finishing_ = false;  // what comes in is dropped
    bool refused_ = false;
    bool ended_ = false;
};

}  // namespace ferry::detail
