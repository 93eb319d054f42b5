// What PUB and XPUB share: who subscribed to what, and sending accordingly. RFC 29.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "patterns/pattern.hpp"
#include "patterns/pubsub/subscription_frames.hpp"
#include "patterns/routing/distributor.hpp"
#include "patterns/routing/subscription_trie.hpp"

namespace ferry::patterns
{

/// Subscriptions are a set per peer: subscribing twice is subscribing once. A connection that was
/// lost and comes back starts without subscriptions, because its new peer tells its own; until
/// then the old ones stay, so that messages queue for it meanwhile. (libzmq keeps them for ever.)
///
/// News for the application (subscriptions of peers, user data) go into an inbox, if there is one.
class publisher
{
public:
    struct news
    {
        message m;
        bool is_change = false;              // a subscription or its end
        std::shared_ptr<pipe_end> who = {};  // manual mode: whose change; null if gone
    };
    using inbox = std::deque<news>;

    /// `news_for` may be null, and outlives this.
    publisher(const pattern_options& options, effects& results, inbox* news_for)
        : results_(results), options_(options), inbox_(news_for)
    {
    }

    void set_options(const pattern_options& options) { options_ = options; }
    void attach(const std::shared_ptr<pipe_end>& pipe);
    [[nodiscard]] bool contains(const pipe_end& pipe) const noexcept
    {
        return outgoing_.contains(pipe);
    }
    void connected(pipe_end& pipe);
    /// Forgets the pipe; the application learns of topics that lost their last subscriber.
    void detach(pipe_end& pipe);

    /// One message from the peer.
    void take_in(pipe_end& pipe, message&& m);
    /// Everything that waits on the pipe.
    void drain(pipe_end& pipe);

    [[nodiscard]] outcome send(message& m);
    /// See pattern.
    [[nodiscard]] bool send_octets(std::span<const std::byte> body);
    [[nodiscard]] outcome check_send(std::string_view topic);
    [[nodiscard]] std::size_t subscribers(std::string_view topic);

    /// Manual mode: what the application decides for that peer.
    void apply(const pipe_end& pipe, const subscription_change& change);
    /// The next message is for that peer alone, if it matches.
    void reserve_next_for(const pipe_end& pipe) noexcept
    {
        if (contains(pipe))
            next_is_for_ = &pipe;
    }

private:
    struct peer
    {
        pipe_end* pipe = nullptr;
        bool had_connection = false;
    };

    [[nodiscard]] static std::uint32_t number_of(const pipe_end& pipe) noexcept
    {
        return pipe.slots.other;
    }
    void change(pipe_end& pipe, const subscription_change& what);
    void forget_subscriptions(pipe_end& pipe);
    void notify(const subscription_change& what, pipe_end* who);
    void match(std::string_view topic);

    effects& results_;
    pattern_options options_;
    inbox* inbox_;
    distributor outgoing_;
    subscription_trie subscriptions_;
    subscription_trie asked_for_;  // manual mode: what peers said, whatever was made of it
    const pipe_end* next_is_for_ = nullptr;
    std::vector<peer> peers_;  // by subscriber number
    std::vector<std::uint32_t> free_numbers_;
};

}  // namespace ferry::patterns
