// DEALER: round-robin out, fair-queued in, no envelope added or removed. RFC 28.
#include "patterns/factories.hpp"
#include "patterns/routing/delivery.hpp"
#include "patterns/routing/fair_queue.hpp"
#include "patterns/routing/load_balancer.hpp"

namespace ferry::patterns
{

namespace
{

class dealer final : public pattern
{
public:
    dealer(const pattern_options& options, effects& results)
        : results_(results), probe_(options.probe_router)
    {
    }

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment& how) override
    {
        incoming_.attach(pipe);
        outgoing_.attach(pipe);
        if (probe_)
            probe_at_once(*pipe, how, results_);
    }
    void connected(pipe_end& pipe, const peer_info&) override
    {
        if (probe_ && outgoing_.contains(pipe))
            probe_connection(pipe, results_);
    }
    void disconnected(pipe_end&) override {}
    void detach(pipe_end& pipe) override
    {
        incoming_.detach(pipe, results_);
        outgoing_.detach(pipe);
    }
    void peer_closed(pipe_end& pipe) override
    {
        outgoing_.detach(pipe);
        incoming_.peer_closed(pipe, results_);
    }
    void readable(pipe_end& pipe) override { incoming_.activate(pipe); }
    void writable(pipe_end& pipe) override { outgoing_.activate(pipe); }

    outcome send(message& m) override
    {
        return outgoing_.send(m, results_) != nullptr ? outcome::done() : outcome::would_block();
    }
    bool send_octets(std::span<const std::byte> body) override
    {
        return outgoing_.send_octets(body, results_);
    }
    outcome receive(message& m) override
    {
        return incoming_.receive(m, results_) != nullptr ? outcome::done() : outcome::would_block();
    }
    bool can_send() override { return outgoing_.has_room(); }
    bool can_receive() override { return incoming_.has_input(results_); }
    void set_options(const pattern_options& options) override { probe_ = options.probe_router; }

private:
    effects& results_;
    fair_queue incoming_;
    load_balancer outgoing_;
    bool probe_;
};

}  // namespace

std::unique_ptr<pattern> make_dealer(const pattern_options& options, effects& results)
{
    return std::make_unique<dealer>(options, results);
}

}  // namespace ferry::patterns
