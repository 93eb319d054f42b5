// What the members of message share: its storage as what it is, and frames on their way into lists.
// Tested by tests/unit/protocol/message_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include <ferry/message.hpp>

#include "protocol/message_storage.hpp"

namespace ferry
{

namespace detail
{

/// A list under construction: dropped again unless somebody else retains it.
struct list_dropper
{
    void operator()(frame_list* list) const noexcept { list->release(); }
};
using list_handle = std::unique_ptr<frame_list, list_dropper>;

}  // namespace detail

/// Everything in it is for protocol/message.cpp.
struct message::builder
{
    using list_handle = detail::list_handle;
    using list_frame = detail::list_frame;
    using frame_list = detail::frame_list;
    using shared_body = detail::shared_body;
    using shared_frame = detail::shared_frame;

    static shared_frame shared_of(const message& m) noexcept
    {
        shared_frame frame;
        std::memcpy(&frame, m.storage_, sizeof frame);
        return frame;
    }
    static frame_list& list_of(const message& m) noexcept
    {
        frame_list* list = nullptr;
        std::memcpy(&list, m.storage_, sizeof list);
        return *list;
    }
    static void become_shared(message& m, const shared_frame& frame) noexcept
    {
        std::memcpy(m.storage_, &frame, sizeof frame);
        m.kind_ = kind::shared;
        m.count_ = 1;
        m.used_ = 0;
    }
    static void become_list(message& m, frame_list* list) noexcept
    {
        std::memcpy(m.storage_, &list, sizeof list);
        m.kind_ = kind::list;
        m.count_ = 0;
        m.used_ = 0;
    }
    /// Replaces the frames of `m` by those of `from`, which has none afterwards.
    static void take_frames(message& m, message& from) noexcept
    {
        m.release();
        std::memcpy(m.storage_, from.storage_, packed_capacity);
        m.kind_ = from.kind_;
        m.count_ = from.count_;
        m.used_ = from.used_;
        from.forget_frames();
    }

    /// Frame `i` of `m` for a list; its body is shared, or copied if it lies inside `m`.
    static list_frame frame_of(const message& m, std::size_t i)
    {
        if (m.kind_ == kind::list)
        {
            const list_frame& frame = list_of(m).frames()[i];
            frame.retain();
            return frame;
        }
        const frame_view view = m[i];
        if (m.kind_ == kind::packed && view.size() <= list_frame::capacity)
            return {view.data(), view.size()};
        shared_frame frame = m.kind_ == kind::shared ? shared_of(m) : copy_of(view.bytes());
        if (m.kind_ == kind::shared)
            frame.body->retain();
        return list_frame(frame);
    }
    static shared_frame copy_of(std::span<const std::byte> octets)
    {
        shared_body* body = shared_body::make(octets.size());
        if (!octets.empty())
            std::memcpy(body->octets(), octets.data(), octets.size());
        return {body, body->octets(), octets.size()};
    }
    /// Adds frames `first` to `last` of `m`; there must be room. All or none.
    static void push_back(frame_list& list, const message& m, std::size_t first, std::size_t last)
    {
        std::size_t i = first;
        try
        {
            for (; i < last; ++i)
                list.push_back(frame_of(m, i));
        }
        catch (...)
        {
            list.pop_back(i - first);
            throw;
        }
    }
    /// Puts the frames of `m` before the others; there must be room. All or none.
    static void push_front(frame_list& list, const message& m)
    {
        std::size_t done = 0;
        try
        {
            for (const std::size_t count = m.size(); done < count; ++done)
            {
                const list_frame frame = frame_of(m, count - 1 - done);
                list.push_front(&frame, 1);
            }
        }
        catch (...)
        {
            list.pop_front(done);
            throw;
        }
    }

