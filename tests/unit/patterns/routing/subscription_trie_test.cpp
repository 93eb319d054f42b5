#include "patterns/routing/subscription_trie.hpp"

#include <algorithm>
#include <set>

#include "tests/support/catch.hpp"

using ferry::patterns::subscription_trie;

namespace
{

using wishes = std::set<std::pair<std::string, std::uint32_t>>;

std::vector<std::uint32_t> matches(const subscription_trie& trie, std::string_view topic)
{
    std::vector<std::uint32_t> all;
    trie.match(topic, [&](std::uint32_t who) { all.push_back(who); });
    std::sort(all.begin(), all.end());
    return all;
}

std::vector<std::uint32_t> matches(const wishes& model, std::string_view topic)
{
    std::vector<std::uint32_t> all;
    for (const auto& [prefix, who] : model)
        if (topic.starts_with(prefix))
            all.push_back(who);
    std::sort(all.begin(), all.end());
    return all;
}

std::uint32_t next_random(std::uint32_t& state)
{
    state = state * 1664525 + 1013904223;
    return state >> 8;
}

// Distinct, with long common stretches, as real topics have them.
std::string numbered_topic(std::uint32_t i)
{
    return "sensor/" + std::to_string(i * 2654435761u % 1000) + "/" + std::to_string(i);
}

}  // namespace

TEST_CASE("subscriptions of a connection are a set: twice subscribed is once cancelled")
{
    subscription_trie trie;
    const auto first = trie.add("A", 0);
    CHECK((first.is_new && first.is_first));
    const auto again = trie.add("A", 0);
    CHECK_FALSE(again.is_new);
    CHECK_FALSE(again.is_first);
    const auto removed = trie.remove("A", 0);
    CHECK((removed.was_held && removed.is_last));
    CHECK(matches(trie, "A").empty());
}

TEST_CASE("the first and the last subscriber of a topic are noticed")
{
    subscription_trie trie;
    CHECK(trie.add("A", 3).is_first);
    CHECK_FALSE(trie.add("A", 1).is_first);
    CHECK_FALSE(trie.remove("A", 3).is_last);
    CHECK(trie.remove("A", 1).is_last);
}

TEST_CASE("removing what is not held: nobody has it, or others do")
{
    subscription_trie trie;
    const auto nobody = trie.remove("A", 0);
    CHECK_FALSE(nobody.was_held);
    CHECK(nobody.is_last);
    trie.add("A", 1);
    const auto others = trie.remove("A", 0);
    CHECK_FALSE(others.was_held);
    CHECK_FALSE(others.is_last);
}

TEST_CASE("a subscriber's removal enumerates its topics in lexicographic order")
{
    subscription_trie trie;
    for (const char* topic : {"b", "ab", "", "a", "abc"})
        trie.add(topic, 1);
    trie.add("ab", 0);
    std::string seen;
    trie.remove_all(1, [&](std::string_view topic, bool is_last) {
        seen += std::string(topic) + (is_last ? "! " : "? ");
    });
    CHECK(seen == "! a! ab? abc! b! ");
    CHECK(trie.topics_of(1) == 0);
    CHECK(matches(trie, "abc") == std::vector<std::uint32_t>{0});
}

TEST_CASE("any sequence of operations leaves what a naive model has")
{
    subscription_trie trie;
    wishes model;
    std::uint32_t state = 42;
    for (int step = 0; step < 20'000; ++step)
    {
        std::string topic;
        for (std::uint32_t size = next_random(state) % 6; size != 0; --size)
            topic += static_cast<char>('a' + next_random(state) % 3);
        const std::uint32_t who = next_random(state) % 5;
        const std::uint32_t what = next_random(state) % 100;
        if (what < 50)
            REQUIRE(trie.add(topic, who).is_new == model.emplace(topic, who).second);
        else if (what < 98)
            REQUIRE(trie.remove(topic, who).was_held == (model.erase({topic, who}) != 0));
        else
        {
            trie.remove_all(who, [&](std::string_view t, bool) {
                REQUIRE(model.erase({std::string(t), who}) == 1);
            });
            REQUIRE(std::none_of(
                model.begin(), model.end(), [&](const auto& w) { return w.second == who; }));
        }
        REQUIRE(matches(trie, topic + "ab") == matches(model, topic + "ab"));
    }
}

TEST_CASE("a million prefixes are inserted, matched as a naive model would, and removed")
{
    constexpr std::uint32_t count = 1'000'000;
    subscription_trie trie;
    std::uint32_t firsts = 0;
    for (std::uint32_t i = 0; i < count; ++i)
        firsts += trie.add(numbered_topic(i), i % 3).is_first ? 1 : 0;
    CHECK(firsts == count);
    CHECK(trie.topics_of(0) == (count + 2) / 3);

    for (std::uint32_t i = 0; i < count; i += 9973)
    {
        // Every number that is written as a decimal prefix of i, and falls into the same group.
        std::vector<std::uint32_t> expected;
        for (std::uint32_t prefix = i; prefix != 0; prefix /= 10)
            if (numbered_topic(i).starts_with(numbered_topic(prefix)))
                expected.push_back(prefix % 3);
        if (i == 0)
            expected.push_back(0);
        std::sort(expected.begin(), expected.end());
        REQUIRE(matches(trie, numbered_topic(i)) == expected);
    }
    CHECK(matches(trie, "sensor/").empty());

    std::string last;
    std::uint32_t in_order = 0;
    trie.remove_all(1, [&](std::string_view topic, bool is_last) {
        in_order += is_last && last < topic ? 1 : 0;
        last = topic;
    });
    CHECK(in_order == (count + 1) / 3);
    std::uint32_t removed = 0;
    for (std::uint32_t i = 0; i < count; ++i)
        removed += trie.remove(numbered_topic(i), i % 3).was_held ? 1 : 0;
    CHECK(removed == count - in_order);
    CHECK(matches(trie, numbered_topic(5)).empty());
}
