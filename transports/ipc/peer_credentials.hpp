// Who is at the other end of a local socket, as the system vouches for it.
#pragma once

#include <string>

namespace ferry::transports
{

/// "localhost:UID:GID:PID"; a part that the system does not tell is left out from the right.
/// libzmq: the same text in the Peer-Address property.
[[nodiscard]] std::string local_peer_address(int descriptor);

}  // namespace ferry::transports
