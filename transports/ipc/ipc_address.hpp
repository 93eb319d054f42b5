// The address part of an ipc endpoint as a checked value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "transports/failure.hpp"
#include "transports/socket_address.hpp"

namespace ferry::transports
{

struct ipc_address
{
    enum class kind
    {
        path,           ///< a file; relative to the current directory unless it starts with `/`
        abstract_name,  ///< `@name`: Linux, no file, gone with its last socket
        wildcard,       ///< `*`: a file in a directory of its own, chosen at bind
    };

    kind what = kind::path;
    std::string text;  ///< as written, the `@` included; never longer than the system can hold

    /// What the system is told. Not for a wildcard.
    [[nodiscard]] socket_address to_socket_address() const noexcept;
    friend bool operator==(const ipc_address&, const ipc_address&) = default;
};

/// Errors: errc::invalid_endpoint; errc::path_too_long above 107 octets (Linux).
[[nodiscard]] std::optional<ipc_address> parse_ipc_address(std::string_view text, failure& why);

}  // namespace ferry::transports
