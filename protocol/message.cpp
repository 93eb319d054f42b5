// A message: one or more frames as a 64-octet value. Small bodies lie inside it, large ones are shared.
#include <ferry/message.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <ostream>
#include <stdexcept>

#include <ferry/detail/body_pool.hpp>

#include "protocol/message_builder.hpp"

namespace ferry
{

using detail::frame_list;
using detail::list_frame;
using detail::shared_body;
using detail::shared_frame;

namespace detail
{

shared_body* shared_body::make(std::size_t size)
{
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
    if (size > most - sizeof(shared_body))
        throw std::bad_alloc();
    const block from = allocate_block(sizeof(shared_body) + size);
    auto* body = new (from.memory) shared_body;
    body->size_class = from.size_class;
    return body;
}

void shared_body::dispose(shared_body* body) noexcept
{
    if (body->destroy != nullptr)
        body->destroy(body);
    else
        free_block(body, body->size_class);
}

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

void message::copy_to_shared(std::span<const std::byte> body)
{
    builder::become_shared(*this, builder::copy_of(body));
}

void message::retain_storage() const noexcept
{
    if (kind_ == kind::shared)
        builder::shared_of(*this).body->retain();
    else
        builder::list_of(*this).retain();
}

void message::release_storage() noexcept
{
    if (kind_ == kind::shared)
        builder::shared_of(*this).body->release();
    else
        builder::list_of(*this).release();
}

// --- construction ----------------------------------------------------------------------------

message message::allocate(std::size_t size)
{
    message m;
    if (size < packed_capacity)
    {
        m.storage_[0] = static_cast<std::byte>(size);
        m.used_ = static_cast<std::uint8_t>(size + 1);
        m.count_ = 1;
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
    if (kind_ != kind::list)
        return {};
    const auto frames = builder::list_of(*this).frames();
    return i < frames.size() ? frames[i].view() : frame_view();
}

frame_view message::frame_in_place(std::size_t i) const noexcept
{
    if (kind_ == kind::shared)
    {
        const shared_frame frame = builder::shared_of(*this);
        return {frame.data, frame.size};
    }
    const std::byte* at = storage_ + builder::packed_offset(*this, i);
    return {at + 1, std::to_integer<std::size_t>(*at)};
}

frame_view message::frame_after(frame_view current, std::size_t i) const noexcept
{
    if (i >= count_)
        return frame_in_list(i);
    const std::byte* at = current.data() + current.size();
    return {at + 1, std::to_integer<std::size_t>(*at)};
}

frame_view message::at(std::size_t i) const
{
    if (i >= size())
        throw std::out_of_range("message::at: no frame " + std::to_string(i));
    return (*this)[i];
}

std::size_t message::size_octets() const noexcept
{
    if (kind_ == kind::packed)
        return std::size_t{used_} - count_;
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
    if (kind_ == kind::shared && !builder::shared_of(*this).body->is_unique())
    {
        message own(front().bytes());
        builder::take_frames(*this, own);
    }
    if (kind_ == kind::packed)
        return {storage_ + 1, std::to_integer<std::size_t>(storage_[0])};
    const shared_frame frame = builder::shared_of(*this);
    return {frame.data, frame.size};
}

message& message::append(std::string_view body)
{
    return append(std::as_bytes(std::span(body)));
}

message& message::append(std::span<const std::byte> body)
{
    if (kind_ != kind::packed || used_ + 1 + body.size() > packed_capacity)
        return append(message(body));
    pack(body);
    return *this;
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
    else if (!other.empty() && !builder::pack_back(*this, other))
        builder::list_back(*this, other);
    other.clear();
    return *this;
}

message& message::prepend(std::string_view body)
{
    return prepend(message(body));
}

message& message::prepend(std::span<const std::byte> body)
{
    return prepend(message(body));
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
    else if (!other.empty() && !builder::pack_front(*this, other))
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
    else if (first != last && kind_ == kind::list)
        builder::slice_list(out, *this, first, last);
    else if (first != last)
        builder::slice_packed(out, *this, first, last);
    out.role_ = 0;
    out.peer_ = peer_;
    return out;
}

message message::pop_front(std::size_t count)
{
    count = std::min(count, size());
    message popped = slice(0, count);
    const std::size_t left = size() - count;
    if (left > 1 && kind_ == kind::list && builder::list_of(*this).is_unique())
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
