// A radix tree over octets: finding all prefixes of a topic costs the topic's length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "patterns/routing/radix_node.hpp"

namespace ferry::patterns
{

/// Keys with values. A value says `is_empty()`; keys with an empty value are not there.
///
/// Nothing recurses: peers choose the keys. A node stays where it is as long as its value is not
/// empty. `MaxLabel` bounds what one node holds; longer keys take several.
template <class Value, std::size_t MaxLabel = 0xffff'ffff>
class radix_tree
{
public:
    using node = radix_node<Value>;

    radix_tree() : root_(std::string_view()) {}
    radix_tree(const radix_tree&) = delete;
    radix_tree& operator=(const radix_tree&) = delete;
    ~radix_tree();

    /// The node of that key, made if need be; the caller fills its value or calls prune().
    /// Errors: std::bad_alloc.
    [[nodiscard]] node& insert(std::string_view key);
    /// Null if the key is not there.
    [[nodiscard]] node* find(std::string_view key) noexcept;
    /// Takes the node out if its value is empty.
    void prune(node& at);
    [[nodiscard]] std::string key_of(const node& at) const;

    /// Calls `visit(value)` for every key that is a prefix of `topic`, shortest first, as long as
    /// it returns true.
    template <class Visit>
    void for_each_prefix(std::string_view topic, Visit visit) const;
    /// Calls `visit(key, value)` for every key in lexicographic order.
    template <class Visit>
    void for_each(Visit visit) const;

private:
    [[nodiscard]] static std::size_t common_prefix(std::string_view a, std::string_view b) noexcept
    {
        const std::size_t most = std::min(a.size(), b.size());
        return static_cast<std::size_t>(
            std::mismatch(a.begin(), a.begin() + most, b.begin()).first - a.begin());
    }
    node& split(node& lower, std::size_t at);
    void merge_into_child(node& upper);
    void take_out(node& leaf) noexcept;

    node root_;
};

template <class Value, std::size_t MaxLabel>
radix_tree<Value, MaxLabel>::~radix_tree()
{
    node* at = &root_;
    while (true)
    {
        if (at->child_count() != 0)
        {
            at = at->child(at->child_count() - 1);
            continue;
        }
        if (at == &root_)
            return;
        node* parent = at->parent;
        take_out(*at);
        at = parent;
    }
}

template <class Value, std::size_t MaxLabel>
auto radix_tree<Value, MaxLabel>::insert(std::string_view key) -> node&
{
    node* at = &root_;
    while (!key.empty())
    {
        node* next = at->find_child(key.front());
        if (next == nullptr)
        {
            auto fresh = std::make_unique<node>(key.substr(0, MaxLabel));
            at->add_child(*fresh);
            next = fresh.release();
        }
        const std::size_t same = common_prefix(next->label.view(), key);
        if (same < next->label.size())
            next = &split(*next, same);
        key.remove_prefix(same);
        at = next;
    }
    return *at;
}

template <class Value, std::size_t MaxLabel>
auto radix_tree<Value, MaxLabel>::find(std::string_view key) noexcept -> node*
{
    node* at = &root_;
    while (!key.empty())
    {
        at = at->find_child(key.front());
        if (at == nullptr || !key.starts_with(at->label.view()))
            return nullptr;
        key.remove_prefix(at->label.size());
    }
    return at->value.is_empty() ? nullptr : at;
}

// Puts a new node above `lower` that takes the first `at` octets of its label.
template <class Value, std::size_t MaxLabel>
auto radix_tree<Value, MaxLabel>::split(node& lower, std::size_t at) -> node&
{
    auto upper = std::make_unique<node>(lower.label.view().substr(0, at));
    const std::string rest(lower.label.view().substr(at));
    node* parent = lower.parent;
    lower.label.assign(rest);
    upper->add_child(lower);
    parent->replace_child(*upper);
    return *upper.release();
}

template <class Value, std::size_t MaxLabel>
void radix_tree<Value, MaxLabel>::prune(node& at)
{
    if (&at == &root_ || !at.value.is_empty())
        return;
    if (at.child_count() == 1)
        return merge_into_child(at);
    if (at.child_count() != 0)
        return;
    node* gone = &at;
    while (gone != &root_ && gone->child_count() == 0 && gone->value.is_empty())
    {
        node* parent = gone->parent;
        take_out(*gone);
        gone = parent;
    }
    if (gone != &root_ && gone->child_count() == 1 && gone->value.is_empty())
        merge_into_child(*gone);
}

// The child keeps its address, since its value may be referred to.
template <class Value, std::size_t MaxLabel>
void radix_tree<Value, MaxLabel>::merge_into_child(node& upper)
{
    node& lower = *upper.child(0);
    if (upper.label.size() + lower.label.size() > MaxLabel)
        return;
    std::string whole(upper.label.view());
    whole += lower.label.view();
    lower.label.assign(whole);
    upper.parent->replace_child(lower);
    delete &upper;
}

template <class Value, std::size_t MaxLabel>
void radix_tree<Value, MaxLabel>::take_out(node& leaf) noexcept
{
    leaf.parent->remove_child(leaf.label.view().front());
    delete &leaf;
}

template <class Value, std::size_t MaxLabel>
std::string radix_tree<Value, MaxLabel>::key_of(const node& at) const
{
    std::size_t size = 0;
    for (const node* n = &at; n != nullptr; n = n->parent)
        size += n->label.size();
    std::string key(size, '\0');
    for (const node* n = &at; n != nullptr; n = n->parent)
    {
        size -= n->label.size();
        n->label.view().copy(key.data() + size, n->label.size());
    }
    return key;
}

template <class Value, std::size_t MaxLabel>
template <class Visit>
void radix_tree<Value, MaxLabel>::for_each_prefix(std::string_view topic, Visit visit) const
{
    const node* at = &root_;
    while (true)
    {
        if (!at->value.is_empty() && !visit(at->value))
            return;
        if (topic.empty())
            return;
        at = at->find_child(topic.front());
        if (at == nullptr || !topic.starts_with(at->label.view()))
            return;
        topic.remove_prefix(at->label.size());
    }
}

template <class Value, std::size_t MaxLabel>
template <class Visit>
void radix_tree<Value, MaxLabel>::for_each(Visit visit) const
{
    std::string key;
    const node* at = &root_;
    while (at != nullptr)
    {
        if (!at->value.is_empty())
            visit(std::string_view(key), at->value);
        const node* next = at->child_count() != 0 ? at->child(0) : nullptr;
        while (next == nullptr && at != &root_)
        {
            key.resize(key.size() - at->label.size());
            next = at->parent->child_behind(at->label.view().front());
            at = at->parent;
        }
        if (next != nullptr)
            key += next->label.view();
        at = next;
    }
}

}  // namespace ferry::patterns
