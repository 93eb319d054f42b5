// What can be set on a context, a socket, and on a single bind or connect.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ferry/log.hpp>
#include <ferry/message.hpp>

namespace ferry
{

/// For every timeout below: wait as long as it takes.
inline constexpr std::chrono::milliseconds forever{-1};

struct context_options
{
    /// Background threads that move the octets.
    ///
    /// Unit and range: threads, 1 to 256.
    /// Errors:         errc::invalid_argument from the context's constructor.
    /// libzmq:         ZMQ_IO_THREADS.
    int io_threads = 1;

    /// How long a blocked call looks for octets again and again before it sleeps. A reply that comes
    /// meanwhile is not delayed by a wake-up, at the price of a processor that is busy waiting.
    ///
    /// Unit and range: microseconds, not negative; 0, the default, sleeps at once.
    /// Takes effect:   for calls that wait for sockets with tcp or ipc endpoints, in contexts with
    ///                 one I/O thread, while no other thread waits in the same context.
    /// Errors:         errc::invalid_argument from the context's constructor.
    /// libzmq:         ZMQ_BUSY_POLL (a draft), roughly.
    std::chrono::microseconds busy_poll{0};

    /// Sockets that may be open at a time.
    ///
    /// Errors: errc::too_many from a socket's constructor.
    /// libzmq: ZMQ_MAX_SOCKETS.
    std::size_t max_sockets = 1'000'000;

    /// Called with a line for everything that the monitors of this context's sockets could tell, also
    /// of sockets that have no monitor, or are closed and still deliver. Null, the default: nobody is
    /// told, and no text is made.
    ///
    /// Errors:        what it throws is swallowed.
    /// Lifetimes:     what it refers to must outlive the context, and on an executor of the program's
    ///                own also what lingers there; the end of that loop itself is not told.
    /// Thread safety: called on any thread, the user's or a background one, by several at a time, with
    ///                no lock of Ferry's held. Connections wait while it runs: it should hand the record
    ///                on and return. It may use sockets, but make no call that waits.
    /// See also:      ferry::monitor, for programs; docs/guide/monitoring.md.
    /// libzmq:        none.
    log_function log{};

    /// How the background threads are called, for `top -H` or a debugger: "<thread_name>/IO/0", "/IO/1", ...
    ///
    /// Unit and range: text; the system shows the first 15 octets of the whole.
    /// libzmq:         ZMQ_THREAD_NAME_PREFIX; there the names are "<prefix>/ZMQbg/IO/0".
    std::string thread_name = "ferry";

    /// How the background threads are scheduled: one of SCHED_FIFO, SCHED_RR, SCHED_OTHER, ... of <sched.h>; -1, the
    /// default: like the thread that makes the context.
    ///
    /// Takes effect: when the context is made, where the system allows it; nothing fails if it does not. Threads that
    ///               wait for messages do most of the work themselves, and are scheduled as the program likes.
    /// Errors:       errc::invalid_argument below -1.
    /// libzmq:       ZMQ_THREAD_SCHED_POLICY; there a refusal of the system ends the process.
    int thread_policy = -1;

    /// Their priority within that policy, which has to be given with SCHED_FIFO and SCHED_RR. With the other policies,
    /// which have none, any value asks for the nice value -20. -1, the default: none is asked for.
    ///
    /// Unit and range: 1 to 99 with SCHED_FIFO and SCHED_RR of Linux.
    /// Takes effect:   as thread_policy.
    /// Errors:         errc::invalid_argument below -1.
    /// libzmq:         ZMQ_THREAD_PRIORITY.
    int thread_priority = -1;

