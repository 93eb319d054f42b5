// STREAM: octets of peers that speak no ZMTP, each known by an id that we made up.
#include <string>
#include <utility>

#include "patterns/factories.hpp"
#include "patterns/routing/delivery.hpp"
#include "patterns/routing/fair_queue.hpp"
#include "patterns/routing/routing_table.hpp"

namespace ferry::patterns
{

namespace
{

/// Every message is an id and octets, both ways. A peer has its id from `attach` on, and keeps it
/// while connections come and go. An empty second frame is never octets: one that is sent lets
/// the peer go, and one that comes in tells of a connection that was made or lost.
class stream final : public pattern
{
public:
    stream(const pattern_options& options, effects& results)
        : results_(results), routes_(options.random_seed)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how) override;
    void connected(pipe_end&, const peer_info&) override {}
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
        const std::size_t finished = results_.finished.size();
        incoming_.peer_closed(pipe, results_);
        forget_finished(finished);
    }
    void readable(pipe_end& pipe) override { incoming_.activate(pipe); }
    void writable(pipe_end&) override {}

    outcome send(message& m) override;
    outcome receive(message& m) override;
    bool can_send() override;
    outcome check_send(std::string_view id) override;
    bool can_receive() override;
    std::string last_connect_routing_id() const override { return last_connect_; }
    void set_options(const pattern_options&) override {}

private:
    struct peer
    {
        std::shared_ptr<pipe_end> pipe;
        std::string id;
        bool is_accepted = false;
        bool was_told_of = false;  // its first notice was received
    };

    void note_notice(const pipe_end& from);
    [[nodiscard]] const std::string& id_of(const pipe_end& pipe) const noexcept
    {
        return peers_[peers_.place_of(pipe)].id;
    }
    void let_go(pipe_end& pipe);
    void forget(pipe_end& pipe);
    void forget_finished(std::size_t first);

    effects& results_;
    pipe_array<peer, &pipe_end::routing_slots::other> peers_;
    routing_table routes_;
    fair_queue incoming_;
    std::string last_connect_;
};

void stream::attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how)
{
    if (peers_.contains(*pipe))
        return;
    const std::string id =
        how.connect_routing_id.empty() ? routes_.choose_id({}) : how.connect_routing_id;
    if (!routes_.add(id, *pipe))
    {
        results_.refused.push_back(pipe);
        return;
    }
    if (how.initiated_here)
        last_connect_ = id;
    peers_.push_back({pipe, id, !how.initiated_here});
    incoming_.attach(pipe);
}

outcome stream::send(message& m)
{
    if (m.size() != 2)
        return outcome::failed(errc::invalid_argument);
    pipe_end* to = routes_.find(m.front().text());
    if (to == nullptr || to->peer_is_closed())
        return outcome::failed(errc::no_route);
    if (m.back().empty())
    {
        let_go(*to);
        results_.discarded.push_back(std::move(m));
        return outcome::done();
    }
    if (!to->can_write())
        return outcome::would_block();
    m.pop_front();
    put(*to, std::move(m), results_);
    return outcome::done();
}

outcome stream::check_send(std::string_view id)
{
    pipe_end* to = routes_.find(id);
    if (to == nullptr || to->peer_is_closed())
        return outcome::failed(errc::no_route);
    return to->can_write() ? outcome::done() : outcome::would_block();
}

outcome stream::receive(message& m)
{
    const std::size_t finished = results_.finished.size();
    const pipe_end* from = incoming_.receive(m, results_);
    if (from != nullptr)
    {
        if (m.front().empty())
            note_notice(*from);
        m.prepend(id_of(*from));
    }
    forget_finished(finished);
    return from != nullptr ? outcome::done() : outcome::would_block();
}

// Who has received the second notice of an accepted peer finds nobody there any more, though the end
// of the pipe may be told a moment later.
void stream::note_notice(const pipe_end& from)
{
    peer& of = peers_[peers_.place_of(from)];
    if (of.is_accepted && std::exchange(of.was_told_of, true))
        routes_.remove(of.id, from);
}

// Without a peer, send fails at once.
bool stream::can_send()
{
    bool room = peers_.size() == 0;
    for (const peer& each : peers_)  // all are asked, so that each tells when it has room again
        room = each.pipe->can_write() || room;
    return room;
}

bool stream::can_receive()
{
    const std::size_t finished = results_.finished.size();
    const bool input = incoming_.has_input(results_);
    forget_finished(finished);
    return input;
}

// What was sent to it before is still delivered; nothing more of it is received.
void stream::let_go(pipe_end& pipe)
{
    results_.refused.push_back(pipe.shared());
    detach(pipe);
}

void stream::forget(pipe_end& pipe)
{
    routes_.remove(id_of(pipe), pipe);
    incoming_.detach(pipe, results_);
    peers_.swap(peers_.place_of(pipe), peers_.size() - 1);
    peers_.pop_back();
}

void stream::forget_finished(std::size_t first)
{
    for (; first < results_.finished.size(); ++first)
        forget(*results_.finished[first]);
}

}  // namespace

std::unique_ptr<pattern> make_stream(const pattern_options& options, effects& results)
{
    return std::make_unique<stream>(options, results);
}

}  // namespace ferry::patterns
