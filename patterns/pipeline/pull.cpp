// PULL: messages of all peers in turn. RFC 30.
#include "patterns/factories.hpp"
#include "patterns/routing/fair_queue.hpp"

namespace ferry::patterns
{

namespace
{

class pull final : public pattern
{
public:
    explicit pull(effects& results) : results_(results) {}

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment&) override
    {
        peers_.attach(pipe);
    }
    void connected(pipe_end&, const peer_info&) override {}
    void disconnected(pipe_end&) override {}
    void detach(pipe_end& pipe) override { peers_.detach(pipe, results_); }
    void peer_closed(pipe_end& pipe) override { peers_.peer_closed(pipe, results_); }
    void readable(pipe_end& pipe) override { peers_.activate(pipe); }
    void writable(pipe_end&) override {}

    outcome send(message&) override { return outcome::failed(errc::not_supported); }
    outcome receive(message& m) override
    {
        return peers_.receive(m, results_) != nullptr ? outcome::done() : outcome::would_block();
    }
    bool can_send() override { return false; }
    outcome check_send(std::string_view) override { return outcome::failed(errc::not_supported); }
    bool can_receive() override { return peers_.has_input(results_); }
    void set_options(const pattern_options&) override {}

private:
    effects& results_;
    fair_queue peers_;
};

}  // namespace

std::unique_ptr<pattern> make_pull(const pattern_options&, effects& results)
{
    return std::make_unique<pull>(results);
}

}  // namespace ferry::patterns
