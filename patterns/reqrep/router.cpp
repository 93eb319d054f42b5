// ROUTER: fair-queued in with the sender's routing id in front, out to the peer whose id is in
// front. RFC 28.
#include <deque>
#include <string>

#include <ferry/detail/message_access.hpp>

#include "patterns/factories.hpp"
#include "patterns/routing/delivery.hpp"
#include "patterns/routing/fair_queue.hpp"
#include "patterns/routing/routing_table.hpp"

namespace ferry::patterns
{

namespace
{

/// A peer has its id from the first `connected` on, or from `attach` if the application chose it,
/// and keeps it while connections come and go. Of two peers with one id the second is refused, or
/// with `router_handover` the first: its unread messages are delivered all the same.
class router final : public pattern
{
public:
    router(const pattern_options& options, effects& results)
        : results_(results), options_(options), routes_(options.random_seed)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how) override
    {
        if (peers_.contains(*pipe))
            return;
        peers_.push_back({pipe, {}});
        if (!how.connect_routing_id.empty())
            identify(*pipe, how.connect_routing_id);
    }
    void connected(pipe_end& pipe, const peer_info& told) override
    {
        if (!peers_.contains(pipe))
            return;
        if (id_of(pipe).empty() && !identify(pipe, routes_.choose_id(told.routing_id)))
            return;
        if (options_.probe_router)
            send_probe(pipe, results_);
    }
    void disconnected(pipe_end&) override {}
    void detach(pipe_end& pipe) override
    {
        if (!peers_.contains(pipe))
            return;
        discard_unread(pipe, drop_reason::disconnected, results_);
        forget(pipe);
    }
    void peer_closed(pipe_end& pipe) override
    {
        if (!peers_.contains(pipe))
            return;
        routes_.remove(id_of(pipe), pipe);
        if (incoming_.contains(pipe))
        {
            const std::size_t finished = results_.finished.size();
            incoming_.peer_closed(pipe, results_);
            forget_finished(finished);
            return;
        }
        results_.finished.push_back(pipe.shared());
        detach(pipe);
    }
    void readable(pipe_end& pipe) override { incoming_.activate(pipe); }
    void writable(pipe_end&) override {}

    outcome send(message& m) override;
    outcome receive(message& m) override;
    bool can_send() override;
    outcome check_send(std::string_view id) override;
    bool can_receive() override;
    void set_options(const pattern_options& options) override { options_ = options; }

private:
    struct peer
    {
        std::shared_ptr<pipe_end> pipe;
        std::string id;  // empty: not known yet
    };

    [[nodiscard]] std::string& id_of(const pipe_end& pipe) noexcept
    {
        return peers_[peers_.place_of(pipe)].id;
    }
    bool identify(pipe_end& pipe, const std::string& id);
    void hand_over(pipe_end& old);
    void forget(pipe_end& pipe);
    void forget_finished(std::size_t first);

    effects& results_;
    pattern_options options_;
    pipe_array<peer, &pipe_end::routing_slots::other> peers_;
    routing_table routes_;
    fair_queue incoming_;
    std::deque<message> inherited_;  // left unread by peers that lost their id, id in front
};

outcome router::send(message& m)
{
    if (m.size() < 2)
    {
        results_.drop(drop_reason::unroutable, std::move(m));
        return outcome::done();
    }
    pipe_end* to = routes_.find(m.front().text());
    const bool unknown = to == nullptr || to->peer_is_closed();
    if (unknown && options_.router_mandatory)
        return outcome::failed(errc::no_route);
    if (unknown)
    {
        results_.drop(drop_reason::unroutable, std::move(m));
        return outcome::done();
    }
    const bool room = to->can_write();
    if (!room && options_.router_mandatory)
        return outcome::would_block();
    if (!room)
    {
        results_.drop(drop_reason::peer_full, std::move(m), *to);
        return outcome::done();
    }
    m.pop_front();
    put(*to, std::move(m), results_);
    return outcome::done();
}

outcome router::receive(message& m)
{
    if (!inherited_.empty())
    {
        m = std::move(inherited_.front());
        inherited_.pop_front();
        return outcome::done();
    }
    const std::size_t finished = results_.finished.size();
    const pipe_end* from = incoming_.receive(m, results_);
    if (from != nullptr)
        m.prepend(id_of(*from));
    forget_finished(finished);
    return from != nullptr ? outcome::done() : outcome::would_block();
}

bool router::can_send()
{
    if (!options_.router_mandatory)
        return true;
    bool room = false;  // all are asked, so that each of them tells when it has room again
    for (const peer& each : peers_)
        room = (!each.id.empty() && each.pipe->can_write()) || room;
    return room;
}

outcome router::check_send(std::string_view id)
{
    if (!options_.router_mandatory)
        return outcome::done();
    pipe_end* to = routes_.find(id);
    if (to == nullptr || to->peer_is_closed())
        return outcome::failed(errc::no_route);
    return to->can_write() ? outcome::done() : outcome::would_block();
}

bool router::can_receive()
{
    const std::size_t finished = results_.finished.size();
    const bool input = !inherited_.empty() || incoming_.has_input(results_);
    forget_finished(finished);
    return input;
}

bool router::identify(pipe_end& pipe, const std::string& id)
{
    if (pipe_end* taken = routes_.find(id))
    {
        if (!options_.router_handover)
        {
            results_.refused.push_back(pipe.shared());
            detach(pipe);
            return false;
        }
        hand_over(*taken);
    }
    static_cast<void>(routes_.add(id, pipe));
    id_of(pipe) = id;
    incoming_.attach(pipe.shared());
    return true;
}

void router::hand_over(pipe_end& old)
{
    message m;
    for (std::size_t left = old.most_reads(); left != 0 && old.read(m, results_.wakes); --left)
        if (detail::message_access::role(m) == detail::message_role::data)
            inherited_.push_back(std::move(m.prepend(id_of(old))));
    results_.refused.push_back(old.shared());
    detach(old);
}

void router::forget(pipe_end& pipe)
{
    routes_.remove(id_of(pipe), pipe);
    incoming_.detach(pipe, results_);
    peers_.swap(peers_.place_of(pipe), peers_.size() - 1);
    peers_.pop_back();
}

void router::forget_finished(std::size_t first)
{
    for (; first < results_.finished.size(); ++first)
        forget(*results_.finished[first]);
}

}  // namespace

std::unique_ptr<pattern> make_router(const pattern_options& options, effects& results)
{
    return std::make_unique<router>(options, results);
}

}  // namespace ferry::patterns
