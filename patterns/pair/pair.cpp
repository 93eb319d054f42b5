// PAIR: one peer, both ways. RFC 31.
#include <ferry/detail/message_access.hpp>

#include "patterns/factories.hpp"
#include "patterns/routing/delivery.hpp"

namespace ferry::patterns
{

namespace
{

/// The first pipe wins until it is gone; further ones are refused.
class pair final : public pattern
{
public:
    explicit pair(effects& results) : results_(results) {}

    void attach(const std::shared_ptr<pipe_end>& pipe, const attachment&) override
    {
        if (pipe_ != nullptr)
        {
            results_.refused.push_back(pipe);
            return;
        }
        pipe_ = pipe;
        closing_ = false;
        static_cast<void>(pipe_->can_read());  // sleeps, so that input wakes us
    }
    void connected(pipe_end&, const peer_info&) override {}
    void disconnected(pipe_end&) override {}
    void detach(pipe_end& pipe) override
    {
        if (&pipe != pipe_.get())
            return;
        discard_unread(pipe, drop_reason::disconnected, results_);
        pipe_ = nullptr;
    }
    void peer_closed(pipe_end& pipe) override
    {
        if (&pipe != pipe_.get())
            return;
        closing_ = true;
        finish_if_drained();
    }
    void readable(pipe_end&) override {}
    void writable(pipe_end&) override {}

    outcome send(message& m) override
    {
        if (pipe_ != nullptr && pipe_->try_send(m, results_.wakes)) [[likely]]
            return outcome::done();
        if (!can_send())
            return outcome::would_block();
        put(*pipe_, std::move(m), results_);
        return outcome::done();
    }
    outcome receive(message& m) override
    {
        while (const message* next = front())
        {
            const bool data = is_data(*next);
            if (data)
                pipe_->take_front(m, results_.wakes);
            else
                pipe_->drop_front(results_.wakes);
            if (closing_)
                finish_if_drained();
            if (data)
                return outcome::done();
        }
        return outcome::would_block();
    }
    bool can_send() override { return pipe_ != nullptr && pipe_->can_write(); }
    bool can_receive() override { return front() != nullptr; }
    void set_options(const pattern_options&) override {}

private:
    [[nodiscard]] static bool is_data(const message& m) noexcept
    {
        return detail::message_access::holds_data(m);
    }
    [[nodiscard]] const message* front()
    {
        return pipe_ != nullptr ? pipe_->peek(results_.wakes) : nullptr;
    }
    void finish_if_drained()
    {
        if (closing_ && !pipe_->can_read())
            results_.finished.push_back(std::move(pipe_));
    }

    effects& results_;
    std::shared_ptr<pipe_end> pipe_;
    bool closing_ = false;
};

}  // namespace

std::unique_ptr<pattern> make_pair(const pattern_options&, effects& results)
{
    return std::make_unique<pair>(results);
}

}  // namespace ferry::patterns
