// Messages in, one gather list out: small bodies copied into an arena, large ones referenced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ferry/message.hpp>

#include "protocol/frame_decoder.hpp"

namespace ferry::protocol
{

/// Turns messages and commands into octets for one stream, in order, and keeps what references
/// need until it was written.
class frame_encoder
{
public:
    explicit frame_encoder(framing how = framing::zmtp_2, std::size_t copy_limit = 1024);

    void set_framing(framing how) noexcept;
    void message(ferry::message&& m);
    /// A command frame (flag 04); framing::zmtp_1 has none and ignores it.
    void command(std::span<const std::byte> body);
    /// Octets as they are: greetings.
    void raw(std::span<const std::byte> octets);

    [[nodiscard]] std::size_t size() const noexcept;  ///< octets not yet written
    /// What to write, in order: at most `max_buffers` elements. Octets added later never move the
    /// ones shown here.
    [[nodiscard]] std::span<const std::span<const std::byte>> output(std::size_t max_buffers);
    /// Forgets the first `size` octets.
    void written(std::size_t size);
};

}  // namespace ferry::protocol
