// What all sockets have in common, without their types and without Asio's completion tokens.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <ferry/context.hpp>
#include <ferry/detail/export.hpp>
#include <ferry/detail/frame_octets.hpp>
#include <ferry/error.hpp>
#include <ferry/message.hpp>
#include <ferry/options.hpp>
#include <ferry/poll_events.hpp>
#include <ferry/proxy.hpp>
#include <ferry/socket_type.hpp>
#include <ferry/stats.hpp>

namespace ferry
{

namespace detail
{
class socket_core;
}

/// What all sockets have in common. The operations that a type may or may not have are protected
/// here, and each typed socket shows those it has; ferry::socket shows them all.
///
/// Most operations come in several forms: throwing ferry::error; with a trailing
/// `std::error_code&`; `try_...`, which never waits; `..._for`, which waits for at most so long.
///
/// Thread safety: every member, from any thread; a message is sent and received whole.
/// Destroying or moving a socket needs that no other thread is inside it; to end other threads' calls, close() first.
class FERRY_API socket_base
{
public:
    using milliseconds = std::chrono::milliseconds;

    socket_base(socket_base&&) noexcept;
    socket_base& operator=(socket_base&&) noexcept;
    /// Closes as close() does, without waiting: what `send` accepted is still delivered in the background,
    /// for up to `linger`, as long as the context lives.
    ~socket_base();

    [[nodiscard]] socket_type type() const noexcept;

    /// Listens on an endpoint: "tcp://*:5555", "tcp://lo:*", "ipc:///tmp/feed", "ipc://@name",
    /// "ipc://*", "inproc://name". May be called several times.
    ///
    /// Completes: when peers can connect. Returns the endpoint really bound, wildcards resolved.
    /// Errors:    errc::invalid_endpoint, errc::unsupported_transport, errc::no_such_interface,
    ///            errc::invalid_argument (an option; the text says which), errc::address_in_use
    ///            (inproc), errc::incompatible_transport (STREAM over inproc), errc::path_too_long, the system's (address_in_use,
    ///            address_not_available, permission_denied, ...), errc::terminated, errc::closed.
    /// libzmq:    zmq_bind, ZMQ_LAST_ENDPOINT.
    std::string bind(std::string_view endpoint, const endpoint_options& options = {});
    std::string bind(std::string_view endpoint, std::error_code& error);
    std::string bind(
        std::string_view endpoint, const endpoint_options& options, std::error_code& error);

    /// Connects to an endpoint, now and again whenever the connection is lost. Names are resolved
    /// at each attempt; that a peer is not there (yet) is no error. "tcp://[source;]host:port".
    ///
    /// Completes: at once; the connection is made in the background.
    /// Errors:    errc::invalid_endpoint, errc::unsupported_transport, errc::invalid_argument (an
    ///            option), errc::incompatible_transport (inproc: a socket of an unsuitable type is
    ///            bound there, or this is a STREAM), errc::terminated, errc::closed.
    /// libzmq:    zmq_connect. A second connect of DEALER, SUB, PUB or REQ to the same endpoint does nothing, as there.
    void connect(std::string_view endpoint, const endpoint_options& options = {});
    void connect(std::string_view endpoint, std::error_code& error);
    void connect(
        std::string_view endpoint, const endpoint_options& options, std::error_code& error);

    /// Stops listening, and ends the connections accepted there: what was queued for them is still
    /// delivered for up to `linger`, what they sent stays readable. Takes the text given to bind or returned by it.
    ///
    /// Errors: errc::no_such_endpoint, errc::closed.
    /// libzmq: zmq_unbind, which drops what was queued. inproc: existing connections stay.
    void unbind(std::string_view endpoint);
    void unbind(std::string_view endpoint, std::error_code& error);

    /// Ends the connections made to that endpoint by connect: what was queued for them is still
    /// delivered for up to `linger`, what was received from them and not taken yet is dropped.
    ///
    /// Errors: errc::no_such_endpoint, errc::closed.
    /// libzmq: zmq_disconnect.
    void disconnect(std::string_view endpoint);
    void disconnect(std::string_view endpoint, std::error_code& error);

    /// The endpoints bound now, wildcards resolved, in the order of binding.
    [[nodiscard]] std::vector<std::string> bound_endpoints() const;

