// A node of the radix tree: a stretch of octets, a value, and children by their first octet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace ferry::patterns
{

/// Octets in 16 octets: up to twelve lie inside, more on the heap.
class radix_label
{
public:
    radix_label() noexcept = default;
    explicit radix_label(std::string_view text) { assign(text); }
    radix_label(const radix_label&) = delete;
    radix_label& operator=(const radix_label&) = delete;
    ~radix_label() { release(); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::string_view view() const noexcept
    {
        return {is_inside() ? storage_ : pointer(), size_};
    }
    /// `text` may be part of this label. At most 2^32-1 octets.
    void assign(std::string_view text)
    {
        char* fresh = nullptr;
        if (text.size() > sizeof storage_)
        {
            fresh = new char[text.size()];
            std::memcpy(fresh, text.data(), text.size());
        }
        char inside[sizeof storage_] = {};
        if (fresh != nullptr)
            std::memcpy(inside, &fresh, sizeof fresh);
        else if (!text.empty())
            std::memcpy(inside, text.data(), text.size());
        release();
        std::memcpy(storage_, inside, sizeof storage_);
        size_ = static_cast<std::uint32_t>(text.size());
    }

private:
    [[nodiscard]] bool is_inside() const noexcept { return size_ <= sizeof storage_; }
    [[nodiscard]] char* pointer() const noexcept
    {
        char* p = nullptr;
        std::memcpy(&p, storage_, sizeof p);
        return p;
    }
    void release() noexcept
    {
        if (!is_inside())
            delete[] pointer();
    }

    std::uint32_t size_ = 0;
    char storage_[12] = {};
};
static_assert(sizeof(radix_label) == 16);

/// Children are owned by the tree, not by the node: a destructor that recurses would let a peer
/// choose the depth of our stack.
template <class Value>
class radix_node
{
public:
    explicit radix_node(std::string_view text) : label(text) {}
    radix_node(const radix_node&) = delete;
    radix_node& operator=(const radix_node&) = delete;
    ~radix_node() { ::operator delete(children_); }

    [[nodiscard]] std::size_t child_count() const noexcept { return count_; }
    [[nodiscard]] radix_node* child(std::size_t i) const noexcept { return children_[i]; }
    [[nodiscard]] radix_node* find_child(char first) const noexcept
    {
        const std::size_t i = place_of(first);
        return i < count_ ? children_[i] : nullptr;
    }
    /// The child behind the one that starts with `first`, in order of octets; null at the end.
    [[nodiscard]] radix_node* child_behind(char first) const noexcept
    {
        const std::size_t i = place_of(first) + 1;
        return i < count_ ? children_[i] : nullptr;
    }
    /// There must be none with that first octet.
    void add_child(radix_node& added)
    {
        if (count_ == capacity_)
            grow();
        const auto first = static_cast<unsigned char>(added.label.view().front());
        unsigned char* keys = this->keys();
        const auto i =
            static_cast<std::size_t>(std::lower_bound(keys, keys + count_, first) - keys);
        std::memmove(keys + i + 1, keys + i, count_ - i);
        std::copy_backward(children_ + i, children_ + count_, children_ + count_ + 1);
        keys[i] = first;
        children_[i] = &added;
        ++count_;
        added.parent = this;
    }
    /// `replacement` starts with the same octet.
    void replace_child(radix_node& replacement) noexcept
    {
        children_[place_of(replacement.label.view().front())] = &replacement;
        replacement.parent = this;
    }
    void remove_child(char first) noexcept
    {
        const std::size_t i = place_of(first);
        unsigned char* keys = this->keys();
        --count_;
        std::memmove(keys + i, keys + i + 1, count_ - i);
        std::copy(children_ + i + 1, children_ + count_ + 1, children_ + i);
    }

    radix_node* parent = nullptr;
    radix_label label;  // empty only at the root
    Value value{};

private:
    // One block: the pointers, then the first octets in ascending order.
    [[nodiscard]] unsigned char* keys() const noexcept
    {
        return reinterpret_cast<unsigned char*>(children_ + capacity_);
    }
    [[nodiscard]] std::size_t place_of(char first) const noexcept
    {
        if (count_ == 0)
            return 0;
        const void* found = std::memchr(keys(), static_cast<unsigned char>(first), count_);
        return found == nullptr
            ? count_
            : static_cast<std::size_t>(static_cast<const unsigned char*>(found) - keys());
    }
    void grow()
    {
        const std::size_t wanted = capacity_ == 0 ? 2 : std::size_t{capacity_} * 2;
        void* block = ::operator new(wanted*(sizeof(radix_node*) + 1));
        auto** children = static_cast<radix_node**>(block);
        std::copy(children_, children_ + count_, children);
        if (count_ != 0)
            std::memcpy(children + wanted, keys(), count_);
        ::operator delete(children_);
        children_ = children;
        capacity_ = static_cast<std::uint16_t>(wanted);
    }

    radix_node** children_ = nullptr;
    std::uint16_t count_ = 0;
    std::uint16_t capacity_ = 0;
};

}  // namespace ferry::patterns
