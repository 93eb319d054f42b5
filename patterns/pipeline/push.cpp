// PUSH: each message to the next peer with room. RFC 30.
#include "patterns/factories.hpp"
#include "patterns/routing/delivery.hpp"
#include "patterns/routing/load_balancer.hpp"

namespace ferry::patterns
{

namespace
{

/// What a peer sends is never read: its queue fills, and then the peer stalls.
class push final : public pattern
{
public:
    explicit push(effects& results) : results_(results) {}

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment&) override
    {
        peers_.attach(pipe);
    }
    void connected(pipe_end&, const peer_info&) override {}
    void disconnected(pipe_end&) override {}
    void detach(pipe_end& pipe) override
    {
        if (!peers_.contains(pipe))
            return;
        discard_unread(pipe, drop_reason::unexpected_input, results_);
        peers_.detach(pipe);
    }
    void peer_closed(pipe_end& pipe) override
    {
        if (!peers_.contains(pipe))
            return;
        detach(pipe);
        results_.finished.push_back(pipe.shared());
    }
    void readable(pipe_end&) override {}
    void writable(pipe_end& pipe) override { peers_.activate(pipe); }

    outcome send(message& m) override
    {
        return peers_.send(m, results_) != nullptr ? outcome::done() : outcome::would_block();
    }
    bool send_octets(std::span<const std::byte> body) override
    {
        return peers_.send_octets(body, results_);
    }
    outcome receive(message&) override { return outcome::failed(errc::not_supported); }
    bool can_send() override { return peers_.has_room(); }
    bool can_receive() override { return false; }
    void set_options(const pattern_options&) override {}

private:
    effects& results_;
    load_balancer peers_;
};

}  // namespace

std::unique_ptr<pattern> make_push(const pattern_options&, effects& results)
{
    return std::make_unique<push>(results);
}

}  // namespace ferry::patterns
