// What the links and the pipes tell a socket about its peers.
#include <utility>

#include <ferry/detail/message_access.hpp>

#include "engine/inproc_link.hpp"
#include "engine/settings.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

using patterns::pipe_end;

bool socket_core::add_link(const std::shared_ptr<link>& l, const void* origin)
{
    const section locked(*this);
    if (closing_.load(std::memory_order_relaxed))
        return false;
    links_.emplace(l.get(), link_record{l, origin});
    return true;
}

void socket_core::link_ended(const link& l, std::size_t given_up) noexcept
{
    std::shared_ptr<link> released;  // destroyed without the lock
    {
        const section locked(*this);
        const auto found = links_.find(&l);
        if (found == links_.end())
            return;
        released = std::move(found->second.via);
        links_.erase(found);
        if (closing_.load(std::memory_order_relaxed))
            given_up_ += given_up;
        forget_endpoints_of(&l);
        if (links_.empty())
        {
            all_links_ended_.notify_all();
            serve();
        }
    }
    if (is_closing())
        context_socket_may_be_done();
}

bool socket_core::is_finishing(const link& l) const
{
    const std::lock_guard lock(mutex_);
    const auto found = links_.find(&l);
    return closing_.load(std::memory_order_relaxed) || found == links_.end() ||
        found->second.finishing;
}

socket_core::milliseconds socket_core::farewell() const
{
    const std::lock_guard lock(mutex_);
    return farewell_limit(options_);
}

patterns::pipe_pair socket_core::attach(const pipe_request& request)
{
    patterns::pipe_options queues;
    {
        const std::lock_guard lock(mutex_);
        queues.a_to_b_hwm = send_hwm_changed_ ? options_.send_hwm : request.send_hwm;
        queues.b_to_a_hwm = receive_hwm_changed_ ? options_.receive_hwm : request.receive_hwm;
    }
    queues.conflate = request.conflate;
    patterns::pipe_pair pipe = patterns::make_pipe(queues);
    if (!attach_existing(pipe.a, request.how, request.origin))
        return {};
    return pipe;
}

bool socket_core::attach_existing(const std::shared_ptr<pipe_end>& end,
    const patterns::attachment& how, const void* origin, std::shared_ptr<inproc_link> inproc)
{
    end->set_owner(weak_from_this());
    const section locked(*this);
    if (closing_.load(std::memory_order_relaxed))
        return false;
    peers_.emplace(end.get(), peer{end, origin, std::move(inproc)});
    pattern_->attach(end, how);
    settle();
    serve();
    return true;
}

std::optional<std::uint8_t> socket_core::connected(pipe_end& end, const patterns::peer_info& info,
    peer_handle properties, const std::shared_ptr<connection_record>& record)
{
    const section locked(*this);
    const auto found = peers_.find(&end);
    if (found == peers_.end() || found->second.closed)
        return {};
    const auto generation = static_cast<std::uint8_t>(end.generation() + 1);
    end.set_generation(generation);
    end.set_peer(std::move(properties));
    if (!std::exchange(found->second.connected, true))
        connected_peers_.fetch_add(1, std::memory_order_relaxed);
    pattern_->connected(end, info);
    settle();
    serve();
    const auto kept = peers_.find(&end);
    if (kept == peers_.end())
        return {};
    begin_record(kept->second, record);
    return generation;
}

void socket_core::disconnected(pipe_end& end) noexcept
{
    const section locked(*this);
    const auto found = peers_.find(&end);
    if (found == peers_.end() || !std::exchange(found->second.connected, false))
        return;
    connected_peers_.fetch_sub(1, std::memory_order_relaxed);
    pattern_->disconnected(end);
    settle();
    serve();
}

void socket_core::on_readable(pipe_end& end) noexcept
{
    const section locked(*this);
    if (!peers_.contains(&end))
        return;
    pattern_->readable(end);
    settle();
    serve();
}

void socket_core::on_writable(pipe_end& end) noexcept
{
    const section locked(*this);
    if (!peers_.contains(&end))
        return;
    pattern_->writable(end);
    settle();
    serve();
}

void socket_core::on_peer_closed(pipe_end& end) noexcept
{
    std::shared_ptr<inproc_link> inproc;
    {
        const section locked(*this);
        const auto found = peers_.find(&end);
        if (found == peers_.end() || std::exchange(found->second.closed, true))
            return;
        inproc = found->second.inproc;
        if (std::exchange(found->second.connected, false))
            connected_peers_.fetch_sub(1, std::memory_order_relaxed);
        pattern_->peer_closed(end);
        settle();
        serve();
    }
    if (inproc)
        inproc->lost(end);
}

// Every write happens under the lock: who had it is done.
void socket_core::finish_writing(pipe_end& end) noexcept
{
    const std::lock_guard lock(mutex_);
    end.forget_run();
}

// The pattern has let go of some pipes; so do we.
void socket_core::forget_settled()
{
    while (!effects_.refused.empty() || !effects_.finished.empty())
    {
        const auto refused = std::exchange(effects_.refused, {});
        const auto finished = std::exchange(effects_.finished, {});
        for (const auto& end : refused)
            forget_peer(*end);
        for (const auto& end : finished)
            forget_peer(*end);
    }
}

void socket_core::forget_peer(pipe_end& end) noexcept
{
    const auto found = peers_.find(&end);
    if (found == peers_.end())
        return;
    if (found->second.connected)
        connected_peers_.fetch_sub(1, std::memory_order_relaxed);
    settle_record(found->second);
    const std::shared_ptr<pipe_end> kept = std::move(found->second.end);
    if (found->second.inproc && !found->second.closed)
        found->second.inproc->give_up(*kept, effects_.wakes);
    peers_.erase(found);
    kept->close(effects_.wakes);
    if (kept->peer_is_closed())  // else the other end counts what it finds
        effects_.drops[static_cast<std::size_t>(patterns::drop_reason::disconnected)] +=
            kept->unread_by_peer();
}

// The socket itself gives up the peers of one endpoint; unread input is dropped.
void socket_core::drop_peers_of(const void* origin)
{
    std::vector<std::shared_ptr<pipe_end>> theirs;
    for (const auto& [end, p] : peers_)
    {
        if (p.origin == origin)
            theirs.push_back(p.end);
    }
    for (const auto& end : theirs)
    {
        pattern_->detach(*end);
        forget_peer(*end);
    }
    settle();
}

// As if the peers of one endpoint had closed: nothing more goes to them, but what they sent stays
// readable.
void socket_core::close_peers_of(const void* origin)
{
    std::vector<std::shared_ptr<pipe_end>> theirs;
    for (auto& [end, p] : peers_)
    {
        if (p.origin != origin || std::exchange(p.closed, true))
            continue;
        theirs.push_back(p.end);
        if (std::exchange(p.connected, false))
            connected_peers_.fetch_sub(1, std::memory_order_relaxed);
    }
    for (const auto& end : theirs)
        pattern_->peer_closed(*end);
    settle();
}

}  // namespace ferry::detail
