// What happens to a socket's connections, as typed events in a bounded queue.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <ferry/detail/export.hpp>
#include <ferry/message.hpp>
#include <ferry/options.hpp>

namespace ferry
{

class socket_base;

namespace detail
{
class monitor_queue;
}

/// What happened. libzmq's ZMQ_EVENT_* are named where they correspond.
enum class monitor_event_type : std::uint8_t
{
    listening,            ///< bound and listening. ZMQ_EVENT_LISTENING.
    accepted,             ///< a peer's stream was accepted. ZMQ_EVENT_ACCEPTED.
    accept_failed,        ///< accepting failed and is tried again. ZMQ_EVENT_ACCEPT_FAILED.
    connecting,           ///< an attempt to connect began. ZMQ_EVENT_CONNECT_DELAYED.
    connected,            ///< the stream stands; the handshake begins. ZMQ_EVENT_CONNECTED.
    handshake_succeeded,  ///< traffic may flow. ZMQ_EVENT_HANDSHAKE_SUCCEEDED.
    handshake_failed,     ///< `error` and `reason` say why. ZMQ_EVENT_HANDSHAKE_FAILED_*.
    retrying,  ///< `error` ended the last attempt; the next starts after `delay`. ZMQ_EVENT_CONNECT_RETRIED.
    disconnected,  ///< the connection ended; `error` says why. ZMQ_EVENT_DISCONNECTED.
    closed,        ///< a listener was closed. ZMQ_EVENT_CLOSED.
};

[[nodiscard]] FERRY_API const char* to_string(monitor_event_type type) noexcept;

struct monitor_event
{
    monitor_event_type type{};
    std::string endpoint;      ///< as given to bind or connect, wildcards resolved
    std::string peer_address;  ///< the stream's remote end, "tcp://127.0.0.1:40312"; may be empty
    std::error_code error;
    std::string reason;                  ///< the peer's words, where its ERROR command had some
    std::chrono::milliseconds delay{0};  ///< retrying
    peer_handle peer;                    ///< handshake_succeeded: what the peer announced
};

/// Listens to one socket from construction on. Never slows the socket: when the queue is full,
/// new events are skipped and counted.
///
/// Thread safety: any thread. May outlive the socket.
/// libzmq:        zmq_socket_monitor.
class FERRY_API monitor
{
public:
    explicit monitor(socket_base& socket, std::size_t capacity = 1000);
    ~monitor();
    monitor(const monitor&) = delete;
    monitor& operator=(const monitor&) = delete;

    /// The next event. Empty after `timeout`, or when the socket is closed and all was read.
    /// Errors: errc::interrupted.
    [[nodiscard]] std::optional<monitor_event> receive_for(std::chrono::milliseconds timeout);
    [[nodiscard]] std::optional<monitor_event> try_receive();
    /// Events skipped so far because nobody read.
    [[nodiscard]] std::uint64_t missed() const noexcept;

private:
    std::shared_ptr<detail::monitor_queue> queue_;
};

}  // namespace ferry
