// What happens to a socket's connections, as typed events in a bounded queue.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <asio/any_completion_handler.hpp>
#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <ferry/detail/export.hpp>
#include <ferry/message.hpp>
#include <ferry/options.hpp>
#include <ferry/socket_type.hpp>
#include <ferry/zmtp_version.hpp>

namespace ferry
{

class socket_base;

namespace detail
{
class context_core;
class monitor_queue;
}  // namespace detail

/// What happened. libzmq's ZMQ_EVENT_* are named where they correspond.
///
/// See also: docs/guide/monitoring.md, which event follows which, and what each carries.
enum class monitor_event_type : std::uint8_t
{
    listening,      ///< bound; peers may connect. ZMQ_EVENT_LISTENING.
    accepted,       ///< a peer connected to us; the handshake begins. ZMQ_EVENT_ACCEPTED.
    accept_failed,  ///< `error`: somebody who may not connect, or the system's; it goes on after `delay`. ZMQ_EVENT_ACCEPT_FAILED.
    connecting,     ///< an attempt to connect began. ZMQ_EVENT_CONNECT_DELAYED.
    connected,      ///< the stream stands; the handshake begins. ZMQ_EVENT_CONNECTED.
    handshake_succeeded,  ///< traffic may flow. ZMQ_EVENT_HANDSHAKE_SUCCEEDED.
    handshake_failed,     ///< `error` and `reason` say why. ZMQ_EVENT_HANDSHAKE_FAILED_*.
    retrying,      ///< `error`; the next attempt starts after `delay`. ZMQ_EVENT_CONNECT_RETRIED.
    disconnected,  ///< the connection ended; `error` says why. ZMQ_EVENT_DISCONNECTED.
    closed,        ///< nobody can connect there any more. ZMQ_EVENT_CLOSED.
    waiting,       ///< inproc: nobody is bound there yet; it connects when somebody binds
    given_up,  ///< `error`; no other attempt: reconnect_interval = 0, or the pattern has no use for it
};

[[nodiscard]] FERRY_API const char* to_string(monitor_event_type type) noexcept;

/// One thing that happened. A value: it keeps nothing of the socket alive.
struct monitor_event
{
    monitor_event_type type{};
    std::string endpoint;   ///< as given to bind or connect, wildcards resolved
    bool outgoing = false;  ///< the endpoint was given to connect, not to bind

    /// The other end: "tcp://127.0.0.1:40312"; over inproc the endpoint again; where a proxy makes the connection, the
    /// proxy; "localhost:UID:GID:PID" of who may not connect over ipc. May be empty.
    std::string peer_address;
    /// The descriptor that this is about: the listener's (listening, closed), the connection's, or that of
    /// the attempt that failed (retrying, given_up). For questions such as getpeername; never to be read,
    /// written or closed. It lives as long as the listener or the connection: often it is gone, and its
    /// number another's, when the event is read. -1: none.
    int native_handle = -1;

    /// retrying, given_up: what ended the last attempt or connection. accept_failed, handshake_failed.
    /// disconnected: none when we ended it and everything was delivered; errc::closed when we gave up
    /// what was left; errc::connection_closed when the peer ended it; a protocol_errc for what the
    /// peer did wrong; the system's code otherwise.
    std::error_code error;
    /// handshake_failed, disconnected: the words of the peer's ERROR command, if it sent one.
    std::string reason;
    /// retrying, accept_failed: the pause before the next attempt.
    std::chrono::milliseconds delay{0};

    // handshake_succeeded: what the peer announced.
    std::optional<zmtp_version> version;   ///< empty over inproc and of raw peers: no protocol
    std::string mechanism;                 ///< "NULL"; empty for 1.0 and 2.0 peers, and over inproc
    std::optional<socket_type> peer_type;  ///< empty where the peer did not say (ZMTP 1.0)
    std::string routing_id;                ///< empty: none; a ROUTER makes one up then
    /// All properties in the order announced (Socket-Type, Identity, X-...), behind Peer-Address: a
    /// numeric IP, "localhost:UID:GID:PID" over ipc, the endpoint over inproc. Null for other events.
    peer_handle peer;

    /// How many events were skipped between the one delivered before this and this one, because the
    /// monitor's queue was full.
    std::uint64_t skipped_before = 0;
};

namespace detail
{

using event_handler = asio::any_completion_handler<void(std::error_code, monitor_event)>;

}  // namespace detail

/// Listens to one socket from construction on. Never slows the socket: when the queue is full,
/// new events are skipped and counted: the next one that finds room says how many were lost before it.
/// It ends with the socket's close: what lingering connections do later, only context_options::log is told.
///
/// Thread safety: any thread. May outlive the socket.
/// libzmq:        zmq_socket_monitor.
class FERRY_API monitor
{
public:
    /// Unit and range: events that may wait to be read.
    explicit monitor(socket_base& socket, std::size_t capacity = 1000);
    ~monitor();
    monitor(const monitor&) = delete;
    monitor& operator=(const monitor&) = delete;

    /// The next event. Empty after `timeout`, or when the socket is closed and all was read.
    /// Errors: errc::interrupted.
    [[nodiscard]] std::optional<monitor_event> receive_for(std::chrono::milliseconds timeout);
    [[nodiscard]] std::optional<monitor_event> try_receive();

    /// The next event. Operations of one monitor are served in the order of their beginning.
    ///
    /// Completes:    on the handler's executor, by default that of the socket's context; never inside this call,
    ///               unless the handler has an immediate executor.
    /// Errors:       errc::closed when the socket is closed and all was read; asio::error::operation_aborted when the
    ///               monitor is destroyed.
    /// Cancellation: terminal, partial and total; a cancelled one has taken no event.
    /// Signature:    void(std::error_code, monitor_event)
    template <class Token = asio::default_completion_token_t<asio::any_io_executor>>
    auto async_receive(Token&& token = Token())
    {
        return asio::async_initiate<Token, void(std::error_code, monitor_event)>(
            initiate_receive(*this), token);
    }
    using executor_type = asio::any_io_executor;
    [[nodiscard]] executor_type get_executor() const noexcept;

    /// Events skipped so far because nobody read, also those that monitor_event::skipped_before has
    /// not told yet.
    [[nodiscard]] std::uint64_t missed() const noexcept;

private:
    class initiate_receive
    {
    public:
        using executor_type = asio::any_io_executor;
        explicit initiate_receive(monitor& m) noexcept : monitor_(m) {}
        [[nodiscard]] executor_type get_executor() const noexcept
        {
            return monitor_.get_executor();
        }
        template <class Handler>
        void operator()(Handler&& handler) const
        {
            monitor_.start_receive(std::forward<Handler>(handler));
        }

    private:
        monitor& monitor_;
    };
    void start_receive(detail::event_handler handler);

    std::shared_ptr<detail::monitor_queue> queue_;
    std::shared_ptr<detail::context_core> context_;
};

}  // namespace ferry
