// What is behind the void* of zmq.h: contexts and sockets, found in a registry before anything is dereferenced.
//
// Stable: other files of this directory build on it. Only additions from here on.
//
//     int zmq_something(void* socket)
//     {
//         const socket_pin s = find_socket(socket);
//         if (!s)
//             return -1;  // errno is ENOTSOCK
//         return guarded([&] { ... s->face().something() ... });
//     }
#pragma once

#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <ferry/context.hpp>
#include <ferry/message.hpp>
#include <ferry/socket.hpp>

#include "engine/c_api/registry.hpp"

namespace ferry::c_api
{

class context_handle;
class socket_handle;

/// Keeps what a handle stands for alive while a call is inside it, even when another thread closes it
/// meanwhile. Empty: there is no such thing, and errno says so. Moves, does not copy, and stays on its thread.
template <class Target>
class pin
{
public:
    pin() noexcept = default;
    pin(Target* target, void* slot) noexcept : target_(target), slot_(slot) {}
    pin(pin&& other) noexcept
        : target_(std::exchange(other.target_, nullptr)), slot_(std::exchange(other.slot_, nullptr))
    {
    }
    pin& operator=(pin&& other) noexcept
    {
        std::swap(target_, other.target_);
        std::swap(slot_, other.slot_);
        return *this;
    }
    ~pin()
    {
        if (slot_ != nullptr)
            unpin(slot_);
    }

    explicit operator bool() const noexcept { return target_ != nullptr; }
    Target* operator->() const noexcept { return target_; }
    Target& operator*() const noexcept { return *target_; }
    [[nodiscard]] void* token() const noexcept { return slot_; }  // for the registry

private:
    static void unpin(void* slot) noexcept { registry::end(slot); }

    Target* target_ = nullptr;
    void* slot_ = nullptr;
};

using socket_pin = pin<socket_handle>;
using context_pin = pin<context_handle>;

extern registry all_sockets;
extern registry all_contexts;

/// ENOTSOCK; ETERM of one that the process had which this one was forked from: its context has ended, for us.
[[nodiscard]] int why_no_socket(const void* handle) noexcept;

/// Empty, with errno ENOTSOCK, for null, foreign and closed sockets; with ETERM for inherited ones.
[[nodiscard]] inline socket_pin find_socket(void* handle) noexcept
{
    const registry::use found = all_sockets.begin(handle);
    if (found.target == nullptr) [[unlikely]]
        errno = why_no_socket(handle);
    return {static_cast<socket_handle*>(found.target), found.token};
}
/// Empty, with errno EFAULT, for null, foreign and terminated contexts; with ETERM for inherited ones.
[[nodiscard]] context_pin find_context(void* handle) noexcept;

/// A C socket. Its messages go part by part (transfer.cpp), whole ones through here.
///
/// Thread safety: any member, from any thread; libzmq promises less.
class socket_handle
{
public:
    virtual ~socket_handle() = default;

    /// The socket itself: for monitors, proxies, options. Messages that the program took or gave only
    /// in part are not in there: send and receive with the members below.
    [[nodiscard]] virtual ferry::socket& face() noexcept = 0;
    /// The context it lives in; sockets of our own may be made there, and are not counted.
    [[nodiscard]] virtual ferry::context& context() noexcept = 0;
    /// ZMQ_PAIR, ...
    [[nodiscard]] virtual int type() const noexcept = 0;

    /// A whole message, or what is left of one that was received in part. Nothing when there is none;
    /// an error as zmq_msg_recv with ZMQ_DONTWAIT would give it, EAGAIN aside.
    [[nodiscard]] virtual std::optional<message> try_receive(std::error_code& error) = 0;
    /// A whole message, behind the parts sent with ZMQ_SNDMORE so far. False when it would have to wait: the
    /// message is the caller's then, as with an error.
    [[nodiscard]] virtual bool try_send(message& m, std::error_code& error) = 0;
    /// As above; wait as long as ZMQ_RCVTIMEO, ZMQ_SNDTIMEO say. errc::timed_out is EAGAIN.
    [[nodiscard]] virtual std::error_code receive(message& m) = 0;
    [[nodiscard]] virtual std::error_code send(message& m) = 0;

    /// ZMQ_POLLIN | ZMQ_POLLOUT as ZMQ_EVENTS tells them.
    [[nodiscard]] virtual short ready_events(std::error_code& error) = 0;
    /// ZMQ_FD: becomes readable when the events may have changed since they were last looked at. Made when
    /// first asked for. -1 with an error when no descriptor can be had.
    [[nodiscard]] virtual int notification_descriptor(std::error_code& error) = 0;

    /// Something that lives as long as the socket is open: destroyed by the next call of this, or at the
    /// beginning of zmq_close, before the socket closes. For the monitor, of which there is one.
    virtual void set_attachment(std::shared_ptr<void> attachment) = 0;
    [[nodiscard]] virtual bool has_attachment() const = 0;
};

}  // namespace ferry::c_api
