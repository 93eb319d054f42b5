// What the members of message share: its storage as what it is, and frames on their way into lists.
// Tested by tests/unit/protocol/message_test.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include <ferry/detail/peer_references.hpp>
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

    static constexpr std::size_t word_size = 8;
    /// The fields of the last word that are not about frames.
    static constexpr std::uint64_t beside_frames = detail::octet_in_word(at_role - last_word, 255) |
        detail::octet_in_word(at_generation - last_word, 255);

    static shared_frame shared_of(const message& m) noexcept
    {
        const frame_view view = m.shared_view();
        return {body_of(m), const_cast<std::byte*>(view.data()), view.size()};
    }
    static shared_body* body_of(const message& m) noexcept
    {
        return static_cast<shared_body*>(detail::load_pointer(m.octets_));
    }
    static frame_list& list_of(const message& m) noexcept
    {
        return *static_cast<frame_list*>(detail::load_pointer(m.octets_));
    }
    /// Of a message without frames.
    static void become_shared(message& m, const shared_frame& frame) noexcept
    {
        store_shared(m, frame);
        m.set_fields(kind::shared, 1, 0);
    }
    static void store_shared(message& m, const shared_frame& frame) noexcept
    {
        detail::store_pointer(m.octets_, frame.body);
        detail::store_pointer(m.octets_ + word_size, frame.data);
        detail::store_word(m.octets_ + 2 * word_size, frame.size);
    }
    /// One frame of 51 octets or more. Of a message without frames.
    [[gnu::noinline]] static void become_copy(message& m, std::span<const std::byte> body)
    {
        become_shared(m, copy_of(body));
    }
    /// The same, if it takes no more than a block that the thread has at hand.
    static bool become_copy_at_once(message& m, std::span<const std::byte> body) noexcept
    {
        if (!detail::pools_blocks() || body.size() > detail::pooled_step * detail::pooled_classes)
            return false;
        const auto size_class = static_cast<std::uint32_t>(
            (body.size() + detail::pooled_step - 1) / detail::pooled_step);
        void* const memory = detail::take_kept_block(size_class);
        if (memory == nullptr)
            return false;
        shared_body* const shared = shared_body::put_into({memory, size_class});
        become_shared(m, {shared, shared->octets(), body.size()});
        copy_octets(shared->octets(), body);
        return true;
    }
    [[gnu::noinline]] static void drop_slowly(message& m) noexcept
    {
        m.release_frames();
        if (const peer_properties* peer = std::exchange(m.peer_.target_, nullptr))
            detail::peer_references::drop(peer);
    }
    static void become_list(message& m, frame_list* list) noexcept
    {
        detail::store_pointer(m.octets_, list);
        m.set_field(at_kind, static_cast<std::size_t>(kind::list));
        m.set_field(at_count, 0);
        m.set_field(at_used, 0);
    }
    /// Of a message without frames. Up to 50 octets, written by the word.
    static void become_packed(message& m, std::span<const std::byte> body) noexcept
    {
        using namespace detail;
        const std::byte* const from = body.data();
        const std::size_t used = 1 + body.size();
        if (used <= word_size)
        {
            store_word(m.octets_, packed_word(body));
            return m.set_fields(kind::packed, 1, used);
        }
        store_word(m.octets_, octet_in_word(0, body.size()) | towards_end(load_word(from), 1));
        std::size_t place = word_size;
        for (; place + word_size <= used; place += word_size)
            store_word(m.octets_ + place, load_word(from + place - 1));
        const std::size_t rest = used - place;
        const std::uint64_t word =
            rest != 0 ? towards_start(load_word(from + used - 1 - word_size), word_size - rest) : 0;
        if (place == last_word)
            return m.set_fields(kind::packed, 1, used, word);
        store_word(m.octets_ + place, word);
        m.set_fields(kind::packed, 1, used);
    }
    /// A packed frame of up to 7 octets.
    static std::uint64_t packed_word(std::span<const std::byte> body) noexcept
    {
        std::uint64_t word = detail::octet_in_word(0, body.size());
        for (std::size_t i = 0; i < body.size(); ++i)
            word |= detail::octet_in_word(i + 1, std::to_integer<std::size_t>(body[i]));
        return word;
    }
    /// Replaces the frames of `m` by those of `from`, which has none afterwards.
    static void take_frames(message& m, message& from) noexcept
    {
        m.release_frames();
        const std::uint64_t kept = detail::load_word(m.octets_ + last_word) & beside_frames;
        detail::copy_words<last_word / word_size>(m.octets_, from.octets_);
        const std::uint64_t taken = detail::load_word(from.octets_ + last_word) & ~beside_frames;
        detail::store_word(m.octets_ + last_word, taken | kept);
        from.forget_frames();
    }

    /// Frame `i` of `m` for a list; its body is shared, or copied if it lies inside `m`.
    static list_frame frame_of(const message& m, std::size_t i)
    {
        if (m.keeps() == kind::list)
        {
            const list_frame& frame = list_of(m).frames()[i];
            frame.retain();
            return frame;
        }
        if (ends_shared(m, i + 1))
        {
            const shared_frame frame = shared_of(m);
            frame.body->retain();
            return list_frame(frame);
        }
        const frame_view view = m[i];
        if (view.size() <= list_frame::capacity)
            return {view.data(), view.size()};
        return list_frame(copy_of(view.bytes()));
    }
    /// Whether the frames of `m` before frame `last` end with the shared one.
    static bool ends_shared(const message& m, std::size_t last) noexcept
    {
        return m.keeps() == kind::shared && last == m.field(at_count);
    }
    static shared_frame copy_of(std::span<const std::byte> octets)
    {
        shared_body* body = shared_body::make(octets.size());
        copy_octets(body->octets(), octets);
        return {body, body->octets(), octets.size()};
    }
    static void copy_octets(std::byte* to, std::span<const std::byte> octets) noexcept
    {
        const std::size_t size = octets.size();
        const std::byte* const from = octets.data();
        // The two copies may overlap: sizes between need no branch of their own.
        if (size - 32 <= 32)
            copy_ends<32>(to, from, size);
        else if (size - 64 <= 64)
            copy_ends<64>(to, from, size);
        else if (size != 0)
            std::memcpy(to, from, size);
    }
    template <std::size_t End>
    static void copy_ends(std::byte* to, const std::byte* from, std::size_t size) noexcept
    {
        std::memcpy(to, from, End);
        std::memcpy(to + size - End, from + size - End, End);
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
        if (m.keeps() != kind::list || !list_of(m).is_unique())
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
        m.release_frames();
        list.retain();
        become_list(m, &list);
    }

    static bool pack_back(message& m, const message& other) noexcept
    {
        if (!fit_packed(m, other))
            return false;
        std::memcpy(m.octets_ + m.field(at_used), other.octets_, other.field(at_used));
        count_in(m, other);
        return true;
    }
    static bool pack_front(message& m, const message& other) noexcept
    {
        if (!fit_packed(m, other))
            return false;
        std::memmove(m.octets_ + other.field(at_used), m.octets_, m.field(at_used));
        std::memcpy(m.octets_, other.octets_, other.field(at_used));
        count_in(m, other);
        return true;
    }
    static bool fit_packed(const message& m, const message& other) noexcept
    {
        const int used = m.field(at_used) + other.field(at_used);
        return m.keeps() == kind::packed && other.keeps() == kind::packed &&
            used <= static_cast<int>(packed_capacity);
    }
    static void count_in(message& m, const message& other) noexcept
    {
        m.set_field(at_used, std::size_t{m.field(at_used)} + other.field(at_used));
        m.set_field(at_count, std::size_t{m.field(at_count)} + other.field(at_count));
    }

    /// Makes `m` the frames of `front` and then those of `back`, of which it is one: small frames
    /// before a shared one. The body moves from `back` to `m`. False, and nothing changed, if that
    /// is not possible. Errors: std::bad_alloc.
    static bool join(message& m, const message& front, message& back)
    {
        if (front.keeps() != kind::packed || back.keeps() == kind::list)
            return false;
        const std::size_t count = std::size_t{front.field(at_count)} + back.field(at_count);
        const std::size_t front_used = front.field(at_used);
        const std::size_t back_used = octets_before_last(back);
        if (front_used + back_used > prefix_capacity)
            return false;
        const shared_frame last =
            back.keeps() == kind::shared ? shared_of(back) : copy_of(back.back().bytes());
        std::array<std::uint64_t, 4> prefix = front_used < word_size && back_used <= 2 * word_size
            ? joined_words(front.octets_, front_used, back.small_frames())
            : joined_octets(front.octets_, front_used, back.small_frames(), back_used);
        prefix[3] |= detail::load_word(m.octets_ + last_word) & beside_frames;
        if (&back != &m)
            back.forget_frames();
        store_shared(m, last);
        for (std::size_t i = 0; i < 3; ++i)
            detail::store_word(m.octets_ + prefix_offset + i * word_size, prefix[i]);
        m.set_fields(kind::shared, count, front_used + back_used, prefix[3]);
        return true;
    }
    /// Octets 1 to 7 in number before up to 16 others.
    static std::array<std::uint64_t, 4> joined_words(
        const std::byte* front, std::size_t front_used, const std::byte* back) noexcept
    {
        using namespace detail;
        const std::size_t rest = word_size - front_used;
        const std::uint64_t first = load_word(back);
        const std::uint64_t second = load_word(back + word_size);
        return {towards_start(towards_end(load_word(front), rest), rest) |
                towards_end(first, front_used),
            towards_start(first, rest) | towards_end(second, front_used),
            towards_start(second, rest), 0};
    }
    static std::array<std::uint64_t, 4> joined_octets(const std::byte* front,
        std::size_t front_used, const std::byte* back, std::size_t back_used) noexcept
    {
        std::array<std::uint64_t, 4> words{};
        auto* const octets = reinterpret_cast<std::byte*>(words.data());
        std::memcpy(octets, front, front_used);
        std::memcpy(octets + front_used, back, back_used);
        return words;
    }
    static std::size_t octets_before_last(const message& m) noexcept
    {
        if (m.keeps() == kind::shared)
            return m.field(at_used);
        return octets_before(m.octets_, std::size_t{m.field(at_count)} - 1);
    }
    /// The octets that `count` packed frames take.
    static std::size_t octets_before(const std::byte* frames, std::size_t count) noexcept
    {
        std::size_t octets = 0;
        while (count-- != 0)
            octets += 1 + std::to_integer<std::size_t>(frames[octets]);
        return octets;
    }

    /// How many octets of small frames `m` can have such that they end with a word.
    static std::size_t capacity_in_words(const message& m) noexcept
    {
        return last_word - (m.keeps() == kind::shared ? prefix_offset : 0);
    }
    static std::uint64_t small_fields(std::size_t count, std::size_t used) noexcept
    {
        return detail::octet_in_word(at_count - last_word, count) |
            detail::octet_in_word(at_used - last_word, used);
    }
    /// Whether the frame is so small that it was put before the small ones with a few shifts.
    static bool insert_front(message& m, std::span<const std::byte> body) noexcept
    {
        using namespace detail;
        const std::size_t places = 1 + body.size();
        const std::size_t used = m.field(at_used) + places;
        if (places >= word_size || m.field(at_count) == 0 || used > capacity_in_words(m))
            return false;
        const std::uint64_t front = packed_word(body);
        std::byte* const fields = m.octets_ + last_word;
        std::byte* const first = fields - capacity_in_words(m);
        for (std::byte* at = fields - word_size; at != first; at -= word_size)
            store_word(at,
                towards_end(load_word(at), places) |
                    towards_start(load_word(at - word_size), word_size - places));
        store_word(first, towards_end(load_word(first), places) | front);
        store_word(fields, load_word(fields) + small_fields(1, places));
        return true;
    }
    /// Moves the first `count` frames of `m`, at least one and not all, to `out`, which has none.
    static void move_front(message& out, message& m, std::size_t count) noexcept
    {
        using namespace detail;
        const std::size_t used = m.field(at_used);
        std::byte* const fields = m.octets_ + last_word;
        std::byte* const first = fields - capacity_in_words(m);
        const std::size_t moved = octets_before(first, count);
        out.set_fields(kind::packed, count, moved);
        if (moved >= word_size || used > capacity_in_words(m))
        {
            std::memcpy(out.octets_, first, moved);
            std::memmove(first, first + moved, used - moved);
            m.set_field(at_used, used - moved);
            return m.set_field(at_count, m.field(at_count) - count);
        }
        store_word(out.octets_, load_word(first));
        std::byte* at = first;
        for (; at != fields - word_size; at += word_size)
            store_word(at,
                towards_start(load_word(at), moved) |
                    towards_end(load_word(at + word_size), word_size - moved));
        store_word(at, towards_start(load_word(at), moved));
        store_word(fields, load_word(fields) - small_fields(count, moved));
    }
    /// The frames of `m` from `first` to `last`, at least one.
    static void slice_in_place(
        message& out, const message& m, std::size_t first, std::size_t last) noexcept
    {
        const bool is_shared = ends_shared(m, last);
        const std::byte* const frames = m.small_frames();
        const std::size_t begin = octets_before(frames, first);
        const std::size_t size = octets_before(frames, last - (is_shared ? 1 : 0)) - begin;
        if (is_shared)
        {
            const shared_frame frame = shared_of(m);
            frame.body->retain();
            become_shared(out, frame);
        }
        else
            out.set_field(at_kind, static_cast<std::size_t>(kind::packed));
        std::memcpy(out.octets_ + (is_shared ? prefix_offset : 0), frames + begin, size);
        out.set_field(at_used, size);
        out.set_field(at_count, last - first);
    }
    static void slice_list(message& out, const message& m, std::size_t first, std::size_t last)
    {
        if (slice_list_in_place(out, list_of(m).frames().subspan(first, last - first)))
            return;
        const list_handle list(frame_list::make(last - first, 0));
        push_back(*list, m, first, last);
        replace_by_list(out, *list);
    }
    /// Whether the frames are so few and small that `out` needs no list.
    static bool slice_list_in_place(message& out, std::span<const list_frame> frames) noexcept
    {
        const list_frame& last = frames.back();
        const auto before = frames.first(frames.size() - 1);
        std::size_t used = last.is_shared() ? 0 : 1 + last.view().size();
        for (const list_frame& frame : before)
            if (frame.is_shared() || (used += 1 + frame.view().size()) > packed_capacity)
                return false;
        if (last.is_shared() && used > prefix_capacity)
            return false;
        for (const list_frame& frame : last.is_shared() ? before : frames)
            out.pack(frame.view().bytes());
        if (last.is_shared())
            put_behind(out, last.shared());
        return true;
    }
    /// Adds a shared frame to packed ones that have room for it before them.
    static void put_behind(message& m, const shared_frame& last) noexcept
    {
        last.body->retain();
        std::memmove(m.octets_ + prefix_offset, m.octets_, m.field(at_used));
        store_shared(m, last);
        m.set_field(at_kind, static_cast<std::size_t>(kind::shared));
        m.set_field(at_count, m.field(at_count) + 1u);
    }
};

}  // namespace ferry
