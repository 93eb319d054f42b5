// A sequence of operations on messages, against a naive model: vectors of strings.
#include <ferry/message.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <ferry/detail/message_access.hpp>

namespace
{

using ferry::message;
using model = std::vector<std::string>;

/// Values from the input; zeros when it has come to its end.
class choices
{
public:
    choices(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
    [[nodiscard]] bool is_at_end() const { return size_ == 0; }
    std::size_t below(std::size_t bound)
    {
        if (size_ == 0)
            return 0;
        --size_;
        return *data_++ % bound;
    }

private:
    const std::uint8_t* data_;
    std::size_t size_;
};

struct pair
{
    message real;
    model naive;
};

constexpr std::size_t max_frames = 2000;

void require(bool condition, const char* what)
{
    if (condition)
        return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

void check(const pair& p)
{
    require(p.real.size() == p.naive.size(), "size");
    require(p.real.empty() == p.naive.empty(), "empty");
    std::size_t i = 0;
    std::size_t octets = 0;
    for (const ferry::frame_view frame : p.real)
    {
        require(frame == p.naive[i], "iteration");
        require(p.real[i] == p.naive[i], "index");
        octets += frame.size();
        ++i;
    }
    require(i == p.naive.size(), "end of iteration");
    require(p.real.size_octets() == octets, "size_octets");
    require(p.real[i].data() == nullptr, "past the end");
}

std::string body(choices& from)
{
    // Sizes of envelopes, of what fits in place and just not, and of the rest.
    constexpr std::array<std::size_t, 4> bounds{8, 28, 64, 256};
    const std::size_t size = from.below(bounds[from.below(bounds.size())]);
    return std::string(size, static_cast<char>('a' + from.below(26)));
}

void add_frame(pair& p, choices& from)
{
    const std::string text = body(from);
    const bool at_front = from.below(2) != 0;
    if (at_front)
        p.real.prepend(text);
    else
        p.real.append(text);
    p.naive.insert(at_front ? p.naive.begin() : p.naive.end(), text);
}

void add_message(pair& p, const pair& other, choices& from)
{
    if (p.naive.size() + other.naive.size() > max_frames)
        return;
    const model added = other.naive;
    switch (from.below(4))
    {
    case 0: p.real.append(other.real); break;
    case 1: p.real.append(message(other.real)); break;
    case 2:
        p.real.prepend(other.real);
        p.naive.insert(p.naive.begin(), added.begin(), added.end());
        return;
    default:
        p.real.prepend(message(other.real));
        p.naive.insert(p.naive.begin(), added.begin(), added.end());
        return;
    }
    p.naive.insert(p.naive.end(), added.begin(), added.end());
}

void add_own_frame(pair& p, choices& from)
{
    if (p.naive.empty())
        return;
    const std::size_t i = from.below(p.naive.size());
    const std::string text = p.naive[i];
    const bool at_front = from.below(2) != 0;
    if (at_front)
        p.real.prepend(p.real[i].text());
    else
        p.real.append(p.real[i]);
    p.naive.insert(at_front ? p.naive.begin() : p.naive.end(), text);
}

void replace(pair& p, choices& from)
{
    std::string text = body(from);
    p.naive = {text};
    switch (from.below(4))
    {
    case 0: p.real = message(text); return;
    case 1: p.real = message::adopt(std::string(text)); return;
    case 2:
    {
        auto* memory = new std::byte[text.size()];
        std::transform(text.begin(), text.end(), memory, [](char c) { return std::byte(c); });
        p.real = message::adopt(std::span(memory, text.size()),
            [](void* data, std::size_t) { delete[] static_cast<std::byte*>(data); });
        return;
    }
    default:
        p.real = message::allocate(text.size());
        const auto octets = p.real.mutable_bytes();
        std::transform(
            text.begin(), text.end(), octets.begin(), [](char c) { return std::byte(c); });
    }
}

void receive(pair& p, choices& from)
{
    const std::string text = body(from);
    std::vector<std::byte> buffer(text.size() + from.below(64), std::byte{'?'});
    std::transform(text.begin(), text.end(), buffer.begin(), [](char c) { return std::byte(c); });
    ferry::detail::message_access::assign(
        p.real, std::span(buffer).first(text.size()), buffer.size());
    p.naive = {text};
}

void take_out(pair& p, pair& other)
{
    alignas(message) std::array<std::byte, sizeof(message)> place;
    auto* slot = new (place.data()) message(std::move(other.real));
    ferry::detail::message_access::take_out(p.real, *slot);
    p.naive = std::move(other.naive);
    other.naive.clear();  // NOLINT(bugprone-use-after-move): it is assigned to
}

void write_in_place(pair& p, choices& from)
{
    const auto octets = p.real.mutable_bytes();
    require(octets.size() == (p.naive.size() == 1 ? p.naive[0].size() : 0), "mutable_bytes");
    if (octets.empty())
        return;
    const std::size_t i = from.below(octets.size());
    octets[i] = std::byte{'!'};
    p.naive[0][i] = '!';
}

void cut(pair& p, pair& other, choices& from)
{
    const std::size_t count = from.below(p.naive.size() + 2);
    const auto end = p.naive.begin() + std::ptrdiff_t(std::min(count, p.naive.size()));
    if (from.below(2) == 0)
    {
        const model rest(end, p.naive.end());
        other = {p.real.pop_front(count), {p.naive.begin(), end}};
        p.naive = rest;
        return;
    }
    const std::size_t more = from.below(p.naive.size() + 2);
    const auto last =
        end + std::ptrdiff_t(std::min<std::size_t>(more, std::size_t(p.naive.end() - end)));
    other = {p.real.slice(count, more), {end, last}};
}

void step(std::array<pair, 4>& pairs, choices& from)
{
    pair& p = pairs[from.below(pairs.size())];
    pair& other = pairs[from.below(pairs.size())];
    switch (from.below(13))
    {
    case 0:
    case 1:
    case 2: add_frame(p, from); break;
    case 3: add_message(p, other, from); break;
    case 4: add_own_frame(p, from); break;
    case 5: replace(p, from); break;
    case 6: write_in_place(p, from); break;
    case 7:
        if (&p != &other)
            cut(p, other, from);
        break;
    case 8: p = other; break;
    case 9:
        if (&p != &other)
        {
            p = std::move(other);
            other.naive.clear();  // NOLINT(bugprone-use-after-move): only its twin was moved from
        }
        break;
    case 10: receive(p, from); break;
    case 11:
        if (&p != &other)
            take_out(p, other);
        break;
    default: require((p.real == other.real) == (p.naive == other.naive), "equality");
    }
    check(p);
    check(other);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    choices from(data, size);
    std::array<pair, 4> pairs;
    while (!from.is_at_end())
        step(pairs, from);
    for (const pair& p : pairs)
    {
        check(p);
        std::ostringstream out;
        out << p.real;
        require(out.str().size() < 16 + 9 * 160, "a message printed at length");
    }
    return 0;
}
