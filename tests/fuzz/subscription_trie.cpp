// Sequences of operations on the subscription trie, against a set of (topic, subscriber).
//
// Each operation is one octet, `kind * 16 + subscriber`, and a topic: one octet of length (0 to 7)
// and that many octets, folded to few letters so that topics share stretches.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "patterns/routing/subscription_trie.hpp"
#include "patterns/routing/topic_set.hpp"

namespace
{

using ferry::patterns::subscription_trie;
using ferry::patterns::topic_set;

struct input
{
    const std::uint8_t* data;
    std::size_t size;

    std::uint8_t octet()
    {
        if (size == 0)
            return 0;
        --size;
        return *data++;
    }
    std::string topic()
    {
        std::string text;
        for (std::size_t left = octet() % 8; left != 0 && size != 0; --left)
        {
            const std::uint8_t letter = octet();
            if (letter == 0xfe)
                text.append(20, 'l');  // labels too long to lie inside a node
            else
                text += static_cast<char>(letter % 4 == 3 ? 0xff : letter % 4);
        }
        return text;
    }
};

void require(bool condition)
{
    if (!condition)
        std::abort();
}

class comparison
{
public:
    void step(input& in)
    {
        const std::uint8_t octet = in.octet();
        const std::uint32_t who = octet % 16;
        const std::string topic = in.topic();
        switch (octet / 16 % 4)
        {
        case 0:
        case 1: add(topic, who); break;
        case 2: remove(topic, who); break;
        case 3: remove_all(who); break;
        }
        compare(topic + "\1\2");
    }

private:
    void add(const std::string& topic, std::uint32_t who)
    {
        const bool is_first = count(topic) == 0;
        const auto added = trie_.add(topic, who);
        require(added.is_new == model_.emplace(topic, who).second);
        require(added.is_first == is_first);
        references_.add(topic);
        reference_model_.insert(topic);
    }
    void remove(const std::string& topic, std::uint32_t who)
    {
        const auto removed = trie_.remove(topic, who);
        require(removed.was_held == (model_.erase({topic, who}) != 0));
        require(removed.is_last == (count(topic) == 0));
        const auto one = reference_model_.find(topic);
        const auto what = references_.remove(topic);
        require((what == topic_set::removal::not_held) == (one == reference_model_.end()));
        if (one != reference_model_.end())
            reference_model_.erase(one);
        if (what != topic_set::removal::not_held)
            require((what == topic_set::removal::gone) == (reference_model_.count(topic) == 0));
    }
    void remove_all(std::uint32_t who)
    {
        std::vector<std::string> expected;
        for (const auto& [topic, subscriber] : model_)
            if (subscriber == who)
                expected.push_back(topic);
        std::vector<std::string> seen;
        trie_.remove_all(who, [&](std::string_view topic, bool is_last) {
            seen.emplace_back(topic);
            model_.erase({std::string(topic), who});
            require(is_last == (count(std::string(topic)) == 0));
        });
        require(seen == expected);
    }
    void compare(const std::string& topic)
    {
        std::vector<std::uint32_t> expected;
        for (const auto& [prefix, who] : model_)
            if (topic.starts_with(prefix))
                expected.push_back(who);
        std::vector<std::uint32_t> found;
        trie_.match(topic, [&](std::uint32_t who) { found.push_back(who); });
        std::sort(expected.begin(), expected.end());
        std::sort(found.begin(), found.end());
        require(found == expected);

        const bool wanted = std::any_of(reference_model_.begin(), reference_model_.end(),
            [&](const std::string& prefix) { return topic.starts_with(prefix); });
        require(references_.matches(topic) == wanted);
    }
    std::size_t count(const std::string& topic) const
    {
        return static_cast<std::size_t>(std::count_if(
            model_.begin(), model_.end(), [&](const auto& each) { return each.first == topic; }));
    }

    subscription_trie trie_;
    std::set<std::pair<std::string, std::uint32_t>> model_;
    topic_set references_;
    std::multiset<std::string> reference_model_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    input in{data, std::min<std::size_t>(size, 4096)};
    comparison both;
    while (in.size != 0)
        both.step(in);
    return 0;
}