    /// The processors that the background threads may run on; empty, the default: those of the thread that makes the
    /// context.
    ///
    /// Unit and range: numbers from 0 on; numbers without a processor do not count.
    /// Takes effect:   as thread_policy; Linux only.
    /// Errors:         errc::invalid_argument when one is negative.
    /// libzmq:         ZMQ_THREAD_AFFINITY_CPU_ADD, ZMQ_THREAD_AFFINITY_CPU_REMOVE.
    std::vector<int> thread_processors{};
};

/// Who may connect over ipc: processes that one of these names. All empty, the default: everybody.
///
/// libzmq: ZMQ_IPC_FILTER_UID, ZMQ_IPC_FILTER_GID, ZMQ_IPC_FILTER_PID.
struct ipc_filter
{
    std::vector<std::uint32_t> users{};  ///< effective user ids
    /// Group ids: a process's effective one, or one of which the system's database says that its
    /// user is a member. The database is asked when somebody connects whom nothing else names, and
    /// connections wait meanwhile.
    std::vector<std::uint32_t> groups{};
    std::vector<std::uint32_t> processes{};  ///< Linux: process ids

    friend bool operator==(const ipc_filter&, const ipc_filter&) = default;
};

/// What a single `bind` or `connect` may set differently from its socket: a field left empty takes
/// the socket's value. Meaning, ranges and errors: the field of the same name in socket_options.
struct endpoint_options
{
    std::optional<std::size_t> send_hwm{};
    std::optional<std::size_t> receive_hwm{};
    std::optional<bool> immediate{};
    std::optional<bool> conflate{};
    std::optional<std::string> routing_id{};
    /// ROUTER, STREAM: know the peer of this connect by this id from the start, whatever it announces.
    ///
    /// Unit and range: 1 to 255 octets.
    /// libzmq:         ZMQ_CONNECT_ROUTING_ID.
    std::string connect_routing_id{};
    std::optional<bool> router_raw{};
    std::optional<std::vector<std::pair<std::string, std::string>>> properties{};
    std::optional<std::chrono::milliseconds> reconnect_interval{};
    std::optional<std::chrono::milliseconds> reconnect_interval_max{};
    std::optional<bool> reconnect_early{};
    std::optional<std::chrono::milliseconds> connect_timeout{};
    std::optional<std::chrono::milliseconds> handshake_timeout{};
    std::optional<std::chrono::milliseconds> heartbeat_interval{};
    std::optional<std::chrono::milliseconds> heartbeat_timeout{};
    std::optional<std::chrono::milliseconds> heartbeat_ttl{};
    std::optional<std::uint64_t> max_message_size{};
    std::optional<bool> limit_frames_only{};
    std::optional<std::size_t> max_message_frames{};
    std::optional<bool> ipv6{};
    std::optional<int> backlog{};
    std::optional<int> send_buffer{};
    std::optional<int> receive_buffer{};
    std::optional<int> tcp_keepalive{};
    std::optional<int> tcp_keepalive_count{};
    std::optional<int> tcp_keepalive_idle{};
    std::optional<int> tcp_keepalive_interval{};
    std::optional<std::chrono::milliseconds> tcp_max_retransmit{};
    std::optional<int> type_of_service{};
    std::optional<std::string> bind_to_device{};
    std::optional<std::string> socks_proxy{};
    std::optional<std::string> socks_username{};
    std::optional<std::string> socks_password{};
    std::optional<std::vector<std::string>> tcp_accept_filter{};
    std::optional<ferry::ipc_filter> ipc_accept_filter{};
    /// bind, over tcp and ipc: instead of making a socket, listen on this one, which the program made, bound and
    /// called listen() on, or was given by who started it. The endpoint's address is checked as a text, and has no
    /// other effect: `bind` returns the address that the socket has. The options of listening sockets (buffers,
    /// backlog, ipv6, bind_to_device) are the program's business.
    ///
    /// Unit and range: a descriptor.
    /// Errors:         the system's (bad_file_descriptor, not_a_socket, address_family_not_supported for one of another
    ///                 family); errc::invalid_argument: the socket does not listen, or this is no bind over tcp or ipc.
    /// Lifetimes:      from a successful bind on it belongs to the socket, which closes it, and removes no file of ipc.
    ///                 When bind fails it stays the caller's, unless the socket was closed meanwhile.
    /// libzmq:         ZMQ_USE_FD.
    std::optional<int> descriptor{};
    /// Which of the context's background threads may serve the connections made here: bit 0 stands for the first.
    ///
    /// Unit and range: a set of bits, of which at least one has a thread; 0, the default: any thread. On an executor
    ///                 of the program's own it does not count.
    /// Errors:         errc::invalid_argument when there is no such thread.
    /// See also:       context_options::io_threads.
    /// libzmq:         ZMQ_AFFINITY, with EMTHREAD.
    std::uint64_t io_thread_mask = 0;
};

/// Everything a socket can be told. Plain values with libzmq's meaning; where a default differs
/// from libzmq's, the field says so. Checked when the socket is made: errc::invalid_argument, with
/// a text that names the field.
///
/// Takes effect: at construction; a bind or connect copies what concerns connections. Fields with
///               a `set_` member in basic_socket may change later.
struct socket_options
{
    // --- flow control --------------------------------------------------------------------

