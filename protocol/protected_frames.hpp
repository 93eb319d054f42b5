// Frames under protection (CURVE) in, messages and commands out: what frame_decoder is for clear ones.
#pragma once

#include "protocol/frame_decoder.hpp"
#include "protocol/security/mechanism.hpp"

namespace ferry::protocol
{

/// Opens frame after frame and puts messages together. Limits count what comes out of a frame; the
/// decoder before it bounds what goes in.
class protected_frames
{
public:
    /// `protection` must outlive this.
    protected_frames(security::traffic_protection& protection, decoder_limits limits) noexcept
        : protection_(&protection), limits_(limits)
    {
    }

    /// What the decoder has to enforce: one protected frame.
    [[nodiscard]] decoder_limits outer_limits() const noexcept;

    /// Replaces a frame, as frame_decoder gives it frame by frame, by what it means: a command, a
    /// whole message, an error, or nothing yet.
    void open(decoded& frame);

private:
    [[nodiscard]] std::error_code add(const message& frame);

    security::traffic_protection* protection_;
    decoder_limits limits_;
    message body_;  // the frames so far of a message on its way
    std::size_t frames_ = 0;
    std::uint64_t octets_ = 0;
};

}  // namespace ferry::protocol
