// Something that keeps octets moving for a socket, even after the socket was closed.
#pragma once

#include <chrono>

namespace ferry::detail
{

/// A dialer, an acceptor, or an accepted connection. Its socket_core holds it until it reports
/// link_ended. Both calls may come from any thread and return at once.
class link
{
public:
    /// Deliver what the pipe still holds for the peer, for at most `linger` (negative: as long as
    /// it takes), then end.
    virtual void finish(std::chrono::milliseconds linger) noexcept = 0;
    /// End now; what is not delivered is counted as given up.
    virtual void abort() noexcept = 0;
    /// The loop will run nothing any more: closes what is open, tells nobody, and lets go of what
    /// refers back. While no thread works for the loop.
    virtual void abandon() noexcept = 0;

protected:
    ~link() = default;
};

}  // namespace ferry::detail
