// REP: receives a request, sends its reply to the one who asked, in turn. RFC 28.
#include "patterns/factories.hpp"
#include "patterns/routing/delivery.hpp"
#include "patterns/routing/fair_queue.hpp"

namespace ferry::patterns
{

namespace
{

/// A request's envelope is all its frames up to and including the first empty one, which may not
/// be the last; it goes back in front of the reply as it came.
class rep final : public pattern
{
public:
    rep(const pattern_options& options, effects& results)
        : results_(results), probe_(options.probe_router)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how) override
    {
        peers_.attach(pipe);
        if (probe_)
            probe_at_once(*pipe, how, results_);
    }
    void connected(pipe_end& pipe, const peer_info&) override
    {
        if (probe_ && peers_.contains(pipe))
            probe_connection(pipe, results_);
    }
    void disconnected(pipe_end&) override {}
    void detach(pipe_end& pipe) override
    {
        peers_.detach(pipe, results_);
        if (&pipe != requester_.get())
            return;
        requester_ = nullptr;
        if (!request_.empty())
            results_.drop(drop_reason::disconnected, std::move(request_));
    }
    void peer_closed(pipe_end& pipe) override { peers_.peer_closed(pipe, results_); }
    void readable(pipe_end& pipe) override { peers_.activate(pipe); }
    void writable(pipe_end&) override {}

    outcome send(message& m) override;
    outcome receive(message& m) override;
    bool can_send() override { return replying_; }
    outcome check_send(std::string_view) override
    {
        return replying_ ? outcome::done() : outcome::failed(errc::wrong_state);
    }
    bool can_receive() override { return !replying_ && fetch(); }
    void set_options(const pattern_options& options) override { probe_ = options.probe_router; }

private:
    bool fetch();

    effects& results_;
    fair_queue peers_;
    message request_;   // fetched, not yet received by the application; its envelope is off
    message envelope_;  // of the request fetched or received last
    std::shared_ptr<pipe_end> requester_;
    bool replying_ = false;
    bool probe_;
};

outcome rep::send(message& m)
{
    if (!replying_)
        return outcome::failed(errc::wrong_state);
    replying_ = false;
    const std::shared_ptr<pipe_end> to = std::move(requester_);
    message reply = std::move(m);
    if (to == nullptr || to->is_closed() || to->peer_is_closed())
        results_.drop(drop_reason::peer_gone, std::move(reply));
    else if (!to->can_write())
        results_.drop(drop_reason::peer_full, std::move(reply), *to);
    else
        put(*to, std::move(reply.prepend(envelope_)), results_);
    envelope_.clear();
    return outcome::done();
}

outcome rep::receive(message& m)
{
    if (replying_)
        return outcome::failed(errc::wrong_state);
    if (!fetch())
        return outcome::would_block();
    m = std::move(request_);
    replying_ = true;
    return outcome::done();
}

/// The number of frames of the envelope; 0 if there is none, or nothing behind it.
std::size_t envelope_size(const message& m) noexcept
{
    std::size_t frames = 0;
    for (const frame_view frame : m)
    {
        ++frames;
        if (frame.empty())
            return frames < m.size() ? frames : 0;
    }
    return 0;
}

bool rep::fetch()
{
    while (request_.empty())
    {
        message m;
        pipe_end* from = peers_.receive(m, results_);
        if (from == nullptr)
            return false;
        const std::size_t frames = envelope_size(m);
        if (frames == 0)
        {
            results_.drop(drop_reason::malformed, std::move(m), *from);
            continue;
        }
        envelope_ = m.pop_front(frames);
        request_ = std::move(m);
        requester_ = from->shared();
    }
    return true;
}

}  // namespace

std::unique_ptr<pattern> make_rep(const pattern_options& options, effects& results)
{
    return std::make_unique<rep>(options, results);
}

}  // namespace ferry::patterns
