// What serves one connection, with or without the protocol, and what it wants of who made it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>

#include <ferry/error.hpp>
#include <ferry/options.hpp>
#include <ferry/socket_type.hpp>

#include "engine/traffic_counters.hpp"
#include "patterns/pipe.hpp"
#include "protocol/events.hpp"
#include "transports/byte_stream.hpp"

namespace ferry::detail
{

class session_loop;

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
    /// The handshake is done, or there is none (version 0.0): the pipe to serve, or none to end the session.
    virtual std::optional<session_pipe> session_ready(const protocol::handshake_result& handshake,
        const transports::stream_description& stream) = 0;
    /// A message was received and given up at once, for one that came after it (conflate).
    virtual void message_replaced() = 0;
    /// Raw peers only: the socket has closed its end of the pipe.
    virtual void pipe_closed() = 0;
    /// Called once, last. The host owns the pipe's end again.
    virtual void session_ended(session_end how) = 0;

protected:
    ~session_host() = default;
};

/// A session, or a raw_session, as its host and its socket know it.
class connection_driver
{
public:
    virtual ~connection_driver() = default;

    virtual void start() = 0;
    /// Write what the pipe holds, read no more, then close.
    virtual void finish() = 0;
    /// Close now. session_ended follows, from the loop.
    virtual void abort(std::error_code why) = 0;
    /// The loop runs nothing any more: see link::abandon().
    virtual void abandon() noexcept = 0;
    /// Any thread.
    [[nodiscard]] virtual const transports::stream_description& description() const noexcept = 0;
};

/// The one that suits a socket of that type with these options. Errors: std::bad_alloc.
[[nodiscard]] std::shared_ptr<connection_driver> make_driver(socket_type type,
    const socket_options& options, std::unique_ptr<transports::byte_stream> stream,
    session_loop& loop, std::shared_ptr<session_host> host);

/// Memory that cannot be had costs one connection only: what went wrong with the step, if anything.
template <class Step>
[[nodiscard]] std::error_code attempt_step(Step& step) noexcept
{
    try
    {
        step();
        return {};
    }
    catch (const std::bad_alloc&)
    {
        return errc::out_of_memory;
    }
    catch (const std::system_error& failure)
    {
        return failure.code();
    }
    catch (const std::exception&)
    {
        return errc::closed;
    }
}

[[nodiscard]] inline bool is_would_block(std::error_code error) noexcept
{
    return error == std::errc::operation_would_block ||
        error == std::errc::resource_unavailable_try_again;
}

}  // namespace ferry::detail
