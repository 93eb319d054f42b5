// Messages in, one gather list out: small bodies copied into an arena, large ones referenced.
#include "protocol/frame_encoder.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "protocol/legacy/zmtp_1_frame.hpp"

namespace ferry::protocol
{

namespace
{

/// Bodies up to this size may lie inside a message, and move with it.
constexpr std::size_t max_body_in_message = 50;

/// The most segments that copying `octets` can begin: one, and one more per chunk's end.
constexpr std::size_t segments_of(std::size_t octets) noexcept
{
    return 3 + octets / 1024;
}

}  // namespace

frame_encoder::frame_encoder(framing how, std::size_t copy_limit)
    : framing_(how), copy_limit_(std::max(copy_limit, max_body_in_message))
{
}

// --- octets in -----------------------------------------------------------------------------------

void frame_encoder::set_framing(framing how) noexcept
{
    settle();
    framing_ = how;
    open_window();
}

void frame_encoder::message(ferry::message&& m)
{
    if (small_message(m))
        return;
    settle();
    reserve_for(m);
    std::size_t left = m.size();
    bool is_referenced = false;
    std::size_t last_reference = 0;
    for (const frame_view body : m)
    {
        add_header({.more = --left != 0, .command = false, .body_size = body.size()});
        if (is_copied(body))
        {
            copy(body.bytes());
            continue;
        }
        is_referenced = true;
        last_reference = segments_.size();
        reference(body.bytes());
    }
    if (is_referenced)
        segments_[last_reference].owner = std::move(m);
    else
        m.clear();
    open_window();
}

// Small messages were written into the window: counts them where everything is counted.
void frame_encoder::settle() noexcept
{
    const auto size = static_cast<std::size_t>(cursor_ - settled_);
    if (size == 0)
        return;
    arena_.extend(size);
    segments_.back().size += size;
    size_ += size;
    settled_ = cursor_;
}

// To be called, settled, whenever the last segment may be another one. Where everything is written,
// the next message finds a segment without octets, if that costs no memory.
void frame_encoder::open_window() noexcept
{
    std::span<std::byte> room;
    if (framing_ == framing::zmtp_2)
        room = arena_.continuation();
    if (first_ == segments_.size() && !room.empty() && segments_.size() < segments_.capacity())
        segments_.push_back({room.data(), 0, true, {}});
    const bool is_behind_last = first_ != segments_.size() && segments_.back().is_in_arena &&
        segments_.back().data + segments_.back().size == room.data();
    if (!is_behind_last)
        room = {};
    cursor_ = settled_ = room.data();
    window_end_ = room.data() + room.size();
}

// Few octets are copied all the same; more go on where the last segment ends, or begin a new one.
void frame_encoder::encoded(ferry::message&& run)
{
    const std::span<const std::byte> octets = run.front().bytes();
    if (is_copied(run.front()))
    {
        raw(octets);
        run.clear();
        return;
    }
    settle();
    const bool is_continued = first_ != segments_.size() && !segments_.back().is_in_arena &&
        segments_.back().data + segments_.back().size == octets.data();
    if (is_continued)
    {
        segments_.back().size += octets.size();
        size_ += octets.size();
        run.clear();
    }
    else
    {
        reserve_segments(1);
        reference(octets);
        segments_.back().owner = std::move(run);
    }
    open_window();
}

void frame_encoder::command(std::span<const std::byte> body)
{
    if (framing_ == framing::zmtp_1)
        return;
    settle();
    arena_.reserve(max_header_size + body.size());
    reserve_segments(segments_of(max_header_size + body.size()));
    add_header({.more = false, .command = true, .body_size = body.size()});
    copy(body);
    open_window();
}

void frame_encoder::raw(std::span<const std::byte> octets)
{
    settle();
    arena_.reserve(octets.size());
    reserve_segments(segments_of(octets.size()));
    copy(octets);
    open_window();
}

// After this, nothing can fail halfway.
void frame_encoder::reserve_for(const ferry::message& m)
{
    std::size_t octets = 0;
    std::size_t references = 0;
    for (const frame_view body : m)
    {
        octets += max_header_size;
        if (is_copied(body))
            octets += body.size();
        else
            ++references;
    }
    arena_.reserve(octets);
    reserve_segments(2 * references + segments_of(octets));
}

void frame_encoder::reserve_segments(std::size_t count)
{
    if (segments_.capacity() - segments_.size() >= count)
        return;
    if (first_ > segments_.size() / 2)
    {
        segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    if (segments_.capacity() - segments_.size() < count)
        segments_.reserve(std::max(2 * segments_.capacity(), segments_.size() + count));
}

void frame_encoder::add_header(const frame_header& header) noexcept
{
    std::array<std::byte, max_header_size> octets;
    const std::size_t size = framing_ == framing::zmtp_2
        ? write_frame_header(std::span(octets).first<long_header_size>(), header)
        : legacy::write_zmtp_1_header(octets, header);
    copy(std::span(octets).first(size));
}

void frame_encoder::copy(std::span<const std::byte> octets) noexcept
{
    size_ += octets.size();
    while (!octets.empty())
    {
        const std::span<std::byte> to = arena_.take(octets.size());
        std::memcpy(to.data(), octets.data(), to.size());
        octets = octets.subspan(to.size());
        const bool is_continued = first_ != segments_.size() && segments_.back().is_in_arena &&
            segments_.back().data + segments_.back().size == to.data();
        if (is_continued)
            segments_.back().size += to.size();
        else
            segments_.push_back({to.data(), to.size(), true, {}});
    }
}

void frame_encoder::reference(std::span<const std::byte> octets) noexcept
{
    size_ += octets.size();
    segments_.push_back({octets.data(), octets.size(), false, {}});
}

// --- octets out ----------------------------------------------------------------------------------

std::span<const std::span<const std::byte>> frame_encoder::output(std::size_t max_buffers)
{
    settle();
    shown_.clear();
    for (const segment& each : std::span(segments_).subspan(first_))
    {
        if (shown_.size() == max_buffers)
            break;
        if (each.size != 0)
            shown_.emplace_back(each.data, each.size);
    }
    return shown_;
}

void frame_encoder::written(std::size_t size) noexcept
{
    settle();
    forget(std::min(size, size_));
    open_window();
}

void frame_encoder::forget(std::size_t size) noexcept
{
    size_ -= size;
    while (size != 0)
    {
        segment& each = segments_[first_];
        const std::size_t part = std::min(size, each.size);
        if (each.is_in_arena)
            arena_.give_back(part);
        each.data += part;
        each.size -= part;
        size -= part;
        if (each.size != 0)
            return;
        each.owner.clear();
        ++first_;
    }
    if (first_ == segments_.size())
    {
        segments_.clear();
        first_ = 0;
    }
}

void frame_encoder::shrink() noexcept
{
    settle();
    arena_.shrink();
    if (size_ == 0)
    {
        std::vector<segment>().swap(segments_);
        std::vector<std::span<const std::byte>>().swap(shown_);
        first_ = 0;
    }
    open_window();
}

}  // namespace ferry::protocol
