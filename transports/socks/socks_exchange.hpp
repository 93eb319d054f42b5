// A dialogue with a SOCKS proxy over a connected socket, as far as it goes without waiting.
#pragma once

#include <system_error>

#include "transports/socks/socks_dialogue.hpp"

namespace ferry::transports
{

/// Sends and receives what can be now, and reads nothing that is not the proxy's. Empty when the dialogue is over;
/// std::errc::operation_would_block: go on when the socket is writable (there is output) or readable.
///
/// Errors: proxy_errc; the system's.
[[nodiscard]] std::error_code exchange(int descriptor, socks_dialogue& dialogue) noexcept;

}  // namespace ferry::transports