    /// Waits until at least `count` peers have completed their handshake and are connected now.
    ///
    /// Completes: true when they are there; false after `timeout`.
    /// Errors:    errc::terminated, errc::closed, errc::interrupted.
    bool wait_for_peers(std::size_t count = 1, milliseconds timeout = forever);
    bool wait_for_peers(std::size_t count, milliseconds timeout, std::error_code& error);

    /// What the socket is ready for now: `readable` when a message is there, `writable` when at least
    /// one peer has room, by socket type. Nothing is reserved.
    ///
    /// Errors: errc::terminated, errc::closed.
    /// libzmq: ZMQ_EVENTS.
    [[nodiscard]] poll_events ready() const;
    [[nodiscard]] poll_events ready(std::error_code& error) const;

    /// Peers that have completed their handshake and are connected now.
    [[nodiscard]] std::size_t peer_count() const noexcept;
    /// Messages that were given up so far although no call failed: nobody wanted them, a queue was
    /// full, a peer left.
    [[nodiscard]] std::uint64_t dropped_messages() const noexcept;

    /// What the socket has done since it was made, closed or not.
    ///
    /// Thread safety: any thread, at any time; costs the socket's traffic nothing. Each number is true by itself;
    ///                those of connections that carry traffic at this moment may be a batch apart.
    /// See also:      peers(); monitor, which tells what happens when it happens.
    [[nodiscard]] socket_stats stats() const;
    /// The peers that are connected now, in the order in which they came.
    ///
    /// Thread safety: as stats().
    [[nodiscard]] std::vector<peer_stats> peers() const;
    /// Ends that one connection, as if it had been lost: an endpoint that connected connects again, an accepted
    /// peer is gone. What it sent and was not received yet stays readable; what is queued for it is dropped,
    /// unless its endpoint connects again. An inproc peer is gone for good, with what it sent.
    ///
    /// Completes: at once; the connection ends in the background. False when it is not there any more.
    /// Errors:    errc::closed.
    bool disconnect(peer_id peer);
    bool disconnect(peer_id peer, std::error_code& error);

    /// Closes the socket: calls blocked in other threads end with errc::closed, connections are
    /// closed once they have delivered what `send` accepted. Waits for that, at most for `linger`.
    /// Idempotent.
    ///
    /// Completes: returns how many messages were given up.
    /// libzmq:    zmq_close, which does not wait.
    std::size_t close();

    // Options that may change later. Meaning: the fields of socket_options. Errors: errc::invalid_argument.
    void set_send_hwm(std::size_t messages);
    void set_receive_hwm(std::size_t messages);
    void set_send_timeout(milliseconds timeout);
    void set_receive_timeout(milliseconds timeout);
    void set_linger(milliseconds linger);
    /// For later connects. Empty: none.
    void set_socks_proxy(
        std::string_view proxy, std::string_view username = {}, std::string_view password = {});
    /// For later binds. Empty: everybody.
    void set_tcp_accept_filter(std::vector<std::string> ranges);
    void set_ipc_accept_filter(ipc_filter filter);

protected:
    socket_base(context& owner, socket_type type, socket_options options);

    /// Sends one message.
    ///
    /// Completes: when the message is in the queue of every peer the pattern chose; not when a peer has it. Blocks, by
    ///            socket type, while no peer has room, for at most send_timeout.
    /// Errors:    errc::wrong_state (REQ that awaits a reply), errc::no_route (ROUTER with `mandatory`, or STREAM, and
    ///            an unknown routing id), errc::timed_out, errc::interrupted, errc::would_deadlock, errc::terminated, errc::closed,
    ///            errc::not_supported, errc::invalid_argument (a message without frames; STREAM, raw ROUTER: not two frames).
    ///            The message stays with the caller on every error.
    /// libzmq:    zmq_msg_send.
    void send(message&& m);
    void send(const message& m);
    void send(message&& m, std::error_code& error);
    void send(const message& m, std::error_code& error);
    /// The same, of one frame whose octets are here: a text, an array or a span of std::byte. They are
    /// copied; for small ones that takes less time than to make a message of them first.
    ///
    /// libzmq:    zmq_send.
    template <detail::frame_octets Octets>
    void send(const Octets& frame)
    {
        send_octets(detail::octets_of(frame));
    }
    template <detail::frame_octets Octets>
    void send(const Octets& frame, std::error_code& error)
    {
        send_octets(detail::octets_of(frame), error);
    }
    /// False when it would have to wait.
    bool try_send(message&& m);
    bool try_send(message&& m, std::error_code& error);
    /// False after `timeout`.
    bool send_for(message&& m, milliseconds timeout);
    bool send_for(message&& m, milliseconds timeout, std::error_code& error);

