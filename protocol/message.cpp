// A message: one or more frames as a 64-octet value. Small bodies lie inside it, large ones are shared.
#include <ferry/message.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <ostream>
#include <stdexcept>

#include <ferry/detail/peer_references.hpp>

#include "protocol/message_builder.hpp"

namespace ferry
{

using detail::frame_list;
using detail::list_frame;
using detail::shared_body;
using detail::shared_frame;

namespace detail
{

frame_list* frame_list::make(std::size_t capacity, std::size_t first)
{
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
    if (capacity > (most - sizeof(frame_list)) / sizeof(list_frame))
        throw std::bad_alloc();
    const block from = allocate_block(sizeof(frame_list) + capacity * sizeof(list_frame));
    return new (from.memory) frame_list(capacity, first, from.size_class);
}

void frame_list::dispose(frame_list* list) noexcept
{
    for (const list_frame& frame : list->frames())
        frame.release();
    free_block(list, list->size_class_);
}

}  // namespace detail

namespace
{

/// Memory that somebody handed over.
struct adopted_body : shared_body
{
    void* data;
    std::size_t size;
    detail::body_deleter deleter;
    void* state;

    adopted_body(void* memory, std::size_t octets, detail::body_deleter how, void* with) noexcept
        : data(memory), size(octets), deleter(how), state(with)
    {
        destroy = [](shared_body* base) noexcept {
            const std::unique_ptr<adopted_body> self(static_cast<adopted_body*>(base));
            self->deleter(self->data, self->size, self->state);
        };
    }
};

/// A container that somebody handed over.
template <class Container>
struct container_body : shared_body
{
    Container container;