    /// Messages that may wait for one peer before sending blocks or drops, by socket type.
    ///
    /// Unit and range: messages per peer; 0 is unlimited. Subscriptions are not counted.
    /// libzmq:         ZMQ_SNDHWM.
    std::size_t send_hwm = 1000;

    /// Messages received from one peer and not yet taken before its connection is left unread.
    ///
    /// Unit and range: messages per peer; 0 is unlimited.
    /// libzmq:         ZMQ_RCVHWM.
    std::size_t receive_hwm = 1000;

    /// How long `send` waits for room, or `receive` for a message, before errc::timed_out.
    ///
    /// Unit and range: milliseconds; 0 does not wait; `forever`, the default, has no end.
    /// libzmq:         ZMQ_SNDTIMEO, ZMQ_RCVTIMEO.
    std::chrono::milliseconds send_timeout = forever;
    std::chrono::milliseconds receive_timeout = forever;

    /// How long messages accepted by `send` are still delivered after the socket was closed.
    ///
    /// Unit and range: milliseconds; 0 drops them at once; `forever`. Empty: 30 s, and 0 for SUB and XSUB.
    /// libzmq:         ZMQ_LINGER, whose default is for ever.
    std::optional<std::chrono::milliseconds> linger{};

    /// Only peers whose connection stands are given messages; a lost connection loses its queue.
    ///
    /// libzmq: ZMQ_IMMEDIATE.
    bool immediate = false;

    /// Over inproc, take a peer of any type, not only of those that suit: what the two make of each
    /// other's messages is up to them. It is enough that one of the two says so.
    ///
    /// libzmq: always true.
    bool inproc_any_type = false;

    /// Queues hold only the newest message, of any number of frames; the marks do not count then.
    /// For PUSH, PULL, PUB, SUB and DEALER.
    ///
    /// libzmq: ZMQ_CONFLATE, which breaks on multipart messages.
    bool conflate = false;

    // --- who we are ----------------------------------------------------------------------

    /// The name a ROUTER knows this REQ, DEALER or ROUTER by.
    ///
    /// Unit and range: 0 to 255 octets; empty: the peer makes one up. A ROUTER of Ferry's does so also
    ///                 where this one looks made up: 00 and four more octets.
    /// Spec:           RFC 37 "Identity".
    /// libzmq:         ZMQ_ROUTING_ID.
    std::string routing_id{};

    /// Further properties to announce in the handshake; peers see them as message properties.
    ///
    /// Unit and range: names of 1 to 255 octets that start with "X-".
    /// libzmq:         ZMQ_METADATA.
    std::vector<std::pair<std::string, std::string>> properties{};

    // --- patterns ------------------------------------------------------------------------

