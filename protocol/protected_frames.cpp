#include "protocol/protected_frames.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <ferry/error.hpp>

namespace ferry::protocol
{

decoder_limits protected_frames::outer_limits() const noexcept
{
    const std::uint64_t overhead = protection_->overhead();
    const std::uint64_t room = UINT64_MAX - limits_.max_frame_size;
    const std::uint64_t size = limits_.max_frame_size + std::min(overhead, room);
    return {size, size, 1};
}

void protected_frames::open(decoded& frame)
{
    security::unprotected_frame inner = protection_->unprotect(frame.body.front().bytes());
    frame.error = inner.error;
    if (!frame.error && !inner.command)
        frame.error = add(inner.body);
    if (frame.error)
    {
        frame.kind = decoded_kind::error;
        return;
    }
    if (inner.command)
    {
        frame.kind = decoded_kind::command;
        frame.body = std::move(inner.body);
        return;
    }
    frame.kind = inner.more ? decoded_kind::none : decoded_kind::message;
    if (inner.more)
        return;
    frame.body = std::exchange(body_, {});
    frames_ = 0;
    octets_ = 0;
}

std::error_code protected_frames::add(const message& frame)
{
    const std::uint64_t size = frame.size_octets();
    if (size > limits_.max_frame_size)
        return protocol_errc::frame_too_large;
    if (size > limits_.max_message_size - octets_)
        return protocol_errc::message_too_large;
    if (frames_ == limits_.max_message_frames)
        return protocol_errc::too_many_frames;
    octets_ += size;
    ++frames_;
    body_.append(frame);
    return {};
}

}  // namespace ferry::protocol
