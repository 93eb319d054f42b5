// SUB: receives what it subscribed to, of all publishers in turn. RFC 29.
#include "patterns/factories.hpp"
#include "patterns/pubsub/subscriber.hpp"

namespace ferry::patterns
{

namespace
{

/// Filters once more what publishers send: old ones send everything, and what was on its way when
/// a subscription ended is not wanted any more.
class sub final : public pattern
{
public:
    sub(const pattern_options& options, effects& results)
        : results_(results), subscriber_(results), inverted_(options.invert_matching)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment&) override
    {
        subscriber_.attach(pipe);
    }
    void connected(pipe_end& pipe, const peer_info&) override { subscriber_.connected(pipe); }
    void disconnected(pipe_end& pipe) override { subscriber_.disconnected(pipe); }
    void detach(pipe_end& pipe) override
    {
        subscriber_.detach(pipe);
        if (&pipe == fetched_from_ && !fetched_.empty())
            results_.drop(drop_reason::disconnected, std::move(fetched_));
    }
    void peer_closed(pipe_end& pipe) override { subscriber_.peer_closed(pipe); }
    void readable(pipe_end& pipe) override { subscriber_.readable(pipe); }
    void writable(pipe_end&) override {}

    outcome send(message&) override { return outcome::failed(errc::not_supported); }
    outcome receive(message& m) override
    {
        if (!fetched_.empty() && is_wanted_or_dropped(fetched_))
        {
            m = std::move(fetched_);
            return outcome::done();
        }
        return take(m) != nullptr ? outcome::done() : outcome::would_block();
    }
    bool can_send() override { return false; }
    outcome check_send(std::string_view) override { return outcome::failed(errc::not_supported); }
    bool can_receive() override { return fetch(); }
    std::error_code subscribe(std::string_view topic) override
    {
        subscriber_.subscribe(topic);
        return {};
    }
    std::error_code unsubscribe(std::string_view topic) override
    {
        subscriber_.unsubscribe(topic);
        return {};
    }
    void set_options(const pattern_options& options) override
    {
        inverted_ = options.invert_matching;
    }

private:
    [[nodiscard]] bool is_wanted(frame_view topic) const noexcept
    {
        return subscriber_.topics().matches(topic.text()) != inverted_;
    }
    [[nodiscard]] bool is_wanted_or_dropped(message& m)
    {
        if (is_wanted(m.front())) [[likely]]
            return true;
        results_.drop(drop_reason::not_subscribed, std::move(m));
        return false;
    }
    // A message that was fetched before the subscriptions changed is looked at again.
    bool fetch()
    {
        if (!fetched_.empty() && is_wanted_or_dropped(fetched_))
            return true;
        fetched_from_ = take(fetched_);
        return fetched_from_ != nullptr;
    }
    // The next one that is wanted.
    const pipe_end* take(message& m)
    {
        return subscriber_.receive_if(m, [this](frame_view topic) { return is_wanted(topic); });
    }

    effects& results_;
    subscriber subscriber_;
    message fetched_;
    const pipe_end* fetched_from_ = nullptr;
    bool inverted_;
};

}  // namespace

std::unique_ptr<pattern> make_sub(const pattern_options& options, effects& results)
{
    return std::make_unique<sub>(options, results);
}

}  // namespace ferry::patterns
