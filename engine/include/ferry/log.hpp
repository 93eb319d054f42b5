// What happens to a context's connections, in an operator's words.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <system_error>

#include <ferry/detail/export.hpp>
#include <ferry/socket_type.hpp>

namespace ferry
{

/// How much an operator should care.
enum class log_level : std::uint8_t
{
    error,    ///< something ended, or does not work now, and somebody has to look
    warning,  ///< something failed and is tried again, or cost one peer its connection
    info,     ///< endpoints and peers that come and go as they should
    debug,    ///< the steps in between
};

[[nodiscard]] FERRY_API const char* to_string(log_level level) noexcept;

/// One line of a log. A value: it may be kept, and handed to another thread.
struct log_record
{
    log_level level = log_level::info;
    socket_type socket = socket_type::pair;  ///< the type of the socket it happened to
    std::string endpoint;                    ///< as given to bind or connect, wildcards resolved
    std::error_code error;                   ///< why; none where nothing went wrong
    /// One line, with the endpoint and the reason in it, without level and time: "connect
    /// tcp://10.0.0.1:5556: connection refused; next attempt in 200 ms". Octets that a peer chose
    /// are printable ASCII here, the others as \xNN.
    std::string text;
};

/// Takes the records of context_options::log.
using log_function = std::function<void(const log_record&)>;

}  // namespace ferry
