#include "transports/socket_connector.hpp"

#include <cerrno>
#include <optional>
#include <utility>

#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <ferry/error.hpp>

#include "transports/completion.hpp"
#include "transports/socket_stream.hpp"
#include "transports/socks/socks_exchange.hpp"
#include "transports/system_errors.hpp"

namespace ferry::transports
{

namespace
{

using resolver = asio::ip::basic_resolver<asio::ip::tcp, asio::any_io_executor>;
using connect_handler = connector::connect_handler;

/// One attempt. Owned by the operation that is under way for it, so that a loop that is destroyed
/// destroys the handler as well; the connector only watches it.
class connect_attempt : public std::enable_shared_from_this<connect_attempt>
{
public:
    /// `descriptor`: where the number of the one it uses is noted.
    connect_attempt(const asio::any_io_executor& executor, std::shared_ptr<const dialing> kind,
        std::shared_ptr<int> descriptor, connect_handler handler)
        : executor_(executor), kind_(std::move(kind)), descriptor_(std::move(descriptor)),
          handler_(std::move(handler)), socket_(executor)
    {
        *descriptor_ = -1;
    }

    void start();
    void cancel() noexcept;
    bool is_outstanding() const noexcept { return static_cast<bool>(handler_); }

private:
    void resolve(const dial_targets& targets);
    void try_next();
    /// Empty when connected or under way.
    std::error_code try_one(const socket_address& target);
    void on_writable(std::error_code error);
    std::error_code check_connected();
    void on_connected();
    void limit_dialogue();
    void go_on_talking();
    void finish_later(std::error_code error);
    void finish(std::error_code error);
    std::unique_ptr<byte_stream> take_stream(std::error_code& error);

