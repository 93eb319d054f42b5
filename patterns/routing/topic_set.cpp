// What a subscriber wants: topics with reference counts. SUB filters by it and replays it.
#include "patterns/routing/topic_set.hpp"

namespace ferry::patterns
{

void topic_set::add(std::string_view topic)
{
    ++topics_.insert(topic).value.references;
}

topic_set::removal topic_set::remove(std::string_view topic)
{
    auto* node = topics_.find(topic);
    if (node == nullptr)
        return removal::not_held;
    if (--node->value.references != 0)
        return removal::still_held;
    topics_.prune(*node);
    return removal::gone;
}

bool topic_set::matches(std::string_view text) const noexcept
{
    bool found = false;
    topics_.for_each_prefix(text, [&](const counter&) {
        found = true;
        return false;
    });
    return found;
}

}  // namespace ferry::patterns