    bool router_mandatory =
        false;  ///< ROUTER: errc::no_route instead of a drop. libzmq: ZMQ_ROUTER_MANDATORY.
    bool router_handover =
        false;  ///< ROUTER: a newcomer takes a routing id over. libzmq: ZMQ_ROUTER_HANDOVER.
    /// ROUTER: peers over tcp and ipc that speak no ZMTP, as those of a STREAM: messages of two frames, an empty
    /// second one for a connection made or lost, or to let the peer go. What is sent to who is not there, or
    /// has no room, is treated as router_mandatory says. Raw peers are not probed, and keep their ids.
    ///
    /// Errors: of bind and connect: errc::incompatible_transport over inproc.
    /// libzmq: ZMQ_ROUTER_RAW, deprecated; STREAM is for new programs.
    bool router_raw = false;
    bool probe_router =
        false;  ///< greet new peers with an empty message. libzmq: ZMQ_PROBE_ROUTER.
    bool req_correlate = false;  ///< REQ: number the requests. libzmq: ZMQ_REQ_CORRELATE.
    bool req_relaxed =
        false;  ///< REQ: a new request gives the old one up. libzmq: ZMQ_REQ_RELAXED.
    bool xpub_verbose = false;  ///< XPUB: pass every subscription on. libzmq: ZMQ_XPUB_VERBOSE.
    bool xpub_verboser =
        false;  ///< XPUB: pass every unsubscription on too. libzmq: ZMQ_XPUB_VERBOSER.
    bool xpub_manual =
        false;  ///< XPUB: the program applies subscriptions. libzmq: ZMQ_XPUB_MANUAL.
    /// XPUB in manual mode: after `subscribe`, the next message goes to the peer it was called for alone, if it
    /// suits its subscriptions: a last value, say, that the others have.
    ///
    /// libzmq: ZMQ_XPUB_MANUAL_LAST_VALUE, a draft that turns the manual mode on by itself.
    bool xpub_manual_last_value = false;
    bool xpub_no_drop = false;  ///< PUB, XPUB: wait for full subscribers. libzmq: ZMQ_XPUB_NODROP.
    bool invert_matching =
        false;  ///< PUB, XPUB, SUB: what does not match. libzmq: ZMQ_INVERT_MATCHING.
    bool only_first_subscribe =
        false;  ///< XPUB, XSUB: look at the first frame only. libzmq: ZMQ_ONLY_FIRST_SUBSCRIBE.
    bool stream_notify =
        true;  ///< STREAM, raw ROUTER: an empty message for each peer that comes or goes. libzmq: ZMQ_STREAM_NOTIFY.
    message
        xpub_welcome_message{};  ///< PUB, XPUB: sent to each new peer first. libzmq: ZMQ_XPUB_WELCOME_MSG.

    // --- connections ---------------------------------------------------------------------

    /// The pause before a lost or refused connection is tried again: a random part of a bound
    /// that starts here and doubles with each failure, up to reconnect_interval_max.
    ///
    /// Unit and range: milliseconds, 1 and more; 0 never tries again.
    /// libzmq:         ZMQ_RECONNECT_IVL.
    std::chrono::milliseconds reconnect_interval{100};

    /// Where the doubling ends. 0 keeps the bound at reconnect_interval.
    ///
    /// libzmq: ZMQ_RECONNECT_IVL_MAX, whose default is 0.
    std::chrono::milliseconds reconnect_interval_max{2000};

    /// Whether the pause may be shorter than its bound. False: it is the bound and up to
    /// reconnect_interval more.
    ///
    /// libzmq: always false.
    bool reconnect_early = true;

    /// How long one attempt to connect may take. 0: as long as the system tries.
    ///
    /// libzmq: ZMQ_CONNECT_TIMEOUT.
    std::chrono::milliseconds connect_timeout{0};

