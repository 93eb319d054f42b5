#include "engine/c_api/monitor_events.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include <zmq.h>

#include <ferry/error.hpp>

#include "engine/c_api/errors.hpp"

namespace ferry::c_api
{

namespace
{

using type = monitor_event_type;

// The value is that of a HANDSHAKE_FAILED_PROTOCOL. 0: libzmq tells the disconnection only.
std::uint32_t protocol_error_of(protocol_errc error) noexcept
{
    switch (error)
    {
    case protocol_errc::mechanism_mismatch: return ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH;
    case protocol_errc::unexpected_command:
    case protocol_errc::traffic_before_ready: return ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND;
    case protocol_errc::malformed_command:
        return ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED;
    case protocol_errc::bad_signature:
    case protocol_errc::more_on_command:
    case protocol_errc::frame_size_overflow:
    case protocol_errc::malformed_frame:
    case protocol_errc::too_many_frames:
    case protocol_errc::invalid_identity:
    case protocol_errc::invalid_envelope: return ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED;
    case protocol_errc::unsupported_version:
    case protocol_errc::frame_too_large:
    case protocol_errc::message_too_large:
    case protocol_errc::handshake_too_large:
    case protocol_errc::malformed_metadata:
    case protocol_errc::incompatible_socket_type:
    case protocol_errc::error_received:
    case protocol_errc::authentication_failed: return 0;
    }
    return 0;
}

// The status of a ZAP handler that the peer's ERROR names. RFC 27 "ZAP".
std::uint32_t zap_status_of(const monitor_event& e) noexcept
{
    for (const std::uint32_t status : {300U, 400U, 500U})
    {
        if (e.error == protocol_errc::error_received && e.reason == std::to_string(status))
            return status;
    }
    return e.error == protocol_errc::authentication_failed ? 400 : 0;
}

std::uint32_t number_of(std::error_code error) noexcept
{
    const int number = error == errc::connection_closed ? EPIPE : to_errno(error);
    return static_cast<std::uint32_t>(number);
}

// libzmq does not tell of connections that zmq_disconnect or zmq_unbind ended.
bool is_by_us(const monitor_event& e) noexcept
{
    return !e.error || e.error == errc::closed;
}

// True when it was there.
bool remove_one(std::vector<std::string>& all, const std::string& endpoint)
{
    const auto found = std::find(all.begin(), all.end(), endpoint);
    if (found == all.end())
        return false;
    all.erase(found);
    return true;
}

}  // namespace

void event_translator::translate(const monitor_event& e)
{
    if (e.endpoint.starts_with("inproc://"))
        return;  // libzmq tells of streams only
    const auto told = [&](int event, std::uint32_t value) { tell(event, value, e.endpoint); };
    const auto descriptor = static_cast<std::uint32_t>(e.native_handle);
    switch (e.type)
    {
    case type::listening: listening_.push_back(e); return told(ZMQ_EVENT_LISTENING, descriptor);
    case type::accepted: return told(ZMQ_EVENT_ACCEPTED, descriptor);
    case type::accept_failed: return told(ZMQ_EVENT_ACCEPT_FAILED, number_of(e.error));
    case type::connecting:
        attempts_.push_back(e.endpoint);
        if (!e.endpoint.starts_with("ipc://"))  // there it is done or has failed at once
            told(ZMQ_EVENT_CONNECT_DELAYED, EINPROGRESS);
        return;
    case type::connected:
        remove_one(attempts_, e.endpoint);
        return told(ZMQ_EVENT_CONNECTED, descriptor);
    case type::handshake_succeeded:
        if (e.version && e.version->major >= 3)
            told(ZMQ_EVENT_HANDSHAKE_SUCCEEDED, 0);
        return;
    case type::handshake_failed:
        if (!is_by_us(e))
            tell_failed_handshake(e);
        [[fallthrough]];
    case type::disconnected:
        if (!is_by_us(e))
            told(ZMQ_EVENT_DISCONNECTED, descriptor);
        return;
    case type::retrying:
        tell_end_of_attempt(e);
        return told(ZMQ_EVENT_CONNECT_RETRIED, static_cast<std::uint32_t>(e.delay.count()));
    case type::given_up: return tell_end_of_attempt(e);
    case type::closed:
        std::erase_if(
            listening_, [&](const auto& l) { return l.native_handle == e.native_handle; });
        return told(ZMQ_EVENT_CLOSED, descriptor);
    case type::waiting: return;
    }
}

// It came to nothing: its socket is closed. A connection that stood has ended with DISCONNECTED.
void event_translator::tell_end_of_attempt(const monitor_event& e)
{
    if (remove_one(attempts_, e.endpoint))
        tell(ZMQ_EVENT_CLOSED, static_cast<std::uint32_t>(e.native_handle), e.endpoint);
}

void event_translator::tell_failed_handshake(const monitor_event& e)
{
    if (const std::uint32_t status = zap_status_of(e))
        return tell(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, status, e.endpoint);
    if (e.error.category() != protocol_category())
        return tell(ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, number_of(e.error), e.endpoint);
    if (const std::uint32_t code = protocol_error_of(static_cast<protocol_errc>(e.error.value())))
        tell(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, code, e.endpoint);
}

void event_translator::tell_end_of_listeners()
{
    for (const monitor_event& e : std::exchange(listening_, {}))
        tell(ZMQ_EVENT_CLOSED, static_cast<std::uint32_t>(e.native_handle), e.endpoint);
}

// Two frames: a u16 and a u32 in this machine's order, without a gap; and the endpoint.
void event_translator::tell(int event, std::uint32_t value, std::string_view endpoint)
{
    if ((event & mask_) == 0)
        return;
    const auto number = static_cast<std::uint16_t>(event);
    std::array<std::byte, sizeof number + sizeof value> head{};
    std::memcpy(head.data(), &number, sizeof number);
    std::memcpy(head.data() + sizeof number, &value, sizeof value);
    message m(std::span<const std::byte>{head});
    m.append(endpoint);
    told_.push_back(std::move(m));
}

}  // namespace ferry::c_api
