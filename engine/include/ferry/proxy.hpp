// Two sockets joined: what comes in at one goes out at the other.
#pragma once

#include <system_error>

#include <ferry/detail/export.hpp>

namespace ferry
{

class socket_base;

/// Passes whole messages between `frontend` and `backend`, both ways, until a socket is closed or its context
/// ends. A side is read only while the other has room, so back-pressure passes through. With
/// `capture`, a copy of every message goes there too, dropped if that socket has no room.
///
/// Completes: when a socket is closed, the context is ended, or a signal handler ran in this thread; the error says which.
/// Errors:    errc::terminated, errc::closed, errc::interrupted, errc::not_supported (nothing could pass), errc::invalid_argument (one socket at both
///            ends).
/// libzmq:    zmq_proxy.
FERRY_API std::error_code proxy(
    socket_base& frontend, socket_base& backend, socket_base* capture = nullptr);

}  // namespace ferry
