// ROUTER: fair-queued in with the sender's routing id in front, out to the peer whose id is in
// front. RFC 28.
#include <deque>
#include <string>

#include <ferry/detail/message_access.hpp>

#include "patterns/factories.hpp"
#include "patterns/routing/addressed_peers.hpp"
#include "patterns/routing/delivery.hpp"

namespace ferry::patterns
{

namespace
{

/// A peer has its id from the first `connected` on, or from `attach` if the application chose it.
/// Of two peers with one id the second is refused, or with `router_handover` the first: its unread
/// messages are delivered all the same.
///
/// A raw peer, which will not tell its id, gets one at once. As at a STREAM, an empty second frame
/// lets it go.
class router final : public pattern
{
public:
    router(const pattern_options& options, effects& results)
        : results_(results), options_(options), peers_(options.random_seed, results)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how) override;
    void connected(pipe_end& pipe, const peer_info& told) override;
    void disconnected(pipe_end&) override {}
    void detach(pipe_end& pipe) override
    {
        if (peers_.contains(pipe))
            peers_.detach(pipe);
    }
    void peer_closed(pipe_end& pipe) override
    {
        if (peers_.contains(pipe))
            peers_.peer_closed(pipe);
    }
    void readable(pipe_end& pipe) override { peers_.readable(pipe); }
    void writable(pipe_end&) override {}

    outcome send(message& m) override;
    outcome receive(message& m) override;
    bool can_send() override { return !options_.router_mandatory || peers_.any_has_room(); }
    outcome check_send(std::string_view id) override;
    bool can_receive() override { return !inherited_.empty() || peers_.has_input(); }
    void set_options(const pattern_options& options) override { options_ = options; }

private:
    bool identify(pipe_end& pipe, const std::string& id);
    void hand_over(pipe_end& old);
    [[nodiscard]] outcome send_to_nobody(message& m);
    [[nodiscard]] outcome let_go(pipe_end& peer, message& farewell);

    effects& results_;
    pattern_options options_;
    addressed_peers peers_;
    std::deque<message> inherited_;  // left unread by peers that lost their id, id in front
};

void router::attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how)
{
    if (peers_.contains(*pipe))
        return;
    peers_.add(pipe, how);
    if (!how.connect_routing_id.empty())
        identify(*pipe, how.connect_routing_id);
    else if (how.is_raw)
        identify(*pipe, peers_.choose_id({}));
    if (options_.probe_router && !how.is_raw)
        probe_at_once(*pipe, how, results_);
}

void router::connected(pipe_end& pipe, const peer_info& told)
{
    if (!peers_.contains(pipe))
        return;
    if (peers_.id_of(pipe).empty() && !identify(pipe, peers_.choose_id(told.routing_id)))
        return;
    if (options_.probe_router && !peers_.is_raw(pipe))
        probe_connection(pipe, results_);
}

outcome router::send(message& m)
{
    pipe_end* to = m.size() < 2 ? nullptr : peers_.find(m.front().text());
    if (to == nullptr)
        return send_to_nobody(m);
    if (peers_.is_raw(*to)) [[unlikely]]
    {
        if (m.size() != 2)
            return outcome::failed(errc::invalid_argument);
        if (m.back().empty())
            return let_go(*to, m);
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

outcome router::send_to_nobody(message& m)
{
    if (m.size() >= 2 && options_.router_mandatory)
        return outcome::failed(errc::no_route);
    results_.drop(drop_reason::unroutable, std::move(m));
    return outcome::done();
}

outcome router::let_go(pipe_end& peer, message& farewell)
{
    peers_.refuse(peer);
    results_.discarded.push_back(std::move(farewell));
    return outcome::done();
}

outcome router::receive(message& m)
{
    if (inherited_.empty())
        return peers_.receive(m) ? outcome::done() : outcome::would_block();
    m = std::move(inherited_.front());
    inherited_.pop_front();
    return outcome::done();
}

outcome router::check_send(std::string_view id)
{
    if (!options_.router_mandatory)
        return outcome::done();
    pipe_end* to = peers_.find(id);
    if (to == nullptr)
        return outcome::failed(errc::no_route);
    return to->can_write() ? outcome::done() : outcome::would_block();
}

bool router::identify(pipe_end& pipe, const std::string& id)
{
    if (peers_.identify(pipe, id))
        return true;
    pipe_end* const owner = peers_.owner_of(id);
    if (!options_.router_handover || peers_.is_raw(pipe) || peers_.is_raw(*owner))
    {
        peers_.refuse(pipe);
        return false;
    }
    hand_over(*owner);
    return peers_.identify(pipe, id);
}

void router::hand_over(pipe_end& old)
{
    message m;
    for (std::size_t left = old.most_reads(); left != 0 && old.read(m, results_.wakes); --left)
        if (detail::message_access::role(m) == detail::message_role::data)
            inherited_.push_back(std::move(m.prepend(peers_.id_of(old))));
    peers_.refuse(old);
}

}  // namespace

std::unique_ptr<pattern> make_router(const pattern_options& options, effects& results)
{
    return std::make_unique<router>(options, results);
}

}  // namespace ferry::patterns
