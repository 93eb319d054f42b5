// Who wants what: topics, and the subscribers of each.
#include "patterns/routing/subscription_trie.hpp"

#include <algorithm>

namespace ferry::patterns
{

subscription_trie::added subscription_trie::add(std::string_view topic, std::uint32_t subscriber)
{
    if (subscriber >= topics_of_.size())
        topics_of_.resize(std::size_t{subscriber} + 1);
    tree::node& node = topics_.insert(topic);
    const bool is_first = node.value.is_empty();
    if (node.value.find(subscriber) != nullptr)
        return {false, false};
    auto& own = topics_of_[subscriber];
    own.push_back(&node);
    node.value.insert({subscriber, static_cast<std::uint32_t>(own.size() - 1)});
    return {true, is_first};
}

subscription_trie::removed subscription_trie::remove(
    std::string_view topic, std::uint32_t subscriber)
{
    tree::node* node = topics_.find(topic);
    if (node == nullptr)
        return {false, true};
    const topic_holder* holder = node->value.find(subscriber);
    if (holder == nullptr)
        return {false, false};
    auto& own = topics_of_[subscriber];
    tree::node* moved = own.back();
    own[holder->position] = moved;
    moved->value.find(subscriber)->position = holder->position;
    own.pop_back();
    return {true, release(*node, subscriber)};
}

subscription_trie::topic_list subscription_trie::take_topics(std::uint32_t subscriber)
{
    topic_list topics;
    if (subscriber >= topics_of_.size())
        return topics;
    const auto own = std::exchange(topics_of_[subscriber], {});
    topics.reserve(own.size());
    for (tree::node* node : own)
        topics.emplace_back(topics_.key_of(*node), node);
    std::sort(topics.begin(), topics.end());
    return topics;
}

// True if nobody has the topic any more.
bool subscription_trie::release(tree::node& node, std::uint32_t subscriber)
{
    node.value.erase(node.value.find(subscriber));
    const bool is_last = node.value.is_empty();
    topics_.prune(node);
    return is_last;
}

}  // namespace ferry::patterns
