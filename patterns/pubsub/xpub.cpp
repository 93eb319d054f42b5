// XPUB: as PUB, and the application receives its peers' subscriptions and messages. RFC 29.
#include <algorithm>

#include "patterns/factories.hpp"
#include "patterns/pubsub/publisher.hpp"

namespace ferry::patterns
{

namespace
{

/// Peers are read at once, for their subscriptions; but those who also send user data are left
/// waiting while a thousand news lie unread.
class xpub final : public pattern
{
public:
    xpub(const pattern_options& options, effects& results)
        : results_(results), options_(options), publisher_(options, results, &news_)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment&) override
    {
        publisher_.attach(pipe);
    }
    void connected(pipe_end& pipe, const peer_info&) override
    {
        if (publisher_.contains(pipe))
            publisher_.connected(pipe);
    }
    void disconnected(pipe_end& pipe) override { readable(pipe); }
    void detach(pipe_end& pipe) override
    {
        std::erase(held_back_, &pipe);
        if (publisher_.contains(pipe))
            publisher_.detach(pipe);
    }
    void peer_closed(pipe_end& pipe) override
    {
        if (!publisher_.contains(pipe))
            return;
        publisher_.drain(pipe);
        detach(pipe);
        results_.finished.push_back(pipe.shared());
    }
    void readable(pipe_end& pipe) override;
    void writable(pipe_end&) override {}

    outcome send(message& m) override { return publisher_.send(m); }
    bool send_octets(std::span<const std::byte> body) override
    {
        return publisher_.send_octets(body);
    }
    outcome receive(message& m) override;
    bool can_send() override { return true; }
    outcome check_send(std::string_view topic) override { return publisher_.check_send(topic); }
    bool can_receive() override { return !news_.empty(); }
    std::error_code subscribe(std::string_view topic) override { return decide({true, topic}); }
    std::error_code unsubscribe(std::string_view topic) override { return decide({false, topic}); }
    std::size_t subscribers(std::string_view topic) override
    {
        return publisher_.subscribers(topic);
    }
    void set_options(const pattern_options& options) override
    {
        options_ = options;
        publisher_.set_options(options);
    }

private:
    static constexpr std::size_t enough_news = 1000;

    std::error_code decide(const subscription_change& what);

    effects& results_;
    pattern_options options_;
    publisher::inbox news_;
    publisher publisher_;
    std::vector<pipe_end*> held_back_;
    bool asked_ = false;               // manual mode: a change was received, and
    std::shared_ptr<pipe_end> asker_;  // this peer wanted it; null if gone
};

void xpub::readable(pipe_end& pipe)
{
    if (!publisher_.contains(pipe))
        return;
    message m;
    while (pipe.read(m, results_.wakes))
    {
        const std::size_t before = news_.size();
        publisher_.take_in(pipe, std::move(m));
        const bool is_user_data = news_.size() > before && !news_.back().is_change;
        if (!is_user_data || news_.size() < enough_news)
            continue;
        if (std::find(held_back_.begin(), held_back_.end(), &pipe) == held_back_.end())
            held_back_.push_back(&pipe);
        return;
    }
}

outcome xpub::receive(message& m)
{
    if (news_.empty())
        return outcome::would_block();
    publisher::news next = std::move(news_.front());
    news_.pop_front();
    m = std::move(next.m);
    if (next.is_change)
    {
        asked_ = true;
        asker_ = std::move(next.who);
    }
    if (news_.size() < enough_news / 2 && !held_back_.empty())
        for (pipe_end* pipe : std::exchange(held_back_, {}))
            readable(*pipe);
    return outcome::done();
}

std::error_code xpub::decide(const subscription_change& what)
{
    if (!options_.xpub_manual)
        return errc::not_supported;
    if (!asked_)
        return errc::wrong_state;
    if (asker_ == nullptr)
        return {};
    publisher_.apply(*asker_, what);
    if (what.subscribe && options_.xpub_manual_last_value)
        publisher_.reserve_next_for(*asker_);
    return {};
}

}  // namespace

std::unique_ptr<pattern> make_xpub(const pattern_options& options, effects& results)
{
    return std::make_unique<xpub>(options, results);
}

}  // namespace ferry::patterns
