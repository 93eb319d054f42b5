// The sockets: one class per type, and `socket` whose type is chosen at run time.
#pragma once

#include <utility>

#include <asio/any_io_executor.hpp>

#include <ferry/basic_socket_base.hpp>
#include <ferry/context.hpp>
#include <ferry/options.hpp>
#include <ferry/socket_base.hpp>
#include <ferry/socket_type.hpp>

namespace ferry
{

/// A socket of any type. Operations that its type lacks answer errc::not_supported.
template <class Executor = asio::any_io_executor>
class basic_socket : public basic_socket_base<Executor>
{
public:
    basic_socket(context& owner, socket_type type, socket_options options = {})
        : basic_socket_base<Executor>(owner, type, std::move(options))
    {
    }
    basic_socket(
        context& owner, const Executor& executor, socket_type type, socket_options options = {})
        : basic_socket_base<Executor>(owner, executor, type, std::move(options))
    {
    }
    /// The same socket with another executor, and so with another default completion token.
    template <class Other>
    struct rebind_executor
    {
        using other = basic_socket<Other>;
    };
    using basic_socket_base<Executor>::async_receive;
    using basic_socket_base<Executor>::async_send;
    using basic_socket_base<Executor>::async_wait_for_subscribers;
    using socket_base::can_send;
    using socket_base::last_connect_routing_id;
    using socket_base::receive;
    using socket_base::receive_for;
    using socket_base::send;
    using socket_base::send_for;
    using socket_base::set_invert_matching;
    using socket_base::set_only_first_subscribe;
    using socket_base::set_probe_router;
    using socket_base::set_req_correlate;
    using socket_base::set_req_relaxed;
    using socket_base::set_router_handover;
    using socket_base::set_router_mandatory;
    using socket_base::set_stream_notify;
    using socket_base::set_xpub_manual;
    using socket_base::set_xpub_manual_last_value;
    using socket_base::set_xpub_no_drop;
    using socket_base::set_xpub_verbose;
    using socket_base::set_xpub_verboser;
    using socket_base::set_xpub_welcome_message;
    using socket_base::subscribe;
    using socket_base::try_receive;
    using socket_base::try_send;
    using socket_base::unsubscribe;
    using socket_base::wait_for_room;
    using socket_base::wait_for_subscribers;
};
using socket = basic_socket<>;

namespace detail
{

/// The constructors of a typed socket.
template <class Executor, socket_type Type>
class typed_socket : public basic_socket_base<Executor>
{
public:
    /// Errors: errc::invalid_argument (an option), errc::too_many, errc::terminated.
    explicit typed_socket(context& owner, socket_options options = {})
        : basic_socket_base<Executor>(owner, Type, std::move(options))
    {
    }
    /// Handlers run on `executor` where they do not say otherwise.
    typed_socket(context& owner, const Executor& executor, socket_options options = {})
        : basic_socket_base<Executor>(owner, executor, Type, std::move(options))
    {
    }
};

/// Sockets that send.
template <class Executor, socket_type Type>
class sending_socket : public typed_socket<Executor, Type>
{
public:
    using typed_socket<Executor, Type>::typed_socket;
    using basic_socket_base<Executor>::async_send;
    using socket_base::can_send;
    using socket_base::send;
    using socket_base::send_for;
    using socket_base::try_send;
    using socket_base::wait_for_room;
};

/// Sockets that receive.
template <class Executor, socket_type Type>
class receiving_socket : public typed_socket<Executor, Type>
{
public:
    using typed_socket<Executor, Type>::typed_socket;
    using basic_socket_base<Executor>::async_receive;
    using socket_base::receive;
    using socket_base::receive_for;
    using socket_base::try_receive;
};

/// Sockets that do both.
template <class Executor, socket_type Type>
class two_way_socket : public sending_socket<Executor, Type>
{
public:
    using sending_socket<Executor, Type>::sending_socket;
    using basic_socket_base<Executor>::async_receive;
    using socket_base::receive;
    using socket_base::receive_for;
    using socket_base::try_receive;
};

}  // namespace detail

/// Asks: send and receive in turns. RFC 28 "REQ".
template <class Executor = asio::any_io_executor>
class basic_req_socket : public detail::two_way_socket<Executor, socket_type::req>
{
public:
    using detail::two_way_socket<Executor, socket_type::req>::two_way_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_req_socket<Other>;
    };
    using socket_base::set_probe_router;
    using socket_base::set_req_correlate;
    using socket_base::set_req_relaxed;
};
using req_socket = basic_req_socket<>;

/// Answers: receive and send in turns. RFC 28 "REP".
template <class Executor = asio::any_io_executor>
class basic_rep_socket : public detail::two_way_socket<Executor, socket_type::rep>
{
public:
    using detail::two_way_socket<Executor, socket_type::rep>::two_way_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_rep_socket<Other>;
    };
};
using rep_socket = basic_rep_socket<>;

/// Asks many at once: spreads what it sends, collects what comes. RFC 28 "DEALER".
template <class Executor = asio::any_io_executor>
class basic_dealer_socket : public detail::two_way_socket<Executor, socket_type::dealer>
{
public:
    using detail::two_way_socket<Executor, socket_type::dealer>::two_way_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_dealer_socket<Other>;
    };
    using socket_base::set_probe_router;
};
using dealer_socket = basic_dealer_socket<>;