    /// How long a new connection may take to complete greeting and handshake. 0: no limit.
    ///
    /// libzmq: ZMQ_HANDSHAKE_IVL.
    std::chrono::milliseconds handshake_timeout{30'000};

    /// How often to ask a peer for a sign of life. 0, the default: never.
    ///
    /// Spec:   RFC 37 "Connection Heartbeating".
    /// libzmq: ZMQ_HEARTBEAT_IVL.
    std::chrono::milliseconds heartbeat_interval{0};

    /// How long a peer may stay silent after a PING before its connection is given up.
    ///
    /// Unit and range: milliseconds; -1, the default: heartbeat_interval; 0: never given up.
    /// libzmq:         ZMQ_HEARTBEAT_TIMEOUT.
    std::chrono::milliseconds heartbeat_timeout{-1};

    /// How long we ask the peer to wait, hearing nothing from us, before it closes the connection.
    ///
    /// Unit and range: milliseconds, 0 to 65'500, rounded down to tenths of a second (what PING
    ///                 carries; libzmq peers miscount above). 0, the default, asks for nothing.
    /// libzmq:         ZMQ_HEARTBEAT_TTL.
    std::chrono::milliseconds heartbeat_ttl{0};

    /// The largest message accepted from a peer, frame by frame and in all; a larger one costs the
    /// connection.
    ///
    /// Unit and range: octets; UINT64_MAX, the default, is unlimited.
    /// libzmq:         ZMQ_MAXMSGSIZE, which bounds frames only.
    std::uint64_t max_message_size = UINT64_MAX;

    /// max_message_size bounds each frame, but not their sum.
    ///
    /// libzmq: always true.
    bool limit_frames_only = false;

    /// The most frames of one message accepted from a peer.
    std::size_t max_message_frames = 1'000'000;

    bool ipv6 = false;             ///< resolve and bind IPv6 too. libzmq: ZMQ_IPV6.
    int backlog = 100;             ///< of listen(). libzmq: ZMQ_BACKLOG.
    int send_buffer = -1;          ///< SO_SNDBUF in octets; -1: the system's. libzmq: ZMQ_SNDBUF.
    int receive_buffer = -1;       ///< SO_RCVBUF in octets; -1: the system's. libzmq: ZMQ_RCVBUF.
    int tcp_keepalive = -1;        ///< -1 the system's, 0 off, 1 on. libzmq: ZMQ_TCP_KEEPALIVE.
    int tcp_keepalive_count = -1;  ///< probes; -1: the system's. libzmq: ZMQ_TCP_KEEPALIVE_CNT.
    int tcp_keepalive_idle = -1;   ///< seconds; -1: the system's. libzmq: ZMQ_TCP_KEEPALIVE_IDLE.
    int tcp_keepalive_interval =
        -1;  ///< seconds; -1: the system's. libzmq: ZMQ_TCP_KEEPALIVE_INTVL.
    std::chrono::milliseconds tcp_max_retransmit{
        0};                        ///< TCP_USER_TIMEOUT; 0: the system's. libzmq: ZMQ_TCP_MAXRT.
    int type_of_service = 0;       ///< IP_TOS. libzmq: ZMQ_TOS.
    std::string bind_to_device{};  ///< SO_BINDTODEVICE. libzmq: ZMQ_BINDTODEVICE.

    /// Connections over tcp are made by this SOCKS 5 proxy; names are left to it to resolve. Nothing reaches the
    /// target without it: a proxy that fails costs an attempt, which is made again like any other. The address that
    /// properties (Peer-Address) and events have of the peer is the proxy's.
    ///
    /// Unit and range: "host:port"; empty, the default: none.
    /// Takes effect:   for later connects. The dialogue with the proxy may take connect_timeout, and handshake_timeout.
    /// Errors:         events carry a proxy_errc, or what the system said of the connection to the proxy.
    /// Spec:           RFC 1928, RFC 1929.
    /// libzmq:         ZMQ_SOCKS_PROXY.
    std::string socks_proxy{};

    /// Who we are to the proxy. Empty, the default: nobody; the password does not matter then. They are sent as they are.
    ///
    /// Unit and range: octets, at most 255 each.
    /// libzmq:         ZMQ_SOCKS_USERNAME, ZMQ_SOCKS_PASSWORD.
    std::string socks_username{};
    std::string socks_password{};

    /// Who may connect over tcp: those whose address is in one of these ranges. Others are disconnected before a
    /// word is said, and the monitor tells (`accept_failed`). Empty, the default: everybody.
    ///
    /// Unit and range: "10.0.0.0/8", "192.0.2.7", "2001:db8::/32"; "::/0" is everybody, "0.0.0.0/0" every IPv4 address.
    /// Takes effect:   for later binds.
    /// libzmq:         ZMQ_TCP_ACCEPT_FILTER, which lets in others by a range of IPv4 on a socket with ZMQ_IPV6.
    std::vector<std::string> tcp_accept_filter{};

    /// The same over ipc, by the peer's process.
    ferry::ipc_filter ipc_accept_filter{};
};

}  // namespace ferry
