// ZMQ_FD: a descriptor that becomes readable when a socket's events may have changed.
#pragma once

#include <array>
#include <atomic>
#include <memory>

#include <ferry/socket.hpp>

namespace ferry::c_api
{

/// An eventfd, written by Ferry's thread when a wait for readiness is over. Edges, not levels: a direction that
/// was found ready is not waited for until a call finds it unready again.
///
/// Thread safety: all members, from any thread.
class notifier : public std::enable_shared_from_this<notifier>
{
public:
    /// Errors: std::system_error.
    notifier();
    ~notifier();
    notifier(const notifier&) = delete;
    notifier& operator=(const notifier&) = delete;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// Makes it unreadable; to be called before the events are looked at, or watched anew.
    void drain() const noexcept;
    /// Makes it readable once the socket is ready for that, or ended.
    void watch(ferry::socket& socket, wait_type what);

private:
    std::array<std::atomic<bool>, 2> watches_{};  // by wait_type
    int descriptor_;
};

}  // namespace ferry::c_api
