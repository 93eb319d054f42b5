// Messages in, one gather list out: small bodies copied into an arena, large ones referenced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ferry/message.hpp>

#include "protocol/frame.hpp"
#include "protocol/frame_decoder.hpp"
#include "protocol/octet_arena.hpp"

namespace ferry::protocol
{

/// Turns messages and commands into octets for one stream, in order, and keeps what references
/// need until it was written.
///
/// Errors: std::bad_alloc from whatever adds octets; nothing was added then.
class frame_encoder
{
public:
    /// Bodies of up to `copy_limit` octets are copied, larger ones referenced.
    explicit frame_encoder(framing how = framing::zmtp_2, std::size_t copy_limit = 1024);

    void set_framing(framing how) noexcept { framing_ = how; }
    /// A message without frames adds nothing.
    void message(ferry::message&& m);
    /// A command frame (flag 04); framing::zmtp_1 has none and ignores it.
    void command(std::span<const std::byte> body);
    /// Octets as they are: greetings.
    void raw(std::span<const std::byte> octets);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }  ///< octets not yet written
    /// What to write, in order: at most `max_buffers` elements. Octets added later never move the
    /// ones shown here. The list itself is valid until the next output().
    [[nodiscard]] std::span<const std::span<const std::byte>> output(std::size_t max_buffers);
    /// Forgets the first `size` octets. Bodies referenced are dropped with their last octet.
    void written(std::size_t size);
    /// Frees all memory that holds nothing: for a connection that fell silent.
    void shrink() noexcept;

private:
    /// Octets that lie side by side, in the arena or in a message.
    struct segment
    {
        const std::byte* data;
        std::size_t size;
        bool is_in_arena;
        ferry::message owner;  // with the last segment that refers to it
    };

    [[nodiscard]] bool is_copied(frame_view body) const noexcept
    {
        return body.size() <= copy_limit_;
    }
    [[nodiscard]] bool continue_with(frame_view only) noexcept;
    void reserve_for(const ferry::message& m);
    void reserve_segments(std::size_t count);
    void add_header(const frame_header& header) noexcept;
    void copy(std::span<const std::byte> octets) noexcept;
    void reference(std::span<const std::byte> octets) noexcept;

    framing framing_;
    std::size_t copy_limit_;
    std::size_t size_ = 0;
    octet_arena arena_;
    std::vector<segment> segments_;  // those before first_ are written
    std::size_t first_ = 0;
    std::vector<std::span<const std::byte>> shown_;
};

}  // namespace ferry::protocol