    explicit container_body(Container&& from) noexcept : container(std::move(from))
    {
        destroy = [](shared_body* base) noexcept { delete static_cast<container_body*>(base); };
    }
};

}  // namespace

std::string_view message::property(std::string_view name) const noexcept
{
    return peer_ ? peer_->find(name) : std::string_view();
}

// --- storage ---------------------------------------------------------------------------------

// The usual cases first, without a call and so without registers to save.
void message::drop_shared() noexcept
{
    if (peer_ && !detail::peer_references::keep(peer_.target_))
        return builder::drop_slowly(*this);
    peer_.target_ = nullptr;
    if (keeps() == kind::packed)
        return;
    if (keeps() != kind::shared || !builder::body_of(*this)->is_dropped_at_once())
        builder::drop_slowly(*this);
}

void message::retain_storage() const noexcept
{
    if (keeps() == kind::shared)
        builder::body_of(*this)->retain();
    else
        builder::list_of(*this).retain();
}

void message::release_storage() noexcept
{
    if (keeps() == kind::shared)
        builder::body_of(*this)->release();
    else
        builder::list_of(*this).release();
}

// --- construction ----------------------------------------------------------------------------

void message::begin_with(std::span<const std::byte> body)
{
    if (body.size() < packed_capacity)
        builder::become_packed(*this, body);
    else if (!builder::become_copy_at_once(*this, body))
        builder::become_copy(*this, body);
}

message message::allocate(std::size_t size)
{
    message m;
    if (size < packed_capacity)
    {
        m.octets_[0] = static_cast<std::byte>(size);
        m.set_fields(kind::packed, 1, size + 1);
        return m;
    }
    shared_body* body = shared_body::make(size);
    builder::become_shared(m, {body, body->octets(), size});
    return m;
}

message message::adopt(void* data, std::size_t size, detail::body_deleter deleter, void* state)
{
    message m;
    auto* body = new adopted_body(data, size, deleter, state);
    builder::become_shared(m, {body, static_cast<std::byte*>(data), size});
    return m;
}

message message::adopt(std::string&& text)
{
    if (text.size() < packed_capacity)
        return message(std::exchange(text, {}));
    message m;
    auto* body = new container_body<std::string>(std::move(text));
    text.clear();
    std::string& held = body->container;
    builder::become_shared(m, {body, reinterpret_cast<std::byte*>(held.data()), held.size()});
    return m;
}

message message::adopt(std::vector<std::byte>&& octets)
{
    if (octets.size() < packed_capacity)
        return message(std::exchange(octets, {}));
    message m;
    auto* body = new container_body<std::vector<std::byte>>(std::move(octets));
    octets.clear();
    builder::become_shared(m, {body, body->container.data(), body->container.size()});
    return m;
}

// --- looking ---------------------------------------------------------------------------------

std::size_t message::list_size() const noexcept
{
    return builder::list_of(*this).frames().size();
}

frame_view message::frame_in_list(std::size_t i) const noexcept
{
    if (keeps() != kind::list)
        return {};
    const auto frames = builder::list_of(*this).frames();
    return i < frames.size() ? frames[i].view() : frame_view();
}

frame_view message::small_frame(std::size_t i) const noexcept
{
    const std::byte* const first = small_frames();
    return small_view(first + builder::octets_before(first, i));
}

frame_view message::at(std::size_t i) const
{
    if (i >= size())
        throw std::out_of_range("message::at: no frame " + std::to_string(i));
    return (*this)[i];
}

std::size_t message::size_octets() const noexcept
{
    const std::size_t small_octets = std::size_t{field(at_used)} - field(at_count);
    if (keeps() == kind::packed)
        return small_octets;
    if (keeps() == kind::shared)
        return small_octets + 1 + shared_view().size();
    std::size_t sum = 0;
    for (const frame_view frame : *this)
        sum += frame.size();
    return sum;
}

bool operator==(const message& a, const message& b) noexcept
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

// --- changing --------------------------------------------------------------------------------

std::span<std::byte> message::mutable_bytes()
{
    if (size() != 1)
        return {};
    if (keeps() == kind::shared && !builder::body_of(*this)->is_unique())
    {
        message own(front().bytes());
        builder::take_frames(*this, own);
    }
    if (keeps() == kind::packed)
        return {octets_ + 1, field(0)};
    const shared_frame frame = builder::shared_of(*this);
    return {frame.data, frame.size};
}

message& message::append(std::string_view body)
{
    return append(std::as_bytes(std::span(body)));
}

message& message::append(std::span<const std::byte> body)
{
    const bool fits = field(at_used) + 1 + body.size() <= packed_capacity;
    if (keeps() != kind::packed || !fits)
        return append(message(body));
    pack(body);
    return *this;
}

void message::pack(std::span<const std::byte> body) noexcept
{
    const std::size_t used = field(at_used);
    octets_[used] = static_cast<std::byte>(body.size());
    if (!body.empty())
        std::memcpy(octets_ + used + 1, body.data(), body.size());
    set_field(at_used, used + 1 + body.size());
    set_field(at_count, field(at_count) + 1u);
}

message& message::append(const message& other)
{
    message copy;
    copy.share(other);
    return append(std::move(copy));
}

message& message::append(message&& other)
{
    if (&other == this)
        return append(std::as_const(other));
    if (empty())
        builder::take_frames(*this, other);
    else if (!other.empty() && !builder::pack_back(*this, other) &&
        !builder::join(*this, *this, other))
        builder::list_back(*this, other);
    other.clear();
    return *this;
}

message& message::prepend(std::string_view body)
{
    return prepend(std::as_bytes(std::span(body)));
}

message& message::prepend(std::span<const std::byte> body)
{
    return builder::insert_front(*this, body) ? *this : prepend(message(body));
}

message& message::prepend(const message& other)
{
    message copy;
    copy.share(other);
    return prepend(std::move(copy));
}

message& message::prepend(message&& other)
{
    if (&other == this)
        return prepend(std::as_const(other));
    if (empty())
        builder::take_frames(*this, other);
    else if (!other.empty() && !builder::pack_front(*this, other) &&
        !builder::join(*this, other, *this))
        builder::list_front(*this, other);
    other.clear();
    return *this;
}

message message::slice(std::size_t first, std::size_t count) const
{
    const std::size_t all = size();
    first = std::min(first, all);
    const std::size_t last = first + std::min(count, all - first);
    message out;
    if (last - first == all)
        out.share(*this);
    else if (first != last && keeps() == kind::list)
        builder::slice_list(out, *this, first, last);
    else if (first != last)
        builder::slice_in_place(out, *this, first, last);
    out.set_field(at_role, 0);
    out.peer_ = peer_;
    return out;
}

message message::pop_front(std::size_t count)
{
    count = std::min(count, size());
    const std::size_t left = size() - count;
    if (left != 0 && keeps() != kind::list)
    {
        message popped;
        popped.peer_ = peer_;
        if (count != 0)
            builder::move_front(popped, *this, count);
        return popped;
    }
    message popped = slice(0, count);
    if (left > 1 && builder::list_of(*this).is_unique())
    {
        builder::list_of(*this).pop_front(count);
        return popped;
    }
    message rest = slice(count);
    builder::take_frames(*this, rest);
    return popped;
}

// --- printing --------------------------------------------------------------------------------

namespace
{

constexpr std::size_t max_printed_frames = 8;
constexpr std::size_t max_printed_text = 64;
constexpr std::size_t max_printed_hex = 16;

bool is_printable(char c) noexcept
{
    return c >= ' ' && c <= '~';
}

void print_text(std::string& out, std::string_view text)
{
    out += '"';
    for (const char c : text.substr(0, max_printed_text))
    {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    out += '"';
}

void print_hex(std::string& out, std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    const std::string_view shown = octets.substr(0, max_printed_hex);
    for (std::size_t i = 0; i < shown.size(); ++i)
    {
        const auto octet = static_cast<std::uint8_t>(shown[i]);
        if (i != 0)
            out += ' ';
        out += digits[octet >> 4];
        out += digits[octet & 15];
    }
}

void print_frame(std::string& out, std::string_view frame)
{
    const bool is_text = std::all_of(frame.begin(), frame.end(), is_printable);
    if (is_text)
        print_text(out, frame);
    else
        print_hex(out, frame);
    if (frame.size() > (is_text ? max_printed_text : max_printed_hex))
        out += "... " + std::to_string(frame.size()) + " octets";
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const message& m)
{
    std::string text = "[";
    std::size_t printed = 0;
    for (const frame_view frame : m)
    {
        if (printed != 0)
            text += ", ";
        if (printed++ == max_printed_frames)
        {
            text += "... " + std::to_string(m.size()) + " frames";
            break;
        }
        print_frame(text, frame.text());
    }
    return out << text + "]";
}

}  // namespace ferry
