// A listening socket that the program made, instead of one of ours.
#pragma once

#include <span>

#include "transports/failure.hpp"
#include "transports/socket_handle.hpp"

namespace ferry::transports
{

/// Takes over a descriptor that listens, of one of these families; it does not wait any more, and is closed in programs that
/// are started. Null with `why` set when it is none: it stays the caller's then.
///
/// Errors: the system's (bad_file_descriptor, not_a_socket, address_family_not_supported); errc::invalid_argument.
[[nodiscard]] socket_handle adopt_listening_socket(
    int descriptor, std::span<const int> families, failure& why);

}  // namespace ferry::transports