    /// Whether try_send would take a message that begins with this frame now, for those who put a message
    /// together from parts and want to know first. Nothing is reserved.
    ///
    /// Completes: false when it would have to wait.
    /// Errors:    errc::wrong_state, errc::no_route, errc::not_supported, errc::terminated, errc::closed.
    [[nodiscard]] bool can_send(std::string_view first_frame) const;
    [[nodiscard]] bool can_send(std::string_view first_frame, std::error_code& error) const;
    /// Waits until can_send(first_frame) is true: ROUTER and STREAM, until that one peer has room. Others may take it
    /// before the caller does.
    ///
    /// Completes: true when there is room; false after `timeout`.
    /// Errors:    as can_send; errc::interrupted, errc::would_deadlock.
    bool wait_for_room(std::string_view first_frame, milliseconds timeout = forever);
    bool wait_for_room(std::string_view first_frame, milliseconds timeout, std::error_code& error);

    /// Receives one message.
    ///
    /// Completes: with the next message. Waits for at most receive_timeout.
    /// Errors:    errc::wrong_state (REQ without a request, REP that owes a reply), errc::timed_out, errc::interrupted,
    ///            errc::terminated, errc::closed, errc::not_supported. With an error nothing was consumed; the
    ///            error_code forms return a message without frames.
    /// libzmq:    zmq_msg_recv.
    [[nodiscard]] message receive();
    [[nodiscard]] message receive(std::error_code& error);
    [[nodiscard]] std::optional<message> try_receive();
    [[nodiscard]] std::optional<message> try_receive(std::error_code& error);
    [[nodiscard]] std::optional<message> receive_for(milliseconds timeout);
    [[nodiscard]] std::optional<message> receive_for(milliseconds timeout, std::error_code& error);

    /// SUB: from now on, messages whose first frame starts with `topic` are wanted; "" is all. Counted: takes as
    /// many unsubscribes. XPUB in manual mode: the same for the peer whose subscription was received last.
    ///
    /// Errors: errc::not_supported, errc::terminated, errc::closed.
    /// libzmq: ZMQ_SUBSCRIBE, ZMQ_UNSUBSCRIBE.
    void subscribe(std::string_view topic);
    void unsubscribe(std::string_view topic);
    void subscribe(std::string_view topic, std::error_code& error);
    void unsubscribe(std::string_view topic, std::error_code& error);

    /// PUB, XPUB: waits until a message whose first frame is `topic` would go to at least `count` peers.
    ///
    /// Completes: true when it would; false after `timeout`.
    /// Errors:    errc::terminated, errc::closed, errc::interrupted.
    bool wait_for_subscribers(
        std::size_t count = 1, std::string_view topic = {}, milliseconds timeout = forever);
    bool wait_for_subscribers(
        std::size_t count, std::string_view topic, milliseconds timeout, std::error_code& error);

    /// STREAM: the id of the peer that connect was called for last; good for sending at once, and while the
    /// connection comes and goes. With `immediate`, that of the connection made last. Other types: empty.
    ///
    /// libzmq: ZMQ_ROUTING_ID of a STREAM, which is the last id of any peer.
    [[nodiscard]] std::string last_connect_routing_id() const;

    void set_router_mandatory(bool on);
    void set_router_handover(bool on);
    void set_probe_router(bool on);
    void set_req_correlate(bool on);
    void set_req_relaxed(bool on);
    void set_xpub_verbose(bool on);
    void set_xpub_verboser(bool on);
    void set_xpub_manual(bool on);
    void set_xpub_manual_last_value(bool on);
    void set_xpub_no_drop(bool on);
    void set_invert_matching(bool on);
    void set_only_first_subscribe(bool on);
    /// STREAM: of peers of later binds and connects.
    void set_stream_notify(bool on);
    void set_xpub_welcome_message(message m);

private:
    void send_octets(std::span<const std::byte> frame);
    void send_octets(std::span<const std::byte> frame, std::error_code& error);
    friend class poller;
    friend class monitor;
    friend std::error_code proxy(socket_base&, socket_base&, socket_base*);
    friend void detail::start_proxy(
        socket_base&, socket_base&, socket_base*, detail::proxy_handler);
    friend asio::any_io_executor detail::executor_of(const socket_base&) noexcept;
    template <class Executor>
    friend class basic_socket_base;

    std::shared_ptr<detail::socket_core> core_;
};

}  // namespace ferry