/// Talks to each peer by name: the first frame of every message is a routing id. RFC 28 "ROUTER".
template <class Executor = asio::any_io_executor>
class basic_router_socket : public detail::two_way_socket<Executor, socket_type::router>
{
public:
    using detail::two_way_socket<Executor, socket_type::router>::two_way_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_router_socket<Other>;
    };
    using socket_base::set_probe_router;
    using socket_base::set_router_handover;
    using socket_base::set_router_mandatory;
};
using router_socket = basic_router_socket<>;

/// Publishes to whoever subscribed. RFC 29 "PUB".
template <class Executor = asio::any_io_executor>
class basic_pub_socket : public detail::sending_socket<Executor, socket_type::pub>
{
public:
    using detail::sending_socket<Executor, socket_type::pub>::sending_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_pub_socket<Other>;
    };
    using basic_socket_base<Executor>::async_wait_for_subscribers;
    using socket_base::set_invert_matching;
    using socket_base::set_xpub_no_drop;
    using socket_base::set_xpub_welcome_message;
    using socket_base::wait_for_subscribers;
};
using pub_socket = basic_pub_socket<>;

/// Hears what it subscribed to. RFC 29 "SUB".
template <class Executor = asio::any_io_executor>
class basic_sub_socket : public detail::receiving_socket<Executor, socket_type::sub>
{
public:
    using detail::receiving_socket<Executor, socket_type::sub>::receiving_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_sub_socket<Other>;
    };
    using socket_base::set_invert_matching;
    using socket_base::subscribe;
    using socket_base::unsubscribe;
};
using sub_socket = basic_sub_socket<>;

/// A PUB that receives its peers' subscriptions as messages: 01 or 00, then the topic. RFC 29 "XPUB".
template <class Executor = asio::any_io_executor>
class basic_xpub_socket : public detail::two_way_socket<Executor, socket_type::xpub>
{
public:
    using detail::two_way_socket<Executor, socket_type::xpub>::two_way_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_xpub_socket<Other>;
    };
    using basic_socket_base<Executor>::async_wait_for_subscribers;
    using socket_base::set_invert_matching;
    using socket_base::set_only_first_subscribe;
    using socket_base::set_xpub_manual;
    using socket_base::set_xpub_manual_last_value;
    using socket_base::set_xpub_no_drop;
    using socket_base::set_xpub_verbose;
    using socket_base::set_xpub_verboser;
    using socket_base::set_xpub_welcome_message;
    using socket_base::subscribe;
    using socket_base::unsubscribe;
    using socket_base::wait_for_subscribers;
};
using xpub_socket = basic_xpub_socket<>;

/// A SUB that sends its subscriptions as messages: 01 or 00, then the topic. RFC 29 "XSUB".
template <class Executor = asio::any_io_executor>
class basic_xsub_socket : public detail::two_way_socket<Executor, socket_type::xsub>
{
public:
    using detail::two_way_socket<Executor, socket_type::xsub>::two_way_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_xsub_socket<Other>;
    };
    using socket_base::set_only_first_subscribe;
};
using xsub_socket = basic_xsub_socket<>;

/// Hands work out, to one peer after the other. RFC 30 "PUSH".
template <class Executor = asio::any_io_executor>
class basic_push_socket : public detail::sending_socket<Executor, socket_type::push>
{
public:
    using detail::sending_socket<Executor, socket_type::push>::sending_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_push_socket<Other>;
    };
};
using push_socket = basic_push_socket<>;

/// Takes work in, from all peers in turn. RFC 30 "PULL".
template <class Executor = asio::any_io_executor>
class basic_pull_socket : public detail::receiving_socket<Executor, socket_type::pull>
{
public:
    using detail::receiving_socket<Executor, socket_type::pull>::receiving_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_pull_socket<Other>;
    };
};
using pull_socket = basic_pull_socket<>;

/// Talks to exactly one peer. RFC 31 "PAIR".
template <class Executor = asio::any_io_executor>
class basic_pair_socket : public detail::two_way_socket<Executor, socket_type::pair>
{
public:
    using detail::two_way_socket<Executor, socket_type::pair>::two_way_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_pair_socket<Other>;
    };
};
using pair_socket = basic_pair_socket<>;

/// Talks to peers over tcp or ipc that speak no ZMTP, in messages of two frames: the routing id by which
/// this socket knows the peer, and octets.
///
/// What is sent goes out as it is. What comes in comes in chunks, whose borders mean nothing: TCP cuts as it likes.
/// An empty second frame tells that a connection was made, or lost (see stream_notify). Sending one lets the peer
/// go: what was sent to it before is still delivered, for up to `linger` (30 s where that is 0), nothing more is
/// received from it, and an endpoint that had connected does not connect again. The end of a peer's input is the
/// end of its connection.
///
/// Errors: of send: errc::invalid_argument (not two frames), errc::no_route (nobody has that id).
/// libzmq: ZMQ_STREAM.
template <class Executor = asio::any_io_executor>
class basic_stream_socket : public detail::two_way_socket<Executor, socket_type::stream>
{
public:
    using detail::two_way_socket<Executor, socket_type::stream>::two_way_socket;
    template <class Other>
    struct rebind_executor
    {
        using other = basic_stream_socket<Other>;
    };
    using socket_base::last_connect_routing_id;
    using socket_base::set_stream_notify;
};
using stream_socket = basic_stream_socket<>;

}  // namespace ferry
