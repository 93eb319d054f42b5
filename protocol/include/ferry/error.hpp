// What can go wrong, by fault: `errc` is ours or the caller's, `protocol_errc` is the peer's, and `proxy_errc` is that of
// a proxy on the way to it.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include <ferry/detail/export.hpp>

namespace ferry
{

/// We, the caller, or a limit the caller set. The operating system's codes are not repeated here:
/// they pass through as std::system_category codes (address_in_use and so on).
///
/// Values are part of the ABI: append, never renumber.
enum class errc
{
    wrong_state = 1,        ///< the pattern does not allow this call now (REQ: send before receive)
    not_supported,          ///< this socket type never does this (receive on PUB)
    no_route,               ///< no peer with that routing id (STREAM, and ROUTER with `mandatory`)
    timed_out,              ///< the timeout passed; nothing was sent or consumed
    terminated,             ///< the context was ended, here or in another thread
    closed,                 ///< the socket was closed
    interrupted,            ///< a signal handler ran in the calling thread while it waited
    would_deadlock,         ///< a blocking call that its own thread would have to serve
    invalid_argument,       ///< an argument or option out of range; the text says which
    invalid_endpoint,       ///< the endpoint's text cannot be understood
    unsupported_transport,  ///< no such scheme here ("udp://...")
    incompatible_transport,  ///< the scheme does not suit this socket type
    no_such_endpoint,        ///< unbind or disconnect of something never bound or connected
    no_such_interface,       ///< the network interface does not exist or has no suitable address
    address_in_use,          ///< inproc: the name is taken in this context
    path_too_long,           ///< ipc: the path exceeds what the system's socket address holds
    handshake_timed_out,     ///< the peer did not complete the handshake in time
    heartbeat_timed_out,     ///< the peer fell silent past the heartbeat timeout or its own TTL
    connect_timed_out,       ///< the transport's connect took longer than connect_timeout
    connection_closed,       ///< the peer closed the connection
    unsupported_security,    ///< a security mechanism that this build does not have
    too_many,                ///< a limit on a count was reached (sockets, frames in a message)
    out_of_memory,           ///< memory could not be had; the connection that needed it is closed
    peer_refused,            ///< not taken: a routing id in use, a second peer of a PAIR
    peer_not_allowed,        ///< the peer is not among those that a filter of ours lets in
};

/// The peer broke ZMTP. The connection that reports one of these is closed; no local call caused
/// it, and retrying on the same connection cannot help.
///
/// Values are part of the ABI: append, never renumber.
enum class protocol_errc
{
    bad_signature = 1,  ///< the greeting is not one of ZMTP's             (RFC 37 "Greeting")
    unsupported_version,  ///< a 1.0 or 2.0 peer where security is required  (RFC 37 "Version Negotiation")
    mechanism_mismatch,  ///< the peer's mechanism is not ours              (RFC 37 "Greeting")
    more_on_command,     ///< MORE set on a command frame                   (RFC 37 "Framing")
    frame_size_overflow,  ///< a frame size above 2^63-1                     (RFC 37 "Formal Grammar")
    frame_too_large,      ///< a frame above our max_message_size            (local limit)
    message_too_large,    ///< the message as a whole above max_message_size (local limit)
    too_many_frames,      ///< more frames in a message than max_message_frames (local limit)
    handshake_too_large,  ///< a handshake frame above our limit             (local limit)
    malformed_frame,      ///< a ZMTP 1.0 frame of length zero               (RFC 13)
    malformed_command,    ///< a command's body does not match its grammar   (RFC 37 "Commands")
    unexpected_command,   ///< a command that this state does not allow      (RFC 37 "NULL")
    malformed_metadata,   ///< a property list that does not parse           (RFC 37 "Metadata")
    incompatible_socket_type,  ///< the peer's socket type cannot talk to ours    (RFC 37 "Socket-Type")
    error_received,            ///< the peer sent ERROR; its reason is in the event
    traffic_before_ready,      ///< message traffic before the handshake was done (RFC 37 "NULL")
    invalid_identity,       ///< a routing id longer than 255 octets           (RFC 37 "Identity")
    invalid_envelope,       ///< a reply without the delimiter a REQ needs     (RFC 28 "REQ")
    authentication_failed,  ///< the mechanism refused the peer's credentials
};

/// The SOCKS proxy between us and the peer. Each costs one attempt to connect; what the system says of the
/// connection to the proxy itself is not repeated here.
///
/// Values are part of the ABI: append, never renumber.
enum class proxy_errc
{
    not_socks = 1,          ///< it does not answer as SOCKS 5 wants            (RFC 1928)
    no_acceptable_method,   ///< it wants another way to authenticate           (RFC 1928 section 3)
    authentication_failed,  ///< it refused the user name and password          (RFC 1929)
    general_failure,        ///< it says 01, and no more                        (RFC 1928 section 6)
    not_allowed,            ///< it says 02: its rules forbid that target
    network_unreachable,    ///< it says 03
    host_unreachable,       ///< it says 04; also for names it cannot resolve
    connection_refused,     ///< it says 05: nobody listens at the target
    time_to_live_expired,   ///< it says 06
    command_not_supported,  ///< it says 07: it does not make connections
    address_type_not_supported,  ///< it says 08: it does not take names, or IPv6
    unknown_reply,               ///< it says a number that has no meaning
    connection_closed,           ///< it left before it had answered
    timed_out,                   ///< it had not answered after handshake_timeout
};

[[nodiscard]] FERRY_API const std::error_category& error_category() noexcept;
[[nodiscard]] FERRY_API const std::error_category& protocol_category() noexcept;
[[nodiscard]] FERRY_API const std::error_category& proxy_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc e) noexcept
{
    return {static_cast<int>(e), error_category()};
}

[[nodiscard]] inline std::error_code make_error_code(protocol_errc e) noexcept
{
    return {static_cast<int>(e), protocol_category()};
}

[[nodiscard]] inline std::error_code make_error_code(proxy_errc e) noexcept
{
    return {static_cast<int>(e), proxy_category()};
}

/// What the throwing forms throw: a std::system_error whose text says what was wrong with what.
///
/// `what_happened` names the call and its object, "bind tcp://eth9:5555"; the code's own text is
/// added behind a colon. If it already contains ": " (colon and space), it carries its detail, and
/// is the whole text: "bind tcp://eth9:5555: no interface named eth9". If empty, the code's text
/// stands alone.
class FERRY_API error : public std::system_error
{
public:
    error(std::error_code code, std::string_view what_happened);

    /// The whole text.
    [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

private:
    std::string text_;
};

}  // namespace ferry

template <>
struct std::is_error_code_enum<ferry::errc> : std::true_type
{
};

template <>
struct std::is_error_code_enum<ferry::protocol_errc> : std::true_type
{
};

template <>
struct std::is_error_code_enum<ferry::proxy_errc> : std::true_type
{
};
