#include "engine/log.hpp"

#include <cctype>
#include <string>
#include <string_view>
#include <utility>

#include <ferry/error.hpp>

namespace ferry
{

const char* to_string(log_level level) noexcept
{
    switch (level)
    {
    case log_level::error: return "error";
    case log_level::warning: return "warning";
    case log_level::info: return "info";
    case log_level::debug: return "debug";
    }
    return "unknown";
}

namespace detail
{

namespace
{

// What a peer chose must not break lines, or move the cursor of a terminal.
std::string printable(std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : octets)
    {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x20 && octet < 0x7f && c != '\\')
            text += c;
        else
            text.append("\\x").append(1, digits[octet >> 4]).append(1, digits[octet & 15]);
    }
    return text;
}

// The system's texts start like sentences: "Connection refused".
std::string words_of(std::error_code error)
{
    std::string text = error.message();
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0)
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

std::string why(const monitor_event& e)
{
    std::string text = e.error ? words_of(e.error) : "the connection ended";
    if (!e.reason.empty())
        text += ", saying \"" + printable(e.reason) + '"';
    return text;
}

// " with tcp://127.0.0.1:40312"; nothing where the endpoint says it already, or nobody knows.
std::string peer_behind(std::string_view preposition, const monitor_event& e)
{
    if (e.peer_address.empty() || e.peer_address == e.endpoint || e.peer_address.ends_with("://"))
        return {};
    return ' ' + std::string(preposition) + ' ' + e.peer_address;
}

std::string next_attempt(const monitor_event& e)
{
    return "; next attempt in " + std::to_string(e.delay.count()) + " ms";
}

std::string introduction(const monitor_event& e)
{
    std::string text = e.peer_type ? std::string(to_string(*e.peer_type)) : "a peer";
    text += peer_behind("at", e) + " is ready";
    if (e.version)
        text +=
            ", ZMTP " + std::to_string(e.version->major) + '.' + std::to_string(e.version->minor);
    if (!e.mechanism.empty())
        text += ", " + e.mechanism;
    if (!e.routing_id.empty())
        text += ", routing id " + printable(e.routing_id);
    return text;
}

// A peer may leave; and what we ended ourselves is no surprise.
bool is_ordinary_end(std::error_code error) noexcept
{
    return !error || error == errc::closed || error == errc::connection_closed;
}

std::string end_of_connection(const monitor_event& e)
{
    const std::string connection = "the connection" + peer_behind("with", e);
    return e.error ? connection + " ended: " + why(e) : connection + " was closed by this socket";
}

using line = std::pair<log_level, std::string>;

line describe(const monitor_event& e)
{
    using enum monitor_event_type;
    switch (e.type)
    {
    case listening: return {log_level::info, "listening"};
    case accepted: return {log_level::debug, "accepted a connection" + peer_behind("from", e)};
    case accept_failed:
        if (e.error == errc::peer_not_allowed)
            return {log_level::warning,
                "turned a connection away" + peer_behind("from", e) + ": " + why(e)};
        return {log_level::error, "accepting a connection failed: " + why(e) + next_attempt(e)};
    case connecting: return {log_level::debug, "connecting"};
    case connected:
        return {log_level::debug, "connected" + peer_behind("to", e) + "; the handshake begins"};
    case handshake_succeeded: return {log_level::info, introduction(e)};
    case handshake_failed:
        return {e.error == errc::closed ? log_level::info : log_level::warning,
            "the handshake" + peer_behind("with", e) + " failed: " + why(e)};
    case retrying: return {log_level::warning, why(e) + next_attempt(e)};
    case disconnected:
        return {
            is_ordinary_end(e.error) ? log_level::info : log_level::warning, end_of_connection(e)};
    case closed: return {log_level::info, "no longer listening"};
    case waiting: return {log_level::info, "nobody is bound there yet; waiting for who will be"};
    case given_up: return {log_level::error, why(e) + "; not tried again"};
    }
    return {log_level::debug, to_string(e.type)};
}

}  // namespace

log_record make_log_record(socket_type socket, const monitor_event& event)
{
    auto [level, words] = describe(event);
    log_record record;
    record.level = level;
    record.socket = socket;
    record.endpoint = event.endpoint;
    record.error = event.error;
    record.text = (event.outgoing ? "connect " : "bind ") + event.endpoint + ": " + words;
    return record;
}

void write_log(const log_function& log, socket_type socket, const monitor_event& event) noexcept
{
    try
    {
        log(make_log_record(socket, event));
    }
    catch (...)
    {
        // A log that fails, or no memory for a line: connections go on.
    }
}

}  // namespace detail

}  // namespace ferry
