// Two sockets of one context, joined by one pipe: no session, no protocol.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include <ferry/options.hpp>
#include <ferry/socket_type.hpp>

#include "engine/inproc_events.hpp"
#include "patterns/pattern.hpp"
#include "patterns/pipe.hpp"

namespace ferry::detail
{

class socket_core;
struct connection_record;

/// Made by the connecting socket, joined to the binding one now or when it comes. It outlives a
/// connecting socket that closed before: what that one sent is delivered to whoever binds.
class inproc_link final : public patterns::pipe_owner,
                          public std::enable_shared_from_this<inproc_link>
{
public:
    inproc_link(const std::shared_ptr<socket_core>& connector, std::string name,
        const socket_options& options);

    /// Makes the pipe. False when the connecting socket is closed.
    [[nodiscard]] bool attach(const std::string& connect_routing_id);
    /// Joins the two. False when their types do not suit each other: the connecting socket then
    /// sees its peer go.
    [[nodiscard]] bool join(socket_core& binder);
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// The socket at this end of the pipe changed its mark. Any thread, under that socket's lock.
    void change_send_hwm(patterns::pipe_end& end, std::size_t messages);
    void change_receive_hwm(
        patterns::pipe_end& end, std::size_t messages, patterns::wake_list& wakes);

    /// The other socket closed its end, as the one with this end was just told. No lock is held.
    void lost(const patterns::pipe_end& end) noexcept;

    // An end that its socket gave up is the link's.
    void on_readable(patterns::pipe_end&) noexcept override {}
    void on_writable(patterns::pipe_end&) noexcept override {}
    void on_peer_closed(patterns::pipe_end& end) noexcept override;
    void finish_writing(patterns::pipe_end&) noexcept override {}
    /// Sees to it that the monitors hear of it, once `wakes` are run. By the socket at this end,
    /// under its lock.
    void give_up(patterns::pipe_end& end, patterns::wake_list& wakes);

private:
    void introduce(socket_core& binder, const socket_options& bound, socket_core* connector);
    [[nodiscard]] bool is_near(const patterns::pipe_end& end) const noexcept
    {
        return &end == near_.get();
    }

    // What one socket adds to the marks of the two directions.
    struct share
    {
        std::atomic<std::size_t> send;
        std::atomic<std::size_t> receive;
    };
    [[nodiscard]] std::shared_ptr<connection_record> describe(
        const patterns::peer_info& peer) const;
    [[nodiscard]] share& own_share(const patterns::pipe_end& end) noexcept;
    [[nodiscard]] share& other_share(const patterns::pipe_end& end) noexcept;

    const std::weak_ptr<socket_core> connector_;
    std::weak_ptr<socket_core> binder_;  // set before that socket has its end
    const std::string name_;
    const inproc_announcement announcement_;  // the connecting socket's
    const bool conflate_;
    const bool takes_any_type_;
    inproc_events connecting_events_;
    inproc_events binding_events_;
    share connecting_;
    share binding_{};
    std::atomic<bool> joined_{false};
    std::shared_ptr<patterns::pipe_end> near_;  // the connecting socket's
    std::shared_ptr<patterns::pipe_end> far_;   // the binding socket's
};

}  // namespace ferry::detail
