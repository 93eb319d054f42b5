// Messages that were encoded by who sent them: chunks, runs in queue slots, and the way back to messages.
// Tested by tests/unit/protocol/encoded_run_test.cpp.
#include <ferry/detail/encoded_run.hpp>

#include <new>

#include "protocol/frame.hpp"
#include "protocol/message_builder.hpp"
#include "protocol/octets.hpp"

namespace ferry::detail
{

namespace
{

constexpr std::size_t max_header_size = 10;

std::byte* write_frame(std::byte* to, bool more, frame_view body) noexcept
{
    const std::size_t header_size = protocol::write_frame_header(
        std::span<std::byte, protocol::long_header_size>(to, protocol::long_header_size),
        {.more = more, .command = false, .body_size = body.size()});
    protocol::copy_octets(to + header_size, body.data(), body.size());
    return to + header_size + body.size();
}

}  // namespace

std::byte* run_encoder::room_for(std::size_t octets) noexcept
try
{
    if (octets > static_cast<std::size_t>(end_ - at_)) [[unlikely]]
    {
        if (octets > chunk_size)
            return nullptr;
        shared_body* fresh = shared_body::make(chunk_size);
        forget();
        chunk_ = fresh;
        at_ = fresh->octets();
        end_ = at_ + chunk_size;
    }
    return at_;
}
catch (const std::bad_alloc&)
{
    return nullptr;
}

// There is room.
inline encoded_message run_encoder::add_frame(std::span<const std::byte> body) noexcept
{
    std::byte* const begin = at_;
    at_ = write_frame(begin, false, {body.data(), body.size()});
    return {chunk_, begin, at_};
}

// The usual message first: one frame, and room for it.
encoded_message run_encoder::add(const message& m) noexcept
{
    const frame_view only = m.front();
    if (m.size() == 1 && only.size() <= largest_frame &&
        only.size() + max_header_size <= static_cast<std::size_t>(end_ - at_) &&
        !encoded_run::may_run_code_when_dropped(m)) [[likely]]
        return add_frame(only.bytes());
    return add_unusual(m);
}

encoded_message run_encoder::add(std::span<const std::byte> only) noexcept
{
    if (only.size() > largest_frame || room_for(only.size() + max_header_size) == nullptr)
        return {};
    return add_frame(only);
}

encoded_message run_encoder::add_unusual(const message& m) noexcept
{
    if (encoded_run::may_run_code_when_dropped(m))
        return {};
    std::size_t most = 0;
    std::size_t left = 0;
    for (const frame_view frame : m)
    {
        if (frame.size() > largest_frame)
            return {};
        most += max_header_size + frame.size();
        ++left;
    }
    std::byte* const begin = left != 0 ? room_for(most) : nullptr;
    if (begin == nullptr)
        return {};
    for (const frame_view frame : m)
        at_ = write_frame(at_, --left != 0, frame);
    return {chunk_, begin, at_};
}

// The chunk that is given up for lack of room may be the one that `m` lies in.
encoded_message run_encoder::add(const encoded_message& m) noexcept
{
    const auto size = static_cast<std::size_t>(m.end - m.begin);
    if (size > static_cast<std::size_t>(end_ - at_)) [[unlikely]]
    {
        const message holder = encoded_run::of(m);
        return room_for(size) != nullptr ? add(m) : encoded_message{};
    }
    std::byte* const begin = at_;
    protocol::copy_octets(begin, m.begin, size);
    at_ += size;
    return {chunk_, begin, at_};
}

void run_encoder::forget() noexcept
{
    if (chunk_ != nullptr)
        chunk_->release();
    chunk_ = nullptr;
    at_ = end_ = nullptr;
}

// What was handed over together with a deleter.
bool encoded_run::may_run_code_when_dropped(const message& m) noexcept
{
    switch (m.keeps())
    {
    case message::kind::packed: return false;
    case message::kind::shared: return message::builder::body_of(m)->destroy != nullptr;
    case message::kind::list: break;
    }
    for (const list_frame& frame : message::builder::list_of(m).frames())
        if (frame.is_shared() && frame.shared().body->destroy != nullptr)
            return true;
    return false;
}

void encoded_run::begin(message& slot, const encoded_message& first) noexcept
{
    const auto size = static_cast<std::size_t>(first.end - first.begin);
    first.chunk->retain();
    slot.clear();
    message::builder::become_shared(slot, {first.chunk, const_cast<std::byte*>(first.begin), size});
    message_access::set_role(slot, message_role::encoded);
    word(slot, at_taken).store(0, std::memory_order_relaxed);
    word(slot, at_extent)
        .store(std::bit_cast<std::uint64_t>(extent{static_cast<std::uint32_t>(size), 1}),
            std::memory_order_relaxed);
}

message encoded_run::of(const encoded_message& m) noexcept
{
    message run;
    begin(run, m);
    return run;
}

message encoded_run::take(message& slot) noexcept
{
    const std::uint64_t reached = word(slot, at_extent).load(std::memory_order_acquire);
    const std::uint64_t taken = word(slot, at_taken).load(std::memory_order_relaxed);
    word(slot, at_taken).store(reached, std::memory_order_relaxed);
    const auto before = std::bit_cast<extent>(taken);
    shared_frame octets = message::builder::shared_of(slot);
    octets.data += before.octets;
    octets.size = std::bit_cast<extent>(reached).octets - before.octets;
    octets.body->retain();
    message run;
    message::builder::become_shared(run, octets);
    message_access::set_role(run, message_role::encoded);
    word(run, at_taken).store(taken, std::memory_order_relaxed);
    word(run, at_extent).store(reached, std::memory_order_relaxed);
    return run;
}

// What add() wrote: there is nothing to be checked.
message encoded_run::decode_first(std::span<const std::byte>& rest)
{
    message m;
    for (bool more = true; more;)
    {
        const auto parsed = protocol::parse_frame_header(rest, protocol::no_limit);
        const auto size = static_cast<std::size_t>(parsed.header.body_size);
        m.append(rest.subspan(parsed.consumed, size));
        rest = rest.subspan(parsed.consumed + size);
        more = parsed.header.more;
    }
    return m;
}

}  // namespace ferry::detail