    asio::any_io_executor executor_;
    std::shared_ptr<const dialing> kind_;
    std::shared_ptr<int> descriptor_;
    connect_handler handler_;  // empty once called
    stream_socket socket_;
    std::optional<resolver> resolver_;
    std::optional<socks_dialogue> dialogue_;
    std::optional<asio::steady_timer> dialogue_limit_;
    std::chrono::milliseconds proxy_timeout_{0};
    std::vector<socket_address> addresses_;
    std::size_t next_ = 0;
    int family_ = 0;
    std::error_code last_error_ = asio::error::host_not_found;  // if there is no address at all
    stream_description description_;
    bool cancelled_ = false;
    bool proxy_timed_out_ = false;
};

void connect_attempt::start()
{
    std::error_code error;
    auto targets = kind_->targets(error);
    if (error)
        return finish_later(error);
    if (targets.by_proxy)
        dialogue_.emplace(*targets.by_proxy);
    proxy_timeout_ = targets.proxy_timeout;
    if (!targets.host_name.empty())
        return resolve(targets);
    addresses_ = std::move(targets.addresses);
    try_next();
}

void connect_attempt::resolve(const dial_targets& targets)
{
    resolver_.emplace(executor_);
    auto done = [self = shared_from_this()](
                    std::error_code error, const resolver::results_type& results) {
        if (error || self->cancelled_)
            return self->finish(error);
        for (const auto& entry : results)
        {
            const auto where = entry.endpoint();
            self->addresses_.emplace_back(where.data(), static_cast<socklen_t>(where.size()));
        }
        self->try_next();
    };

    const auto port = std::to_string(targets.port);
    const auto flags = resolver::numeric_service;
    if (targets.ipv6)
        resolver_->async_resolve(targets.host_name, port, flags, std::move(done));
    else
        resolver_->async_resolve(
            asio::ip::tcp::v4(), targets.host_name, port, flags, std::move(done));
}

void connect_attempt::try_next()
{
    while (next_ < addresses_.size())
    {
        const auto error = try_one(addresses_[next_++]);
        if (!error)
            return;
        last_error_ = error;
    }
    finish_later(last_error_);
}

std::error_code connect_attempt::try_one(const socket_address& target)
{
    std::error_code error;
    auto socket = kind_->open(target, error);
    if (error)
        return error;
    *descriptor_ = socket.get();
    // Asio gets to know the socket only now: one that was never connected polls as writable.
    const auto started = start_connect(socket.get(), target);
    if (started && started != std::errc::operation_in_progress)
        return started;
    family_ = target.family();
    if ((error = hand_over(socket, family_, socket_)))
        return error;

    if (started)
    {
        socket_.async_wait(stream_socket::wait_write,
            [self = shared_from_this()](std::error_code result) { self->on_writable(result); });
        return {};
    }
    if ((error = check_connected()))
    {
        std::error_code ignored;
        socket_.close(ignored);
        return error;
    }
    asio::post(executor_, [self = shared_from_this()] { self->on_connected(); });
    return {};
}

void connect_attempt::on_writable(std::error_code error)
{
    if (cancelled_)
        return finish(asio::error::operation_aborted);
    if (!error)
        error = take_socket_error(socket_.native_handle());
    if (!error)
        error = check_connected();
    if (!error)
        return on_connected();

    last_error_ = error;
    std::error_code ignored;
    socket_.close(ignored);
    try_next();
}

std::error_code connect_attempt::check_connected()
{
    const int descriptor = socket_.native_handle();
    std::error_code error;
    const auto remote = socket_address::of_remote_end(descriptor, error);
    if (error)
        return error;
    const auto local = socket_address::of_local_end(descriptor, error);
    if (error)
        return error;
    // Connecting to a free port of the ephemeral range may pick that port as the source, and TCP
    // then connects the socket to itself. Nobody listens there: say so.
    if (local == remote && local.port() != 0)
        return {ECONNREFUSED, std::system_category()};
    description_ = kind_->describe(descriptor, error);
    return error;
}

// A proxy that fails ends the attempt: its other addresses would be the same proxy.
void connect_attempt::on_connected()
{
    if (!dialogue_ || cancelled_)
        return finish({});
    limit_dialogue();
    go_on_talking();
}

void connect_attempt::limit_dialogue()
{
    if (proxy_timeout_ == std::chrono::milliseconds{0})
        return;
    dialogue_limit_.emplace(executor_, proxy_timeout_);
    dialogue_limit_->async_wait([self = shared_from_this()](std::error_code cancelled) {
        if (cancelled || !self->handler_)
            return;
        self->proxy_timed_out_ = true;
        std::error_code ignored;
        self->socket_.close(ignored);  // what waits for it ends, and finishes the attempt
    });
}

void connect_attempt::go_on_talking()
{
    const auto error = exchange(socket_.native_handle(), *dialogue_);
    if (error != std::errc::operation_would_block)
        return finish(error);
    const auto what =
        dialogue_->output().empty() ? stream_socket::wait_read : stream_socket::wait_write;
    socket_.async_wait(what, [self = shared_from_this()](std::error_code result) {
        if (self->proxy_timed_out_)
            return self->finish(proxy_errc::timed_out);
        if (result || self->cancelled_)
            return self->finish(result);
        self->go_on_talking();
    });
}

void connect_attempt::finish_later(std::error_code error)
{
    asio::post(executor_, [self = shared_from_this(), error] { self->finish(error); });
}

void connect_attempt::finish(std::error_code error)
{
    if (!handler_)
        return;
    if (dialogue_limit_)
        dialogue_limit_->cancel();
    error = cancelled_ ? asio::error::operation_aborted : system_error(error);
    std::unique_ptr<byte_stream> stream;
    if (!error)
        stream = take_stream(error);
    complete_now(executor_, std::exchange(handler_, nullptr), error, std::move(stream));
}

// Asio watched the socket while it was connecting; who watches the stream is decided anew.
std::unique_ptr<byte_stream> connect_attempt::take_stream(std::error_code& error)
{
    socket_handle connected(socket_.release(error));
    if (error)
        return nullptr;
    return make_socket_stream(
        std::move(connected), family_, executor_, std::move(description_), error);
}

void connect_attempt::cancel() noexcept
{
    if (cancelled_ || !handler_)
        return;
    cancelled_ = true;
    std::error_code ignored;
    socket_.close(ignored);  // a wait for the connection ends, and finishes the attempt
    if (!resolver_)
        return;
    try
    {
        resolver_->cancel();
        // A query that is being answered cannot be called back: do not wait for it.
        finish_later({});
    }
    catch (const std::exception&)
    {
        // No memory: the attempt finishes when the query does.
    }
}

class socket_connector final : public connector
{
public:
    socket_connector(asio::any_io_executor executor, std::unique_ptr<const dialing> kind)
        : executor_(std::move(executor)), kind_(std::move(kind))
    {
    }

    ~socket_connector() override { socket_connector::cancel(); }

    void async_connect(connect_handler handler) override
    {
        if (const auto current = attempt_.lock(); current && current->is_outstanding())
        {
            return complete_later(executor_, std::move(handler),
                std::error_code(EALREADY, std::system_category()), std::unique_ptr<byte_stream>());
        }
        auto attempt =
            std::make_shared<connect_attempt>(executor_, kind_, descriptor_, std::move(handler));
        attempt_ = attempt;
        attempt->start();
    }

    void cancel() noexcept override
    {
        if (const auto attempt = attempt_.lock())
            attempt->cancel();
    }

    int native_handle() const noexcept override { return *descriptor_; }

private:
    asio::any_io_executor executor_;
    std::shared_ptr<const dialing> kind_;
    std::weak_ptr<connect_attempt> attempt_;
    const std::shared_ptr<int> descriptor_ = std::make_shared<int>(-1);
};

}  // namespace

std::unique_ptr<connector> make_socket_connector(
    asio::any_io_executor executor, std::unique_ptr<const dialing> kind)
{
    return std::make_unique<socket_connector>(std::move(executor), std::move(kind));
}

}  // namespace ferry::transports
