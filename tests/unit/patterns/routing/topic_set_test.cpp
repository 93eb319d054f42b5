#include "patterns/routing/topic_set.hpp"

#include "tests/support/catch.hpp"

using ferry::patterns::topic_set;

TEST_CASE("a topic is gone when it was removed as often as it was added")
{
    topic_set set;
    set.add("A");
    set.add("A");
    CHECK(set.remove("A") == topic_set::removal::still_held);
    CHECK(set.matches("ABC"));
    CHECK(set.remove("A") == topic_set::removal::gone);
    CHECK_FALSE(set.matches("ABC"));
    CHECK(set.remove("A") == topic_set::removal::not_held);
}

TEST_CASE("topics are prefixes, compared octet by octet")
{
    topic_set set;
    set.add("ab");
    CHECK(set.matches("ab"));
    CHECK(set.matches("abc"));
    CHECK_FALSE(set.matches("a"));
    CHECK_FALSE(set.matches("AB"));
    CHECK_FALSE(set.matches(""));
    set.add("");
    CHECK(set.matches(""));
    CHECK(set.matches("anything"));
}

TEST_CASE("an inner stretch of two topics is no topic")
{
    topic_set set;
    set.add("abc");
    set.add("abd");
    CHECK(set.remove("ab") == topic_set::removal::not_held);
    CHECK_FALSE(set.matches("ab"));
}

TEST_CASE("topics are enumerated once each, in lexicographic order")
{
    topic_set set;
    for (const char* topic : {"b", "", "ab", "a", "b", "aa", "\xff"})
        set.add(topic);
    std::string all;
    set.for_each([&](std::string_view topic) { all += std::string(topic) + "|"; });
    CHECK(all == "|a|aa|ab|b|\xff|");
}
