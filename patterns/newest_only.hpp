// One direction of a conflating pipe: the newest data message, and every subscription record.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

#include <ferry/detail/message_access.hpp>

namespace ferry::patterns
{

/// Stands in for queue and room where a pipe conflates. Nothing here is fast, and need not be.
class newest_only
{
public:
    // --- writer --------------------------------------------------------------------------
    /// Where a message may be made before it is written.
    [[nodiscard]] message& draft() noexcept { return draft_; }
    void write(message&& m)
    {
        replaced_ = message();
        const std::lock_guard guard(guard_);
        if (detail::message_access::role(m) != detail::message_role::data)
            return records_.push_back(std::move(m));
        if (fresh_)
            replaced_ = std::move(newest_);
        newest_ = std::move(m);
        fresh_ = true;
    }
    /// The message that the last write() replaced, if it did.
    [[nodiscard]] message& replaced() noexcept { return replaced_; }
    /// True if the reader slept.
    [[nodiscard]] bool publish() noexcept
    {
        const std::lock_guard guard(guard_);
        return count() != 0 && std::exchange(asleep_, false);
    }
    [[nodiscard]] bool is_fresh() const noexcept
    {
        const std::lock_guard guard(guard_);
        return fresh_;
    }

    // --- reader --------------------------------------------------------------------------
    /// The next message, out of the writer's reach; null, and the reader sleeps, if there is none.
    [[nodiscard]] message* peek() noexcept
    {
        if (is_taken_)
            return &taken_;
        const std::lock_guard guard(guard_);
        asleep_ = count() == 0;
        if (asleep_)
            return nullptr;
        if (records_.empty())
        {
            taken_ = std::move(newest_);
            fresh_ = false;
        }
        else
        {
            taken_ = std::move(records_.front());
            records_.pop_front();
        }
        is_taken_ = true;
        return &taken_;
    }
    void pop() noexcept { is_taken_ = false; }
    /// True if nothing is there: the reader sleeps.
    [[nodiscard]] bool sleep() noexcept
    {
        if (is_taken_)
            return false;
        const std::lock_guard guard(guard_);
        return asleep_ = count() == 0;
    }
    [[nodiscard]] std::size_t size() const noexcept
    {
        const std::lock_guard guard(guard_);
        return count() + (is_taken_ ? 1 : 0);
    }

private:
    [[nodiscard]] std::size_t count() const noexcept { return records_.size() + (fresh_ ? 1 : 0); }

    mutable std::mutex guard_;
    message newest_;
    std::deque<message> records_;
    bool fresh_ = false;
    bool asleep_ = true;
    message draft_;     // the writer's
    message replaced_;  // the writer's
    message taken_;     // the reader's
    bool is_taken_ = false;
};

}  // namespace ferry::patterns
