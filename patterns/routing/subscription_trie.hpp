// Who wants what: topics, and the subscribers of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patterns/routing/radix_tree.hpp"
#include "patterns/routing/subscriber_set.hpp"

namespace ferry::patterns
{

/// Subscribers are small numbers, handed out by the caller. Matching costs the topic's length
/// plus the subscribers found, however many subscriptions there are; removing a subscriber costs
/// its own subscriptions.
///
/// Spec: RFC 29 "PUB", "XPUB": subscriptions are prefixes.
class subscription_trie
{
public:
    struct added
    {
        bool is_new;    ///< the subscriber did not have it yet
        bool is_first;  ///< nobody had it
    };
    struct removed
    {
        bool was_held;  ///< the subscriber had it
        bool is_last;   ///< nobody has it now
    };

    added add(std::string_view topic, std::uint32_t subscriber);
    removed remove(std::string_view topic, std::uint32_t subscriber);

    /// Calls `visit(subscriber)` for every subscription that is a prefix of `text`; twice for a
    /// subscriber with two of them.
    template <class Visit>
    void match(std::string_view text, Visit visit) const
    {
        topics_.for_each_prefix(text, [&](const subscriber_set& set) {
            for (const topic_holder& holder : set.holders())
                visit(holder.subscriber);
            return true;
        });
    }
    /// Removes all that the subscriber has: `visit(topic, is_last)` in lexicographic order.
    template <class Visit>
    void remove_all(std::uint32_t subscriber, Visit visit)
    {
        for (const auto& [topic, node] : take_topics(subscriber))
            visit(std::string_view(topic), release(*node, subscriber));
    }
    /// How many topics the subscriber has.
    [[nodiscard]] std::size_t topics_of(std::uint32_t subscriber) const noexcept
    {
        return subscriber < topics_of_.size() ? topics_of_[subscriber].size() : 0;
    }

private:
    using tree = radix_tree<subscriber_set>;
    using topic_list = std::vector<std::pair<std::string, tree::node*>>;

    [[nodiscard]] topic_list take_topics(std::uint32_t subscriber);
    bool release(tree::node& node, std::uint32_t subscriber);

    tree topics_;
    std::vector<std::vector<tree::node*>> topics_of_;  // by subscriber, in no order
};

}  // namespace ferry::patterns
