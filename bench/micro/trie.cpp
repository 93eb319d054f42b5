// What a subscription costs to make, to end, and to match among many others.
#include <string>
#include <vector>

#include "bench/micro/benchmarks.hpp"
#include "bench/micro/timing.hpp"
#include "patterns/routing/subscription_trie.hpp"

namespace bench::micro
{

namespace
{

using ferry::patterns::subscription_trie;

constexpr std::size_t count = 100'000;
constexpr std::uint32_t subscribers = 100;

std::string topic(std::size_t i)
{
    return "market/" + std::to_string(i * 7919 % count) + "/price";
}

// Each topic has one subscriber; every subscriber has a thousand topics.
void match_one_in_many()
{
    subscription_trie trie;
    for (std::size_t i = 0; i < count; ++i)
        trie.add(topic(i), static_cast<std::uint32_t>(i % subscribers));
    std::vector<std::string> asked;
    for (std::size_t i = 0; i < count; ++i)
        asked.push_back(topic(i * 101) + "/eur");
    std::size_t found = 0;
    const auto match_all_asked = [&] {
        for (const std::string& each : asked)
            trie.match(each, [&](std::uint32_t) { ++found; });
        keep(found);
    };
    print_row("trie: match one of 100,000, another each time", asked.front().size(),
        nanoseconds_per_item(asked.size(), match_all_asked));
    asked.clear();
    for (std::size_t i = 0; i < 1000; ++i)
        asked.push_back(topic(i * 101) + "/eur");
    print_row("trie: match one of 100,000", asked.front().size(),
        nanoseconds_per_item(asked.size(), match_all_asked));
    asked.assign(1000, asked.front());
    print_row("trie: match one of 100,000, always the same", asked.front().size(),
        nanoseconds_per_item(asked.size(), match_all_asked));
    asked.assign(1000, "market/none");
    print_row("trie: match none of 100,000", asked.front().size(),
        nanoseconds_per_item(asked.size(), match_all_asked));
}

void subscribe_and_unsubscribe()
{
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < count; ++i)
        topics.push_back(topic(i));
    subscription_trie trie;
    const double both = nanoseconds_per_item(count, [&] {
        for (std::size_t i = 0; i < count; ++i)
            trie.add(topics[i], static_cast<std::uint32_t>(i % subscribers));
        for (std::size_t i = 0; i < count; ++i)
            trie.remove(topics[i], static_cast<std::uint32_t>(i % subscribers));
    });
    print_row("trie: subscribe and unsubscribe, 100,000 each", topics.front().size(), both);
}

}  // namespace

void measure_trie()
{
    match_one_in_many();
    subscribe_and_unsubscribe();
}

}  // namespace bench::micro
