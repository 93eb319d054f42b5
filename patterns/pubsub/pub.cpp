// PUB: each message to all who subscribed to it. RFC 29.
#include "patterns/factories.hpp"
#include "patterns/pubsub/publisher.hpp"

namespace ferry::patterns
{

namespace
{

/// Reads its peers at once and keeps nothing but their subscriptions.
class pub final : public pattern
{
public:
    pub(const pattern_options& options, effects& results)
        : results_(results), publisher_(without_manual(options), results, nullptr)
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
        if (publisher_.contains(pipe))
            publisher_.detach(pipe);
    }
    void peer_closed(pipe_end& pipe) override
    {
        if (!publisher_.contains(pipe))
            return;
        publisher_.drain(pipe);
        publisher_.detach(pipe);
        results_.finished.push_back(pipe.shared());
    }
    void readable(pipe_end& pipe) override
    {
        if (publisher_.contains(pipe))
            publisher_.drain(pipe);
    }
    void writable(pipe_end&) override {}

    outcome send(message& m) override { return publisher_.send(m); }
    bool send_octets(std::span<const std::byte> body) override
    {
        return publisher_.send_octets(body);
    }
    outcome receive(message&) override { return outcome::failed(errc::not_supported); }
    bool can_send() override { return true; }
    outcome check_send(std::string_view topic) override { return publisher_.check_send(topic); }
    bool can_receive() override { return false; }
    std::size_t subscribers(std::string_view topic) override
    {
        return publisher_.subscribers(topic);
    }
    void set_options(const pattern_options& options) override
    {
        publisher_.set_options(without_manual(options));
    }

private:
    // There is no message by which the application could learn what to decide.
    static pattern_options without_manual(pattern_options options)
    {
        options.xpub_manual = false;
        return options;
    }

    effects& results_;
    publisher publisher_;
};

}  // namespace

std::unique_ptr<pattern> make_pub(const pattern_options& options, effects& results)
{
    return std::make_unique<pub>(options, results);
}

}  // namespace ferry::patterns
