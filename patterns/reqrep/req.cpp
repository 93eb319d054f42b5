// REQ: sends a request, receives its reply, in turn. RFC 28.
#include <array>
#include <cstring>

#include "patterns/factories.hpp"
#include "patterns/routing/delivery.hpp"
#include "patterns/routing/fair_queue.hpp"
#include "patterns/routing/load_balancer.hpp"

namespace ferry::patterns
{

namespace
{

/// A request goes out behind an empty frame, with `req_correlate` also behind an id that the
/// reply must repeat. Whatever is not the reply to the last request is skipped and counted.
class req final : public pattern
{
public:
    req(const pattern_options& options, effects& results)
        : results_(results), options_(options), last_id_(options.random_seed)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how) override
    {
        incoming_.attach(pipe);
        outgoing_.attach(pipe);
        if (options_.probe_router)
            probe_at_once(*pipe, how, results_);
    }
    void connected(pipe_end& pipe, const peer_info&) override
    {
        if (options_.probe_router && outgoing_.contains(pipe))
            probe_connection(pipe, results_);
    }
    void disconnected(pipe_end&) override {}
    void detach(pipe_end& pipe) override
    {
        incoming_.detach(pipe, results_);
        outgoing_.detach(pipe);
        if (&pipe != asked_.get())
            return;
        asked_ = nullptr;
        if (!reply_.empty())
            results_.drop(drop_reason::disconnected, std::move(reply_));
    }
    void peer_closed(pipe_end& pipe) override
    {
        outgoing_.detach(pipe);
        incoming_.peer_closed(pipe, results_);
    }
    void readable(pipe_end& pipe) override { incoming_.activate(pipe); }
    void writable(pipe_end& pipe) override { outgoing_.activate(pipe); }

    outcome send(message& m) override;
    outcome receive(message& m) override;
    bool can_send() override { return may_send() && outgoing_.has_room(); }
    outcome check_send(std::string_view) override
    {
        if (!may_send())
            return outcome::failed(errc::wrong_state);
        return outgoing_.has_room() ? outcome::done() : outcome::would_block();
    }
    bool can_receive() override { return waiting_ && fetch(); }
    void set_options(const pattern_options& options) override { options_ = options; }

private:
    [[nodiscard]] bool may_send() const noexcept { return !waiting_ || options_.req_relaxed; }
    bool fetch();
    void discard_received();
    [[nodiscard]] bool has_my_id(const message& m) const noexcept;

    effects& results_;
    pattern_options options_;
    fair_queue incoming_;
    load_balancer outgoing_;
    std::uint32_t last_id_;
    std::shared_ptr<pipe_end> asked_;  // null: gone, and its reply will never come
    message reply_;                    // fetched, not yet received by the application
    bool waiting_ = false;
    bool correlated_ = false;  // the request that waits has an id
};

outcome req::send(message& m)
{
    if (!may_send())
        return outcome::failed(errc::wrong_state);
    if (!outgoing_.has_room())
        return outcome::would_block();
    discard_received();
    message request = std::move(m);
    request.prepend("");
    correlated_ = options_.req_correlate;
    if (correlated_)
    {
        // In the host's order: nobody but this socket interprets it.
        ++last_id_;
        std::array<std::byte, sizeof last_id_> id;
        std::memcpy(id.data(), &last_id_, sizeof last_id_);
        request.prepend(id);
    }
    asked_ = outgoing_.send(request, results_)->shared();
    waiting_ = true;
    return outcome::done();
}

outcome req::receive(message& m)
{
    if (!waiting_)
        return outcome::failed(errc::wrong_state);
    if (!fetch())
        return outcome::would_block();
    m = std::move(reply_);
    waiting_ = false;
    asked_ = nullptr;
    return outcome::done();
}

bool req::fetch()
{
    while (reply_.empty())
    {
        message m;
        pipe_end* const from = incoming_.receive(m, results_);
        if (from == nullptr)
            return false;
        const std::size_t envelope = correlated_ ? 2 : 1;
        const bool well_formed = m.size() > envelope && m[envelope - 1].empty();
        if (!well_formed)
        {
            results_.drop(drop_reason::malformed, std::move(m), *from);
            continue;
        }
        if (from != asked_.get() || (correlated_ && !has_my_id(m)))
        {
            results_.drop(drop_reason::stale_reply, std::move(m), *from);
            continue;
        }
        m.pop_front(envelope);
        reply_ = std::move(m);
    }
    return true;
}

// Replies to a request that was given up must not answer the next one.
void req::discard_received()
{
    if (!reply_.empty())
        results_.drop(drop_reason::stale_reply, std::move(reply_));
    incoming_.discard_all(drop_reason::stale_reply, results_);
}

bool req::has_my_id(const message& m) const noexcept
{
    const frame_view id = m.front();
    return id.size() == sizeof last_id_ && std::memcmp(id.data(), &last_id_, sizeof last_id_) == 0;
}

}  // namespace

std::unique_ptr<pattern> make_req(const pattern_options& options, effects& results)
{
    return std::make_unique<req>(options, results);
}

}  // namespace ferry::patterns
