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
constexpr std::size_t max_memory_up_front = 1024 * 1024;
/// A body that lacks less than this comes with a read of the ordinary kind, and more behind it.
constexpr std::size_t min_direct_read = 8 * 1024;

}  // namespace

frame_decoder::frame_decoder(framing how, decoder_limits limits) : framing_(how), limits_(limits) {}

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

decoded_kind frame_decoder::next(decoded& out)
{
    if (error_)
        return fail(out, error_);
    try
    {
        return advance(out);
    }
    catch (const std::bad_alloc&)
    {
        return fail(out, errc::out_of_memory);
    }
}

decoded_kind frame_decoder::advance(decoded& out)
{
    for (;;)
    {
        if (in_body_)
        {
            if (!fill_body())
                return out.kind = decoded_kind::none;
            in_body_ = false;
            if (deliver(out, header_, std::move(body_)) != decoded_kind::none)
                return out.kind;
        }
        const frame_header_result head =
            stash_size_ == 0 ? parse_header(input_) : take_stashed_header();
        if (head.error)
            return fail(out, *head.error);
        if (head.consumed == 0)
        {
            stash_header();
            return out.kind = decoded_kind::none;
        }
        if (stash_size_ == 0)
            input_ = input_.subspan(head.consumed);
        stash_size_ = 0;
        if (const auto refused = check_limits(head.header))
            return fail(out, *refused);
        if (head.header.body_size > input_.size())
        {
            begin_body(head.header);
            continue;
        }
        const auto body = input_.first(static_cast<std::size_t>(head.header.body_size));
        const std::size_t readable = input_.size();
        input_ = input_.subspan(body.size());
        if (is_command(head.header) || (!head.header.more && frames_ == 0))
        {
            detail::message_access::assign(out.body, body, readable);
            return out.kind =
                       is_command(head.header) ? decoded_kind::command : decoded_kind::message;
        }
        if (deliver_part(out, head.header.more, message(body)) != decoded_kind::none)
            return out.kind;
    }
}

decoded_kind frame_decoder::fail(decoded& out, std::error_code error)
{
    error_ = error;
    in_body_ = false;
    body_.clear();
    parts_.clear();
    out.error = error;
    return out.kind = decoded_kind::error;
}

// --- bodies that do not come whole -----------------------------------------------------------------

void frame_decoder::begin_body(const frame_header& header)
{
    body_ = message::allocate(
        static_cast<std::size_t>(std::min<std::uint64_t>(header.body_size, max_memory_up_front)));
    header_ = header;
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
    const std::uint64_t twice = std::uint64_t{body_.front().size()} * 2;
    const std::uint64_t size = std::min(twice, header_.body_size);
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

decoded_kind frame_decoder::deliver(decoded& out, const frame_header& header, message&& frame)
{
    const bool command = is_command(header);
    if (!command && (header.more || frames_ != 0))
        return deliver_part(out, header.more, std::move(frame));
    out.body = std::move(frame);
    return out.kind = command ? decoded_kind::command : decoded_kind::message;
}

decoded_kind frame_decoder::deliver_part(decoded& out, bool more, message&& frame)
{
    octets_ += frame.size_octets();
    ++frames_;
    parts_.append(std::move(frame));
    if (more)
        return out.kind = decoded_kind::none;
    out.body = std::move(parts_);
    frames_ = 0;
    octets_ = 0;
    return out.kind = decoded_kind::message;
}

}  // namespace ferry::protocol
