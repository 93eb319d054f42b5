// XSUB: as SUB, but subscriptions are messages, and nothing is filtered. RFC 29.
#include "patterns/factories.hpp"
#include "patterns/pubsub/subscriber.hpp"
#include "patterns/pubsub/subscription_frames.hpp"
#include "patterns/routing/distributor.hpp"

namespace ferry::patterns
{

namespace
{

/// Frames that are no subscriptions are user data for all publishers.
class xsub final : public pattern
{
public:
    xsub(const pattern_options& options, effects& results)
        : results_(results), subscriber_(results), only_first_(options.only_first_subscribe)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment&) override
    {
        subscriber_.attach(pipe);
        outgoing_.attach(pipe);
    }
    void connected(pipe_end& pipe, const peer_info&) override { subscriber_.connected(pipe); }
    void disconnected(pipe_end& pipe) override { subscriber_.disconnected(pipe); }
    void detach(pipe_end& pipe) override
    {
        outgoing_.detach(pipe);
        subscriber_.detach(pipe);
    }
    void peer_closed(pipe_end& pipe) override
    {
        outgoing_.detach(pipe);
        subscriber_.peer_closed(pipe);
    }
    void readable(pipe_end& pipe) override { subscriber_.readable(pipe); }
    void writable(pipe_end&) override {}

    outcome send(message& m) override;
    outcome receive(message& m) override
    {
        return subscriber_.receive(m) != nullptr ? outcome::done() : outcome::would_block();
    }
    bool can_send() override { return true; }
    bool can_receive() override { return subscriber_.has_input(); }
    void set_options(const pattern_options& options) override
    {
        only_first_ = options.only_first_subscribe;
    }

private:
    effects& results_;
    subscriber subscriber_;
    distributor outgoing_;
    bool only_first_;
};

outcome xsub::send(message& m)
{
    message data = std::move(m);
    const auto rule = only_first_ ? later_frames::none : later_frames::all;
    extract_subscriptions(data, rule, [&](const subscription_change& what) {
        if (what.subscribe)
            subscriber_.subscribe(what.topic);
        else
            subscriber_.unsubscribe(what.topic);
    });
    if (data.empty())
        return outcome::done();
    outgoing_.match_all();
    if (outgoing_.matching() == 0)
        results_.drop(drop_reason::no_subscriber, std::move(data));
    else
        outgoing_.send(std::move(data), results_);
    return outcome::done();
}

}  // namespace

std::unique_ptr<pattern> make_xsub(const pattern_options& options, effects& results)
{
    return std::make_unique<xsub>(options, results);
}

}  // namespace ferry::patterns
