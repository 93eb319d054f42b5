// transport_options put onto a socket.
#pragma once

#include "transports/failure.hpp"
#include "transports/registry.hpp"

namespace ferry::transports
{

/// SO_SNDBUF and SO_RCVBUF; before connect or listen, so that the window scale can follow them.
[[nodiscard]] failure apply_buffer_options(int descriptor, const transport_options& options);

/// For a connected socket without a `send_buffer` of its own whose peer is on this machine: bounds what is under way,
/// so that the peer finds it in the processor's caches. There is no distance that more would bridge.
void bound_local_send_buffer(int descriptor, const transport_options& options) noexcept;

/// Everything that concerns one TCP connection: TCP_NODELAY always; keepalive, TCP_USER_TIMEOUT
/// and the type of service when asked for.
[[nodiscard]] failure apply_tcp_options(
    int descriptor, int family, const transport_options& options);

/// SO_BINDTODEVICE when asked for. Linux before 5.7 wants CAP_NET_RAW for it.
[[nodiscard]] failure apply_device_option(int descriptor, const transport_options& options);

}  // namespace ferry::transports
