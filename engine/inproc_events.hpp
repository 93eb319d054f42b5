// What a connection over inproc tells the monitors of its two sockets: the same as one over a network.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

#include <ferry/message.hpp>
#include <ferry/monitor.hpp>
#include <ferry/socket_type.hpp>

namespace ferry::detail
{

class socket_core;

/// What a socket would announce in a handshake.
struct inproc_announcement
{
    socket_type type;
    std::string routing_id;
    peer_properties::list properties;  ///< of the user's own
};

/// The events of one of the two sockets. The two sockets' threads may part while a third joins
/// them: each end of the story is told once, and never before its beginning.
///
/// Thread safety: any thread; with no lock held.
class inproc_events
{
public:
    /// `outgoing`: of the socket that connects.
    inproc_events(std::string endpoint, bool outgoing);

    /// The two sockets met. By who joins them, as the next two; the others may come at any time.
    void met(socket_core& socket);
    void succeeded(socket_core& socket, const inproc_announcement& peer);
    void failed(socket_core& socket, std::error_code why);
    /// This socket gave the other one up.
    void left(socket_core* socket) noexcept;
    /// The other socket closed its end.
    void lost(socket_core* socket) noexcept;

private:
    enum class stage : std::uint8_t
    {
        before,  // the handshake
        connected,
        left,
        lost,
    };
    [[nodiscard]] monitor_event about(monitor_event_type type) const;
    void end(socket_core* socket, stage how) noexcept;
    void tell_end(socket_core& socket, stage how) const;

    const std::string endpoint_;
    const bool outgoing_;
    std::atomic<stage> stage_{stage::before};
};

}  // namespace ferry::detail
