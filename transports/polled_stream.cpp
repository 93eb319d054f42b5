#include "transports/polled_stream.hpp"

#include <utility>
#include <vector>

#include <asio/cancellation_type.hpp>
#include <asio/error.hpp>

#include "transports/completion.hpp"
#include "transports/socket_octets.hpp"

namespace ferry::transports
{

namespace
{

/// The handler of an outstanding operation, which its cancellation slot may end.
template <class Handler>
class outstanding
{
public:
    explicit operator bool() const noexcept { return static_cast<bool>(handler_); }

    template <class Cancel>
    void set(Handler handler, Cancel cancel)
    {
        handler_ = std::move(handler);
        if (auto slot = handler_.get_cancellation_slot(); slot.is_connected())
            slot.assign([cancel](asio::cancellation_type) { cancel(); });
    }
    [[nodiscard]] Handler take() noexcept
    {
        if (handler_)
        {
            if (auto slot = handler_.get_cancellation_slot(); slot.is_connected())
                slot.clear();
        }
        return std::exchange(handler_, nullptr);
    }

private:
    Handler handler_;
};

/// Whether the descriptor can be read is known from what the watch told and from the last attempt:
/// a read that did not fill its buffer has emptied the socket, and what arrives
/// later will be told. Only after the peer's end nothing is told any more.
class polled_stream final : public byte_stream, private descriptor_watch::target
{
public:
    polled_stream(socket_handle socket, const asio::any_io_executor& executor,
        descriptor_watch& watch, stream_description description)
        : socket_(std::move(socket)), executor_(executor), watch_(watch),
          description_(std::move(description))
    {
    }
    ~polled_stream() override { polled_stream::close(); }

    asio::any_io_executor get_executor() const override { return executor_; }
    const stream_description& description() const noexcept override { return description_; }
    int native_handle() const noexcept override { return socket_.get(); }

    void async_read_some(std::span<std::byte> buffer, io_handler handler) override;
    void async_write_some(gather_list buffers, io_handler handler) override;
    void async_wait_readable(wait_handler handler) override;
    std::size_t read_some(std::span<std::byte> buffer, std::error_code& error) noexcept override;
    std::size_t write_some(gather_list buffers, std::error_code& error) noexcept override;
    void expect(std::size_t octets) noexcept override;
    void close() noexcept override;

private:
    void on_readable(bool ended) noexcept override;
    void on_writable(bool ended) noexcept override;
    void on_abandoned() noexcept override;
    [[nodiscard]] std::error_code watch();
    void go_on_reading();
    void go_on_writing();
    template <class Handler, class... Results>
    void abort(outstanding<Handler>& operation, Results... results);

    socket_handle socket_;
    asio::any_io_executor executor_;
    descriptor_watch& watch_;
    descriptor_watch::registration registration_;
    stream_description description_;
    outstanding<wait_handler> waits_;
    outstanding<io_handler> reads_;
    outstanding<io_handler> writes_;
    std::span<std::byte> read_buffer_;
    std::vector<std::span<const std::byte>> write_buffers_;
    bool readable_ = false;  // the watch tells of what is there from the start
    bool ended_ = false;
    bool watched_ = false;
};

// Not before the first operation, which is made on the loop: a stream is accepted on another one.
std::error_code polled_stream::watch()
{
    if (watched_)
        return {};
    const std::error_code error = watch_.add(socket_.get(), *this, registration_);
    watched_ = !error;
    return error;
}

void polled_stream::async_read_some(std::span<std::byte> buffer, io_handler handler)
{
    std::error_code error;
    const std::size_t size = read_some(buffer, error);
    if (error == std::errc::operation_would_block && !(error = watch()))
    {
        read_buffer_ = buffer;
        reads_.set(std::move(handler), [this] { abort(reads_, std::size_t{0}); });
        return;
    }
    complete_later(executor_, std::move(handler), error, size);
}

void polled_stream::async_write_some(gather_list buffers, io_handler handler)
{
    std::error_code error;
    const std::size_t size = write_some(buffers, error);
    if (error == std::errc::operation_would_block && !(error = watch()))
    {
        write_buffers_.assign(buffers.begin(), buffers.end());
        writes_.set(std::move(handler), [this] { abort(writes_, std::size_t{0}); });
        return;
    }
    complete_later(executor_, std::move(handler), error, size);
}

void polled_stream::async_wait_readable(wait_handler handler)
{
    std::error_code error = asio::error::bad_descriptor;
    if (socket_)
        error = watch();
    if (error || readable_)
        complete_later(executor_, std::move(handler), error);
    else
        waits_.set(std::move(handler), [this] { abort(waits_); });
}

std::size_t polled_stream::read_some(std::span<std::byte> buffer, std::error_code& error) noexcept
{
    const std::size_t size = read_octets(socket_.get(), buffer, error);
    if (!ended_ && (error ? error == std::errc::operation_would_block : size < buffer.size()))
        readable_ = false;
    return size;
}

std::size_t polled_stream::write_some(gather_list buffers, std::error_code& error) noexcept
{
    return write_octets(socket_.get(), buffers, error);
}

void polled_stream::expect(std::size_t octets) noexcept
{
    expect_octets(socket_.get(), octets);
}

// A handler may close and destroy the stream.
void polled_stream::on_readable(bool ended) noexcept
{
    readable_ = true;
    ended_ = ended_ || ended;
    if (waits_)
        waits_.take()(std::error_code());
    else if (reads_)
        go_on_reading();
}

void polled_stream::on_writable(bool ended) noexcept
{
    ended_ = ended_ || ended;
    if (writes_)
        go_on_writing();
}

void polled_stream::go_on_reading()
{
    std::error_code error;
    const std::size_t size = read_some(read_buffer_, error);
    if (error != std::errc::operation_would_block)
        reads_.take()(error, size);
}

void polled_stream::go_on_writing()
{
    std::error_code error;
    const std::size_t size = write_some(write_buffers_, error);
    if (error != std::errc::operation_would_block)
        writes_.take()(error, size);
}

void polled_stream::close() noexcept
{
    if (!socket_)
        return;
    if (std::exchange(watched_, false))
        watch_.remove(socket_.get(), registration_);
    socket_ = {};
    abort(waits_);
    abort(reads_, std::size_t{0});
    abort(writes_, std::size_t{0});
}

template <class Handler, class... Results>
void polled_stream::abort(outstanding<Handler>& operation, Results... results)
{
    if (!operation)
        return;
    try
    {
        complete_later(executor_, operation.take(), std::error_code(asio::error::operation_aborted),
            results...);
    }
    catch (const std::exception&)
    {
        return;  // no memory to call it with: the handler is destroyed, and what it owns let go
    }
}

void polled_stream::on_abandoned() noexcept
{
    // Each handler may own this stream.
    const wait_handler waits = waits_.take();
    const io_handler reads = reads_.take();
    const io_handler writes = writes_.take();
    watched_ = false;
    socket_ = {};
}

}  // namespace

std::unique_ptr<byte_stream> make_polled_stream(socket_handle socket,
    const asio::any_io_executor& executor, descriptor_watch& watch, stream_description description)
{
    return std::make_unique<polled_stream>(
        std::move(socket), executor, watch, std::move(description));
}

}  // namespace ferry::transports
