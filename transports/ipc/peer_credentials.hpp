// Who is at the other end of a local socket, as the system vouches for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transports/registry.hpp"

namespace ferry::transports
{

struct peer_credentials
{
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::optional<std::uint32_t> process;  ///< empty where the system does not tell
};

/// Empty when the system does not tell.
[[nodiscard]] std::optional<peer_credentials> credentials_of(int descriptor);

/// Whether the options' ipc filters let that process in. Nobody is let in by filters whom the system does not name.
///
/// libzmq: the same; groups are the one of the process, and those of which its user is a member by the system's database.
[[nodiscard]] bool is_allowed(
    const std::optional<peer_credentials>& peer, const transport_options& options);

/// Whether the system's database says that this user is a member of the group, other than by its own first group.
[[nodiscard]] bool is_member(std::uint32_t user, std::uint32_t group);

/// "localhost:UID:GID:PID"; a part that the system does not tell is left out from the right.
/// libzmq: the same text in the Peer-Address property.
[[nodiscard]] std::string local_peer_address(int descriptor);

}  // namespace ferry::transports