    /// The list of `m`, if it has one that nobody else holds.
    static frame_list* own_list(const message& m) noexcept
    {
        if (m.kind_ != kind::list || !list_of(m).is_unique())
            return nullptr;
        return &list_of(m);
    }
    /// Adds the frames of `other`, turning `m` into a list. Neither is empty.
    static void list_back(message& m, const message& other)
    {
        const std::size_t more = other.size();
        frame_list* own = own_list(m);
        if (own != nullptr && own->room_at_back() >= more)
            return push_back(*own, other, 0, more);
        const std::size_t total = m.size() + more;
        const list_handle list(frame_list::make(total + total / 2 + 2, 0));
        push_back(*list, m, 0, m.size());
        push_back(*list, other, 0, more);
        replace_by_list(m, *list);
    }
    static void list_front(message& m, const message& other)
    {
        const std::size_t more = other.size();
        frame_list* own = own_list(m);
        if (own != nullptr && own->room_at_front() >= more)
            return push_front(*own, other);
        const std::size_t total = m.size() + more;
        const std::size_t slack = total / 2 + 2;
        const list_handle list(frame_list::make(total + slack, slack));
        push_back(*list, other, 0, more);
        push_back(*list, m, 0, m.size());
        replace_by_list(m, *list);
    }
    static void replace_by_list(message& m, frame_list& list) noexcept
    {
        m.release();
        list.retain();
        become_list(m, &list);
    }

    static bool pack_back(message& m, const message& other) noexcept
    {
        if (!fit_packed(m, other))
            return false;
        std::memcpy(m.storage_ + m.used_, other.storage_, other.used_);
        count_in(m, other);
        return true;
    }
    static bool pack_front(message& m, const message& other) noexcept
    {
        if (!fit_packed(m, other))
            return false;
        std::memmove(m.storage_ + other.used_, m.storage_, m.used_);
        std::memcpy(m.storage_, other.storage_, other.used_);
        count_in(m, other);
        return true;
    }
    static bool fit_packed(const message& m, const message& other) noexcept
    {
        return m.kind_ == kind::packed && other.kind_ == kind::packed &&
            m.used_ + other.used_ <= static_cast<int>(packed_capacity);
    }
    static void count_in(message& m, const message& other) noexcept
    {
        m.used_ = static_cast<std::uint8_t>(m.used_ + other.used_);
        m.count_ = static_cast<std::uint8_t>(m.count_ + other.count_);
    }

    /// The octets that the frames before frame `i` of a packed message take.
    static std::size_t packed_offset(const message& m, std::size_t i) noexcept
    {
        std::size_t offset = 0;
        while (i-- != 0)
            offset += 1 + std::to_integer<std::size_t>(m.storage_[offset]);
        return offset;
    }
    /// The frames of `m` from `first` to `last`, at least one and not all.
    static void slice_packed(message& out, const message& m, std::size_t first, std::size_t last)
    {
        const std::size_t begin = packed_offset(m, first);
        const std::size_t size = packed_offset(m, last) - begin;
        std::memcpy(out.storage_, m.storage_ + begin, size);
        out.used_ = static_cast<std::uint8_t>(size);
        out.count_ = static_cast<std::uint8_t>(last - first);
    }
    static void slice_list(message& out, const message& m, std::size_t first, std::size_t last)
    {
        if (last - first == 1)
            return single(out, list_of(m).frames()[first]);
        if (pack_slice(out, m, first, last))
            return;
        const list_handle list(frame_list::make(last - first, 0));
        push_back(*list, m, first, last);
        replace_by_list(out, *list);
    }
    static bool pack_slice(message& out, const message& m, std::size_t first, std::size_t last)
    {
        std::size_t size = 0;
        const auto frames = list_of(m).frames().subspan(first, last - first);
        for (const list_frame& frame : frames)
            if (frame.is_shared() || (size += 1 + frame.view().size()) > packed_capacity)
                return false;
        for (const list_frame& frame : frames)
            out.pack(frame.view().bytes());
        return true;
    }
    static void single(message& out, const list_frame& frame) noexcept
    {
        frame.retain();
        if (frame.is_shared())
            become_shared(out, frame.shared());
        else
            out.pack(frame.view().bytes());
    }
};

}  // namespace ferry
