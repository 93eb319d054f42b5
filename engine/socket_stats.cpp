// What a socket tells about its traffic and its peers, and the end of one of these.
#include <algorithm>
#include <optional>
#include <utility>

#include <ferry/error.hpp>

#include "engine/connection_driver.hpp"
#include "engine/socket_core.hpp"

namespace ferry::detail
{

using patterns::pipe_count;

namespace
{

constexpr auto order = std::memory_order_relaxed;

// None: we gave the connection up ourselves, and not for what the peer is or did.
std::optional<handshake_failure> failure_of(const session_end& how) noexcept
{
    if (how.was_refused)
        return handshake_failure::refused_here;
    if (how.error == errc::closed)
        return std::nullopt;
    if (how.error == errc::handshake_timed_out)
        return handshake_failure::timed_out;
    if (how.error == errc::out_of_memory)
        return handshake_failure::other;
    if (how.error == protocol_errc::incompatible_socket_type)
        return handshake_failure::incompatible_type;
    if (how.error == protocol_errc::mechanism_mismatch)
        return handshake_failure::mechanism_mismatch;
    if (how.error == protocol_errc::authentication_failed)
        return handshake_failure::not_authenticated;
    if (how.error == protocol_errc::error_received)
        return handshake_failure::refused_by_peer;
    if (how.error.category() == protocol_category())
        return handshake_failure::broke_protocol;
    return handshake_failure::connection_lost;
}

}  // namespace

// --- keeping the accounts: under the lock --------------------------------------------------------

void socket_core::begin_record(peer& of, const std::shared_ptr<connection_record>& record)
{
    totals_.note(of.end->most_unread(), 0);
    of.end->forget_most_unread();
    ++totals_.connections;
    totals_.reconnects += record->is_again ? 1 : 0;
    record->id = peer_id{totals_.connections};
    record->since = std::chrono::system_clock::now();
    record->place = connections_.size();
    connections_.push_back(record);
    of.end->forget_drops();
    of.connection = record;
}

// The pipe goes. An inproc connection goes with it; another one's session tells its end itself.
void socket_core::settle_record(peer& of) noexcept
{
    const queue_stats queued = queues_of(of);
    totals_.note(queued.most_to_send, queued.most_to_receive);
    if (!of.inproc)
        return;
    totals_.traffic += traffic_of(of);
    if (of.connection)
        forget_record(*of.connection);
}

void socket_core::forget_record(const connection_record& record) noexcept
{
    const std::size_t place = record.place;
    if (place >= connections_.size() || connections_[place].get() != &record)
        return;
    connections_.back()->place = place;
    connections_[place].swap(connections_.back());
    connections_.pop_back();
}

void socket_core::session_ended(const connection_record* record, const session_end& how) noexcept
{
    if (record == nullptr)
    {
        if (const auto why = failure_of(how))
            count_failure(*why);
        return;
    }
    const std::lock_guard lock(mutex_);
    totals_.traffic += record->traffic.traffic();
    totals_.note(record->traffic.most_to_send(), record->traffic.most_to_receive());
    forget_record(*record);
}

void socket_core::count_failure(handshake_failure why) noexcept
{
    const std::lock_guard lock(mutex_);
    ++totals_.handshake_failures[static_cast<std::size_t>(why)];
}

// --- looking in ----------------------------------------------------------------------------------

// What is counted at its pipe: inproc.
traffic_stats socket_core::traffic_of(const peer& of) noexcept
{
    traffic_stats traffic;
    if (const pipe_count* out = of.end->written())
    {
        traffic.messages_sent = out->messages.load(order);
        traffic.bytes_sent = out->octets.load(order);
    }
    if (const pipe_count* in = of.end->arrived())
    {
        traffic.messages_received = in->messages.load(order);
        traffic.bytes_received = in->octets.load(order);
    }
    return traffic;
}

queue_stats socket_core::queues_of(const peer& of) noexcept
{
    queue_stats queued;
    queued.to_send = of.end->unread_by_peer();
    queued.to_receive = of.end->unread();
    queued.most_to_send = of.end->most_unread();
    queued.most_to_receive = queued.to_receive;
    if (const pipe_count* in = of.end->arrived())
        queued.most_to_receive = std::max(queued.to_receive, in->most_unread.load(order));
    if (of.connection)
    {
        const traffic_counters& counted = of.connection->traffic;
        queued.most_to_send = std::max(queued.most_to_send, counted.most_to_send());
        queued.most_to_receive = std::max(queued.most_to_receive, counted.most_to_receive());
    }
    return queued;
}

socket_stats socket_core::stats()
{
    socket_stats all;
    const std::lock_guard lock(mutex_);
    all.traffic = totals_.traffic;
    for (const auto& record : connections_)
        all.traffic += record->traffic.traffic();
    for (const auto& [end, p] : peers_)
    {
        all.traffic += traffic_of(p);
        const queue_stats queued = queues_of(p);
        all.queued.to_send += queued.to_send;
        all.queued.to_receive += queued.to_receive;
        totals_.note(queued.most_to_send, queued.most_to_receive);
    }
    all.queued.most_to_send = totals_.most_to_send;
    all.queued.most_to_receive = totals_.most_to_receive;
    all.drops = effects_.drops;
    all.peers = peer_count();
    all.connections = totals_.connections;
    all.reconnects = totals_.reconnects;
    all.handshake_failures = totals_.handshake_failures;
    all.given_up = given_up_;
    return all;
}

// The texts are copied when the lock is gone: they do not change any more.
std::vector<peer_stats> socket_core::peers()
{
    std::vector<std::shared_ptr<const connection_record>> records;
    std::vector<peer_stats> all;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [end, p] : peers_)
        {
            if (!p.connected || !p.connection || p.connection->is_ending)
                continue;
            const connection_record& record = *p.connection;
            peer_stats& one = all.emplace_back();
            one.id = record.id;
            one.connected_since = record.since;
            one.traffic = p.inproc ? traffic_of(p) : record.traffic.traffic();
            one.queued = queues_of(p);
            one.drops = p.end->dropped();
            one.heartbeat_round_trip = record.traffic.round_trip();
            records.push_back(p.connection);
        }
    }
    for (std::size_t i = 0; i < all.size(); ++i)
    {
        all[i].endpoint = *records[i]->endpoint;
        if (const auto driver = records[i]->driver.lock())
        {
            all[i].peer_address = driver->description().remote_endpoint;
            all[i].native_handle = driver->description().native_handle;
        }
        all[i].type = records[i]->type;
        if (records[i]->routing_id)
            all[i].routing_id = *records[i]->routing_id;
        if (const auto& version = records[i]->version)
        {
            all[i].zmtp_major = version->major;
            all[i].zmtp_minor = version->minor;
        }
    }
    std::ranges::sort(all, {}, &peer_stats::id);
    return all;
}

// --- the end of one connection -------------------------------------------------------------------

bool socket_core::disconnect(peer_id connection, std::error_code& error)
{
    std::shared_ptr<connection_driver> driver;
    {
        const section locked(*this);
        error = closing_.load(order) ? std::error_code(errc::closed) : std::error_code();
        const auto of = std::find_if(peers_.begin(), peers_.end(), [&](const auto& each) {
            return each.second.connection && each.second.connection->id == connection;
        });
        if (error || of == peers_.end() || !of->second.connected ||
            std::exchange(of->second.connection->is_ending, true))
            return false;
        driver = of->second.connection->driver.lock();
        if (of->second.inproc)
        {
            const std::shared_ptr<patterns::pipe_end> end = of->second.end;
            pattern_->detach(*end);
            forget_peer(*end);
            settle();
            serve();
        }
    }
    if (driver)
        driver->abort(errc::closed);
    return true;
}

}  // namespace ferry::detail
