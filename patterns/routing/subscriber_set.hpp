// The subscribers of one topic: a sorted set that needs no memory of its own for the first one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace ferry::patterns
{

/// A subscriber, and where the topic stands in that subscriber's own list.
struct topic_holder
{
    std::uint32_t subscriber;
    std::uint32_t position;
};

class subscriber_set
{
public:
    subscriber_set() noexcept : one_{0, 0} {}
    subscriber_set(const subscriber_set&) = delete;
    subscriber_set& operator=(const subscriber_set&) = delete;
    ~subscriber_set() { release(); }

    [[nodiscard]] bool is_empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::span<topic_holder> holders() noexcept { return {data(), size_}; }
    [[nodiscard]] std::span<const topic_holder> holders() const noexcept
    {
        return {capacity_ == 1 ? &one_ : many_, size_};
    }
    /// Null if there is none.
    [[nodiscard]] topic_holder* find(std::uint32_t subscriber) noexcept
    {
        topic_holder* at = lower_bound(subscriber);
        return at != data() + size_ && at->subscriber == subscriber ? at : nullptr;
    }
    /// The subscriber must not be there yet. Errors: std::bad_alloc, and nothing was changed.
    void insert(topic_holder added)
    {
        if (size_ == capacity_)
            set_capacity(capacity_ * 2);
        topic_holder* at = lower_bound(added.subscriber);
        std::copy_backward(at, data() + size_, data() + size_ + 1);
        *at = added;
        ++size_;
    }
    /// Of one that is there.
    void erase(const topic_holder* gone) noexcept
    {
        topic_holder* at = data() + (gone - data());
        std::copy(at + 1, data() + size_, at);
        --size_;
        if (size_ == 1 && capacity_ != 1)
            set_capacity(1);
    }

private:
    [[nodiscard]] topic_holder* data() noexcept { return capacity_ == 1 ? &one_ : many_; }
    [[nodiscard]] topic_holder* lower_bound(std::uint32_t subscriber) noexcept
    {
        return std::lower_bound(data(), data() + size_, subscriber,
            [](const topic_holder& a, std::uint32_t b) { return a.subscriber < b; });
    }
    void set_capacity(std::uint32_t wanted)
    {
        if (wanted == 1)
        {
            const topic_holder kept = many_[0];
            release();
            one_ = kept;
        }
        else
        {
            auto* more = static_cast<topic_holder*>(::operator new(wanted * sizeof(topic_holder)));
            std::copy(data(), data() + size_, more);
            release();
            many_ = more;
        }
        capacity_ = wanted;
    }
    void release() noexcept
    {
        if (capacity_ != 1)
            ::operator delete(many_);
    }

    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 1;
    union
    {
        topic_holder one_;    // NOLINT(readability-identifier-naming): private, though in a union
        topic_holder* many_;  // NOLINT(readability-identifier-naming)
    };
};

}  // namespace ferry::patterns
