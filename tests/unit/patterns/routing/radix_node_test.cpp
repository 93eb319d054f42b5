#include "patterns/routing/radix_node.hpp"

#include "tests/support/catch.hpp"

using namespace ferry::patterns;

TEST_CASE("a label holds texts of every size, also a part of itself")
{
    for (std::size_t size = 0; size < 40; ++size)
    {
        std::string text;
        for (std::size_t i = 0; i < size; ++i)
            text += static_cast<char>('a' + i);
        radix_label label(text);
        CHECK(label.view() == text);
        label.assign(label.view().substr(size / 3));
        CHECK(label.view() == text.substr(size / 3));
    }
}

TEST_CASE("children stand in the order of their first octets, as unsigned numbers")
{
    struct nothing
    {
    };
    radix_node<nothing> parent("");
    radix_node<nothing> high("\xff");
    radix_node<nothing> low("\x01");
    radix_node<nothing> middle("m");
    for (auto* child : {&high, &low, &middle})
        parent.add_child(*child);
    CHECK(parent.child(0) == &low);
    CHECK(parent.child_behind('\x01') == &middle);
    CHECK(parent.child_behind('m') == &high);
    CHECK(parent.child_behind('\xff') == nullptr);
    parent.remove_child('m');
    CHECK(parent.find_child('m') == nullptr);
    CHECK(parent.child_behind('\x01') == &high);
}
