// Octets in, frames out: small bodies copied, large ones read in place, limits before memory.
#include "protocol/frame_decoder.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include <ferry/detail/message_access.hpp>
#include <ferry/error.hpp>

#include "protocol/legacy/zmtp_1_frame.hpp"

namespace ferry::protocol
{

namespace
{

/// What an announced size buys before any of its octets arrived.
constexpr std::uint64_t max_memory_up_front = 1024 * 1024;
/// What octets that arrived buy, times their number. Each step copies what is there, so few steps:
/// a body of up to 16 MiB is copied once, and no more than a mebibyte of it. Memory that was bought
/// and not written to costs the peer's victim little: the system has not filled it in yet.
constexpr std::uint64_t growth = 16;
/// A message of more frames is put together step by step.
constexpr std::size_t most_parts_at_once = 8;
/// A body that lacks less than this comes with a read of the ordinary kind, and more behind it.
constexpr std::size_t min_direct_read = 8 * 1024;
/// Larger bodies are copied once, to where they stay, by who reads them.
constexpr std::uint64_t largest_in_run = 2048;

}  // namespace

frame_decoder::frame_decoder(framing how, decoder_limits limits) : framing_(how), limits_(limits)
{
    look_ahead();
}

void frame_decoder::receive(std::span<const std::byte> octets)
{
    input_ = octets;
}

// --- headers -----------------------------------------------------------------------------------

inline frame_header_result frame_decoder::parse_header(std::span<const std::byte> in) const noexcept
{
    return framing_ == framing::zmtp_2 ? parse_frame_header(in, limits_.max_frame_size)
                                       : legacy::parse_zmtp_1_header(in, limits_.max_frame_size);
}

// The start of a header is all there is: it is kept until the rest comes.
void frame_decoder::stash_header() noexcept
{
    if (!input_.empty())
        std::memcpy(stash_.data() + stash_size_, input_.data(), input_.size());
    stash_size_ = static_cast<std::uint8_t>(stash_size_ + input_.size());
    input_ = {};
}

// Moves input to the kept start of a header until it is a whole one.
frame_header_result frame_decoder::take_stashed_header() noexcept
{
    frame_header_result head;
    while (!input_.empty() && head.consumed == 0 && !head.error)
    {
        stash_[stash_size_++] = input_[0];
        input_ = input_.subspan(1);
        head = parse_header(std::span(stash_).first(stash_size_));
    }
    return head;
}

// What the header alone cannot tell: the limits of the message that the frame belongs to.
inline std::optional<protocol_errc> frame_decoder::check_limits(
    const frame_header& header) const noexcept
{
    if (is_command(header))
        return {};
    if (frames_ >= limits_.max_message_frames)
        return protocol_errc::too_many_frames;
    if (octets_ > limits_.max_message_size || header.body_size > limits_.max_message_size - octets_)
        return protocol_errc::message_too_large;
    return {};
}

// --- the way of a frame ----------------------------------------------------------------------------

// What next_message() goes by. To be called whenever a step may have begun or ended something.
void frame_decoder::look_ahead() noexcept
{
    at_message_ = framing_ == framing::zmtp_2 && !frame_by_frame_ && !in_body_ &&
        stash_size_ == 0 && frames_ == 0 && limits_.max_message_frames != 0 && !error_;
    message_limit_ = std::min(limits_.max_frame_size, limits_.max_message_size);
}

// A message of several frames, if it lies there whole. Nothing is taken before that is known.
bool frame_decoder::next_parts(message& out)
{
    std::array<std::span<const std::byte>, most_parts_at_once> parts;
    std::span<const std::byte> rest = input_;
    std::size_t count = 0;
    std::uint64_t octets = 0;
    for (bool more = true; more; ++count)
    {
        if (count == parts.size() || count == limits_.max_message_frames)
            return false;
        const frame_header_result head = parse_frame_header(rest, message_limit_ - octets);
        const std::uint64_t size = head.header.body_size;
        if (head.consumed == 0 || head.header.command || size > rest.size() - head.consumed)
            return false;
        parts[count] = rest.subspan(head.consumed, static_cast<std::size_t>(size));
        rest = rest.subspan(head.consumed + parts[count].size());
        octets += size;
        more = head.header.more;
    }
    input_ = rest;
    out.clear();
    for (const auto& part : std::span(parts).first(count))
        out.append(part);
    return true;
}

whole_messages frame_decoder::next_messages(std::uint32_t most) noexcept
{
    if (!at_message_)
        return {};
    const std::uint64_t limit = std::min(message_limit_, largest_in_run);
    const std::byte* at = input_.data();
    std::size_t left = input_.size();
    std::uint32_t count = 0;
    for (; count != most && left >= long_header_size; ++count)
    {
        const auto flags = std::to_integer<std::uint8_t>(at[0]) & flags_known;
        std::size_t header_size = short_header_size;
        std::uint64_t body_size = std::to_integer<std::uint64_t>(at[1]);
        if (flags == flag_long)
        {
            header_size = long_header_size;
            body_size = load_big_endian({at + 1, 8});
        }
        else if (flags != 0)
            break;
        if (body_size > limit || body_size > left - header_size)
            break;
        at += header_size + static_cast<std::size_t>(body_size);
        left -= header_size + static_cast<std::size_t>(body_size);
    }
    const auto octets = input_.first(input_.size() - left);
    input_ = input_.subspan(octets.size());
    return {octets, count};
}

decoded_kind frame_decoder::next(message& out)
{
    if (next_message(out))
        return decoded_kind::message;
    try
    {
        const decoded_kind kind = advance(out);
        look_ahead();
        return kind;
    }
    catch (const std::bad_alloc&)
    {
        return fail(errc::out_of_memory);
    }
}

decoded_kind frame_decoder::advance(message& out)
{
    if (error_)
        return decoded_kind::error;
    for (;;)
    {
        if (in_body_)
        {
            if (!fill_body())
                return decoded_kind::none;
            in_body_ = false;
            if (const decoded_kind kind = deliver(out); kind != decoded_kind::none)
                return kind;
        }
        const frame_header_result head =
            stash_size_ == 0 ? parse_header(input_) : take_stashed_header();
        if (head.error)
            return fail(*head.error);
        if (head.consumed == 0)
        {
            stash_header();
            return decoded_kind::none;
        }
        if (stash_size_ == 0)
            input_ = input_.subspan(head.consumed);
        stash_size_ = 0;
        if (const auto refused = check_limits(head.header))
            return fail(*refused);
        header_ = head.header;
        if (header_.body_size > input_.size())
            begin_body();
        else if (const decoded_kind kind = take_frame(out); kind != decoded_kind::none)
            return kind;
    }
}

// The frame of header_, whose body lies there whole.
decoded_kind frame_decoder::take_frame(message& out)
{
    const std::size_t readable = input_.size();
    const auto body = input_.first(static_cast<std::size_t>(header_.body_size));
    input_ = input_.subspan(body.size());
    if (!is_command(header_) && (header_.more || frames_ != 0))
    {
        parts_.append(body);
        return deliver_part(out);
    }
    detail::message_access::assign(out, body, readable);
    return is_command(header_) ? decoded_kind::command : decoded_kind::message;
}

decoded_kind frame_decoder::fail(std::error_code error) noexcept
{
    error_ = error;
    in_body_ = false;
    body_.clear();
    parts_.clear();
    look_ahead();
    return decoded_kind::error;
}

// --- bodies that do not come whole -----------------------------------------------------------------

void frame_decoder::begin_body()
{
    const std::uint64_t most = std::max(max_memory_up_front, largest_body_);
    body_ = message::allocate(static_cast<std::size_t>(std::min(header_.body_size, most)));
    filled_ = 0;
    in_body_ = true;
}

/// Moves input into the body; true when it is complete.
bool frame_decoder::fill_body()
{
    while (filled_ < header_.body_size && !input_.empty())
    {
        if (filled_ == body_.front().size())
            grow_body();
        const auto room = body_.mutable_bytes().subspan(filled_);
        const auto octets = input_.first(std::min(input_.size(), room.size()));
        std::memcpy(room.data(), octets.data(), octets.size());
        filled_ += octets.size();
        input_ = input_.subspan(octets.size());
    }
    return filled_ == header_.body_size;
}

void frame_decoder::grow_body()
{
    const std::uint64_t size =
        std::min(std::uint64_t{body_.front().size()} * growth, header_.body_size);
    if (size > SIZE_MAX)
        throw std::bad_alloc();
    message larger = message::allocate(static_cast<std::size_t>(size));
    std::memcpy(larger.mutable_bytes().data(), body_.front().data(), filled_);
    body_ = std::move(larger);
}

std::span<std::byte> frame_decoder::direct_buffer()
{
    if (!in_body_ || !input_.empty() || header_.body_size - filled_ < min_direct_read)
        return {};
    const std::size_t room = body_.front().size() - filled_;
    if (room < min_direct_read && body_.front().size() < header_.body_size)
    {
        try
        {
            grow_body();
        }
        catch (const std::bad_alloc&)
        {
            error_ = errc::out_of_memory;  // for next() to tell
            return {};
        }
    }
    return body_.mutable_bytes().subspan(filled_);
}

void frame_decoder::received_directly(std::size_t size)
{
    if (in_body_)
        filled_ += std::min(size, body_.front().size() - filled_);
}

// --- whole frames ------------------------------------------------------------------------------

decoded_kind frame_decoder::deliver(message& out)
{
    const bool command = is_command(header_);
    largest_body_ = std::max(largest_body_, header_.body_size);
    if (!command && (header_.more || frames_ != 0))
    {
        parts_.append(std::move(body_));
        return deliver_part(out);
    }
    out = std::move(body_);
    return command ? decoded_kind::command : decoded_kind::message;
}

// The last of parts_ is the frame of header_.
decoded_kind frame_decoder::deliver_part(message& out) noexcept
{
    octets_ += header_.body_size;
    ++frames_;
    if (header_.more)
        return decoded_kind::none;
    out = std::move(parts_);
    frames_ = 0;
    octets_ = 0;
    return decoded_kind::message;
}

}  // namespace ferry::protocol
