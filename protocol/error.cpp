// What can go wrong, by fault: the texts an operator reads, and the portable conditions.
#include <ferry/error.hpp>

namespace ferry
{

namespace
{

const char* text_of(errc code) noexcept
{
    switch (code)
    {
    case errc::wrong_state: return "the socket's state does not allow this call now";
    case errc::not_supported: return "this type of socket does not support this call";
    case errc::no_route: return "no peer with that routing id";
    case errc::timed_out: return "timed out";
    case errc::terminated: return "the context was ended";
    case errc::closed: return "the socket is closed";
    case errc::interrupted: return "interrupted by a signal";
    case errc::would_deadlock: return "a blocking call on the thread that would have to serve it";
    case errc::invalid_argument: return "invalid argument";
    case errc::invalid_endpoint: return "not a valid endpoint";
    case errc::unsupported_transport: return "no such transport";
    case errc::incompatible_transport: return "this transport does not suit this type of socket";
    case errc::no_such_endpoint:
        return "the socket is neither bound nor connected to that endpoint";
    case errc::no_such_interface: return "no such network interface, or it has no suitable address";
    case errc::address_in_use: return "the address is in use";
    case errc::path_too_long: return "the path is too long for a socket address";
    case errc::handshake_timed_out: return "the peer did not complete the handshake in time";
    case errc::heartbeat_timed_out: return "the peer fell silent";
    case errc::connect_timed_out: return "connecting took too long";
    case errc::connection_closed: return "the peer closed the connection";
    case errc::unsupported_security: return "this build does not have that security mechanism";
    case errc::too_many: return "a limit on a number was reached";
    case errc::out_of_memory: return "out of memory";
    case errc::peer_refused:
        return "this socket does not take the peer (a routing id in use, a second peer of a PAIR)";
    case errc::peer_not_allowed: return "the peer is not among those that may connect";
    }
    return nullptr;
}

const char* text_of(protocol_errc code) noexcept
{
    switch (code)
    {
    case protocol_errc::bad_signature: return "the peer's greeting is not ZMTP";
    case protocol_errc::unsupported_version:
        return "the peer's version of ZMTP is too old for the security configured";
    case protocol_errc::mechanism_mismatch: return "the peer uses another security mechanism";
    case protocol_errc::more_on_command:
        return "the peer sent a command marked as having more frames";
    case protocol_errc::frame_size_overflow:
        return "the peer announced a frame of more than 2^63-1 octets";
    case protocol_errc::frame_too_large:
        return "the peer announced a frame larger than max_message_size";
    case protocol_errc::message_too_large:
        return "the peer sent a message larger than max_message_size";
    case protocol_errc::too_many_frames:
        return "the peer sent a message of more than max_message_frames frames";
    case protocol_errc::handshake_too_large:
        return "the peer announced a handshake frame above the limit";
    case protocol_errc::malformed_frame: return "the peer sent a ZMTP 1.0 frame of length zero";
    case protocol_errc::malformed_command: return "the peer sent a command that does not parse";
    case protocol_errc::unexpected_command:
        return "the peer sent a command that is not allowed at this point";
    case protocol_errc::malformed_metadata:
        return "the peer sent a list of properties that does not parse";
    case protocol_errc::incompatible_socket_type:
        return "the peer's socket type cannot talk to ours";
    case protocol_errc::error_received: return "the peer refused the connection with ERROR";
    case protocol_errc::traffic_before_ready:
        return "the peer sent messages before the handshake was done";
    case protocol_errc::invalid_identity: return "the peer's routing id is longer than 255 octets";
    case protocol_errc::invalid_envelope:
        return "the peer sent a reply without an empty delimiter frame";
    case protocol_errc::authentication_failed: return "the peer's credentials were refused";
    }
    return nullptr;
}

const char* text_of(proxy_errc code) noexcept
{
    switch (code)
    {
    case proxy_errc::not_socks: return "the proxy does not answer as SOCKS 5 wants";
    case proxy_errc::no_acceptable_method:
        return "the proxy does not take the way to authenticate that was offered";
    case proxy_errc::authentication_failed: return "the proxy refused the user name and password";
    case proxy_errc::general_failure: return "the proxy failed, without saying why";
    case proxy_errc::not_allowed: return "the proxy's rules do not allow this connection";
    case proxy_errc::network_unreachable: return "the proxy cannot reach the network";
    case proxy_errc::host_unreachable: return "the proxy cannot reach the host";
    case proxy_errc::connection_refused: return "the proxy's connection was refused by the host";
    case proxy_errc::time_to_live_expired: return "the proxy's packets live too short a time";
    case proxy_errc::command_not_supported: return "the proxy does not make connections";
    case proxy_errc::address_type_not_supported:
        return "the proxy does not take addresses of this kind";
    case proxy_errc::unknown_reply: return "the proxy failed, with a number that has no meaning";
    case proxy_errc::connection_closed: return "the proxy closed the connection before it answered";
    case proxy_errc::timed_out: return "the proxy did not answer in time";
    }
    return nullptr;
}

template <class Enum>
std::string text_or_number(int value, const char* what)
{
    const char* text = text_of(static_cast<Enum>(value));
    return text != nullptr ? text : "unknown " + std::string(what) + " " + std::to_string(value);
}

/// std::errc{}: nothing portable says the same.
std::errc portable(errc code) noexcept
{
    switch (code)
    {
    case errc::wrong_state: return std::errc::operation_not_permitted;
    case errc::not_supported: return std::errc::operation_not_supported;
    case errc::no_route: return std::errc::host_unreachable;
    case errc::timed_out:
    case errc::handshake_timed_out:
    case errc::heartbeat_timed_out:
    case errc::connect_timed_out: return std::errc::timed_out;
    case errc::terminated: return std::errc::operation_canceled;
    case errc::closed: return std::errc::bad_file_descriptor;
    case errc::interrupted: return std::errc::interrupted;
    case errc::would_deadlock: return std::errc::resource_deadlock_would_occur;
    case errc::invalid_argument:
    case errc::invalid_endpoint: return std::errc::invalid_argument;
    case errc::unsupported_transport: return std::errc::protocol_not_supported;
    case errc::incompatible_transport: return std::errc::wrong_protocol_type;
    case errc::no_such_endpoint: return std::errc::no_such_file_or_directory;
    case errc::no_such_interface: return std::errc::no_such_device;
    case errc::address_in_use: return std::errc::address_in_use;
    case errc::path_too_long: return std::errc::filename_too_long;
    case errc::connection_closed: return std::errc::connection_reset;
    case errc::unsupported_security: return std::errc::not_supported;
    case errc::too_many:
    case errc::peer_refused: return {};
    case errc::out_of_memory: return std::errc::not_enough_memory;
    case errc::peer_not_allowed: return std::errc::permission_denied;
    }
    return {};
}

std::errc portable(proxy_errc code) noexcept
{
    switch (code)
    {
    case proxy_errc::not_socks:
    case proxy_errc::unknown_reply: return std::errc::protocol_error;
    case proxy_errc::no_acceptable_method:
    case proxy_errc::authentication_failed:
    case proxy_errc::not_allowed: return std::errc::permission_denied;
    case proxy_errc::network_unreachable: return std::errc::network_unreachable;
    case proxy_errc::host_unreachable: return std::errc::host_unreachable;
    case proxy_errc::connection_refused: return std::errc::connection_refused;
    case proxy_errc::command_not_supported: return std::errc::operation_not_supported;
    case proxy_errc::address_type_not_supported: return std::errc::address_family_not_supported;
    case proxy_errc::connection_closed: return std::errc::connection_reset;
    case proxy_errc::time_to_live_expired:
    case proxy_errc::timed_out: return std::errc::timed_out;
    case proxy_errc::general_failure: return std::errc::connection_aborted;
    }
    return {};
}

class error_texts final : public std::error_category
{
public:
    const char* name() const noexcept override { return "ferry"; }
    std::string message(int value) const override
    {
        return text_or_number<errc>(value, "ferry error");
    }
    std::error_condition default_error_condition(int value) const noexcept override
    {
        const std::errc same = portable(static_cast<errc>(value));
        return same != std::errc{} ? same : std::error_condition(value, *this);
    }
};

class protocol_texts final : public std::error_category
{
public:
    const char* name() const noexcept override { return "ferry.protocol"; }
    std::string message(int value) const override
    {
        return text_or_number<protocol_errc>(value, "protocol error");
    }
    std::error_condition default_error_condition(int value) const noexcept override
    {
        const auto code = static_cast<protocol_errc>(value);
        if (text_of(code) == nullptr)
            return {value, *this};
        switch (code)
        {
        case protocol_errc::frame_too_large:
        case protocol_errc::message_too_large:
        case protocol_errc::too_many_frames:
        case protocol_errc::handshake_too_large: return std::errc::message_size;
        case protocol_errc::authentication_failed: return std::errc::permission_denied;
        default: return std::errc::protocol_error;  // all that broke a rule rather than a limit
        }
    }
};

class proxy_texts final : public std::error_category
{
public:
    const char* name() const noexcept override { return "ferry.proxy"; }
    std::string message(int value) const override
    {
        return text_or_number<proxy_errc>(value, "proxy error");
    }
    std::error_condition default_error_condition(int value) const noexcept override
    {
        const std::errc same = portable(static_cast<proxy_errc>(value));
        return same != std::errc{} ? same : std::error_condition(value, *this);
    }
};

std::string compose(const std::error_code& code, std::string_view what_happened)
{
    if (what_happened.empty())
        return code.message();
    if (what_happened.find(": ") != std::string_view::npos)
        return std::string(what_happened);
    return std::string(what_happened) + ": " + code.message();
}

}  // namespace

const std::error_category& error_category() noexcept
{
    static const error_texts category;
    return category;
}

const std::error_category& protocol_category() noexcept
{
    static const protocol_texts category;
    return category;
}

const std::error_category& proxy_category() noexcept
{
    static const proxy_texts category;
    return category;
}

error::error(std::error_code code, std::string_view what_happened)
    : std::system_error(code), text_(compose(code, what_happened))
{
}

}  // namespace ferry
