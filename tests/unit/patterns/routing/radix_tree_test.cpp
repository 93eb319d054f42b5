#include "patterns/routing/radix_tree.hpp"

#include <map>
#include <vector>

#include "tests/support/catch.hpp"

using ferry::patterns::radix_tree;

namespace
{

struct number
{
    int value = 0;
    [[nodiscard]] bool is_empty() const noexcept { return value == 0; }
};

template <class Tree>
std::map<std::string, int> contents(const Tree& tree)
{
    std::map<std::string, int> all;
    std::string last;
    tree.for_each([&](std::string_view key, const number& n) {
        CHECK((all.empty() || last < key));
        last = key;
        all.emplace(key, n.value);
    });
    return all;
}

std::vector<std::string> all_words(std::size_t longest)
{
    std::vector<std::string> words{""};
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i].size() < longest)
            for (const char c : {'a', '\0', '\xff'})
                words.push_back(words[i] + c);
    return words;
}

// Puts and takes pseudo-random words, and compares with a map after each step.
template <class Tree>
void compare_with_map()
{
    Tree tree;
    std::map<std::string, int> model;
    const auto words = all_words(4);
    std::uint32_t state = 1;
    for (int step = 1; step < 3000; ++step)
    {
        state = state * 1664525 + 1013904223;
        const std::string& word = words[(state >> 8) % words.size()];
        if (auto* node = tree.find(word))
        {
            REQUIRE(model.at(word) == node->value.value);
            REQUIRE(tree.key_of(*node) == word);
            node->value.value = 0;
            tree.prune(*node);
            model.erase(word);
        }
        else
        {
            REQUIRE(model.count(word) == 0);
            tree.insert(word).value.value = step;
            model[word] = step;
        }
        if (step % 100 == 0)
            REQUIRE(contents(tree) == model);
        int prefixes = 0;
        tree.for_each_prefix(word, [&](const number&) { return ++prefixes != 0; });
        int expected = 0;
        for (std::size_t size = 0; size <= word.size(); ++size)
            expected += static_cast<int>(model.count(word.substr(0, size)));
        REQUIRE(prefixes == expected);
    }
}

}  // namespace

TEST_CASE("a radix tree holds what a map holds, in the same order")
{
    compare_with_map<radix_tree<number>>();
}

TEST_CASE("keys longer than a node may be take several nodes")
{
    compare_with_map<radix_tree<number, 1>>();
    compare_with_map<radix_tree<number, 2>>();
    compare_with_map<radix_tree<number, 3>>();
}

TEST_CASE("the visit of prefixes ends when it is told to")
{
    radix_tree<number> tree;
    for (const char* key : {"", "a", "ab", "abc"})
        tree.insert(key).value.value = 1;
    int seen = 0;
    tree.for_each_prefix("abcd", [&](const number&) { return ++seen < 2; });
    CHECK(seen == 2);
}

TEST_CASE("a node keeps its address while its neighbours come and go")
{
    radix_tree<number> tree;
    auto& node = tree.insert("abcdefghijklmnopqrstuvwxyz");
    node.value.value = 1;
    for (const char* other : {"abcdefghijklmnopq", "abcd", "abce", "abcdefghijklmnopqrstuvwxyz!"})
        tree.insert(other).value.value = 2;
    CHECK(tree.find("abcdefghijklmnopqrstuvwxyz") == &node);
    for (const char* other : {"abcd", "abce", "abcdefghijklmnopqrstuvwxyz!", "abcdefghijklmnopq"})
    {
        auto* gone = tree.find(other);
        gone->value.value = 0;
        tree.prune(*gone);
    }
    CHECK(tree.find("abcdefghijklmnopqrstuvwxyz") == &node);
    CHECK(tree.key_of(node) == "abcdefghijklmnopqrstuvwxyz");
    CHECK(contents(tree).size() == 1);
}

TEST_CASE("a chain of a hundred thousand nested keys does not exhaust the stack")
{
    radix_tree<number, 16> tree;
    const std::string key(1'600'000, 'x');
    tree.insert(key).value.value = 1;
    CHECK(tree.find(key) != nullptr);
    CHECK(contents(tree).size() == 1);
}

TEST_CASE("a node with a child for every octet finds each of them")
{
    radix_tree<number> tree;
    for (int c = 255; c >= 0; --c)
        tree.insert(std::string(1, static_cast<char>(c)) + "rest").value.value = c + 1;
    for (int c = 0; c < 256; ++c)
        CHECK(tree.find(std::string(1, static_cast<char>(c)) + "rest")->value.value == c + 1);
    CHECK(contents(tree).size() == 256);
}
