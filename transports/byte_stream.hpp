// One connected stream of octets, whatever carries it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <system_error>

#include <asio/any_completion_handler.hpp>
#include <asio/any_io_executor.hpp>

namespace ferry::transports
{

/// What a transport knows about the two ends of a stream. An IPv4 peer of a dual-stack socket has
/// its IPv4 address here. The end of an ipc stream that has no name of its own is "ipc://".
struct stream_description
{
    std::string local_endpoint;   ///< "tcp://127.0.0.1:5555"
    std::string remote_endpoint;  ///< "tcp://127.0.0.1:40312"
    std::string peer_address;     ///< numeric IP; ipc "localhost:UID:GID:PID"
    int native_handle = -1;       ///< the descriptor's number, also when it is closed; -1: none
};

/// A connected, non-blocking stream. Every stream belongs to one executor: its completions run
/// there, and its functions are called only from there (on a strand, or by the one thread that runs
/// the loop), except where said. An executor associated with a handler is not looked at; its
/// allocator and its cancellation slot are.
///
/// At most one read and one write may be outstanding. The buffers stay valid until completion.
/// Closing completes what is outstanding with asio::error::operation_aborted, never inline.
///
/// Errors of the operating system are std::system_category codes, to be compared with std::errc;
/// only operation_aborted and eof are Asio's own codes, to be compared with asio::error. (The two
/// never compare equal: standalone Asio's errno values live in a category of their own, and
/// `error == std::errc::operation_canceled` is false for a cancelled operation.)
class byte_stream
{
public:
    using io_handler = asio::any_completion_handler<void(std::error_code, std::size_t)>;
    using wait_handler = asio::any_completion_handler<void(std::error_code)>;
    using gather_list = std::span<const std::span<const std::byte>>;

    virtual ~byte_stream() = default;

    [[nodiscard]] virtual asio::any_io_executor get_executor() const = 0;
    [[nodiscard]] virtual const stream_description& description() const noexcept = 0;
    /// The descriptor, for monitoring and counting; -1 when there is none.
    [[nodiscard]] virtual int native_handle() const noexcept = 0;

    /// Reads at least one octet. Completes with asio::error::eof at the end of the stream.
    virtual void async_read_some(std::span<std::byte> buffer, io_handler handler) = 0;
    /// Writes at least one octet of the list, with one gathered system call per attempt.
    virtual void async_write_some(gather_list buffers, io_handler handler) = 0;
    /// Completes when octets, the end or an error can be read.
    virtual void async_wait_readable(wait_handler handler) = 0;

    /// The same without waiting: std::errc::operation_would_block when nothing can be done now;
    /// asio::error::eof at the end of the stream.
    [[nodiscard]] virtual std::size_t read_some(
        std::span<std::byte> buffer, std::error_code& error) noexcept = 0;
    [[nodiscard]] virtual std::size_t write_some(
        gather_list buffers, std::error_code& error) noexcept = 0;

    /// From now on async_wait_readable need not complete before so many octets can be read, where the system can wait
    /// for that (tcp); 1, as at first, for any. The end of the stream, errors, and a buffer that holds no more
    /// complete it all the same. Each wake-up costs both ends, so who lacks the rest of a large body waits for more.
    virtual void expect(std::size_t octets) noexcept = 0;

    /// Closes at once; idempotent. The destructor closes as well.
    virtual void close() noexcept = 0;
};

}  // namespace ferry::transports
