// STREAM: octets of peers that speak no ZMTP, each known by an id that we made up.
#include <string>
#include <utility>

#include "patterns/factories.hpp"
#include "patterns/routing/addressed_peers.hpp"
#include "patterns/routing/delivery.hpp"

namespace ferry::patterns
{

namespace
{

/// Every message is an id and octets, both ways. A peer has its id from `attach` on. An empty second
/// frame is never octets: one that is sent lets the peer go, and one that comes in is a notice.
class stream final : public pattern
{
public:
    stream(const pattern_options& options, effects& results)
        : results_(results), peers_(options.random_seed, results)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how) override;
    void connected(pipe_end&, const peer_info&) override {}
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
    outcome receive(message& m) override
    {
        return peers_.receive(m) ? outcome::done() : outcome::would_block();
    }
    // Without a peer, send fails at once.
    bool can_send() override { return peers_.empty() || peers_.any_has_room(); }
    outcome check_send(std::string_view id) override;
    bool can_receive() override { return peers_.has_input(); }
    std::string last_connect_routing_id() const override { return last_connect_; }
    void set_options(const pattern_options&) override {}

private:
    effects& results_;
    addressed_peers peers_;
    std::string last_connect_;
};

void stream::attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how)
{
    if (peers_.contains(*pipe))
        return;
    attachment raw = how;
    raw.is_raw = true;
    peers_.add(pipe, raw);
    const std::string id =
        how.connect_routing_id.empty() ? peers_.choose_id({}) : how.connect_routing_id;
    if (!peers_.identify(*pipe, id))
        return peers_.refuse(*pipe);
    if (how.initiated_here)
        last_connect_ = id;
}

outcome stream::send(message& m)
{
    if (m.size() != 2)
        return outcome::failed(errc::invalid_argument);
    pipe_end* to = peers_.find(m.front().text());
    if (to == nullptr)
        return outcome::failed(errc::no_route);
    if (m.back().empty())
    {
        peers_.refuse(*to);
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
    pipe_end* to = peers_.find(id);
    if (to == nullptr)
        return outcome::failed(errc::no_route);
    return to->can_write() ? outcome::done() : outcome::would_block();
}

}  // namespace

std::unique_ptr<pattern> make_stream(const pattern_options& options, effects& results)
{
    return std::make_unique<stream>(options, results);
}

}  // namespace ferry::patterns
