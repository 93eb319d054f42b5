#include "patterns/routing/subscriber_set.hpp"

#include <map>

#include "tests/support/catch.hpp"

using namespace ferry::patterns;

TEST_CASE("the subscribers of a topic are what a map would hold, in the same order")
{
    subscriber_set set;
    std::map<std::uint32_t, std::uint32_t> model;
    std::uint32_t state = 7;
    for (std::uint32_t step = 0; step < 5000; ++step)
    {
        state = state * 1664525 + 1013904223;
        const std::uint32_t who = (state >> 10) % 9;
        if (const topic_holder* holder = set.find(who))
        {
            REQUIRE(model.at(who) == holder->position);
            set.erase(holder);
            model.erase(who);
        }
        else
        {
            set.insert({who, step});
            model[who] = step;
        }
        REQUIRE(set.holders().size() == model.size());
        REQUIRE(set.is_empty() == model.empty());
        std::size_t i = 0;
        for (const auto& [subscriber, position] : model)
        {
            REQUIRE(set.holders()[i].subscriber == subscriber);
            REQUIRE(set.holders()[i++].position == position);
        }
    }
}
