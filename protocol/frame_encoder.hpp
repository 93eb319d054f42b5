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
#include "protocol/octets.hpp"

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
    explicit frame_encoder(framing how = framing::zmtp_2, std::size_t copy_limit = 2048);

    frame_encoder(const frame_encoder&) = delete;
    frame_encoder& operator=(const frame_encoder&) = delete;
    ~frame_encoder() = default;

    void set_framing(framing how) noexcept;
    /// Adds a message and leaves `m` empty. A message without frames adds nothing.
    void message(ferry::message&& m);
    /// The same for the usual case, in few steps: small frames right behind other small ones.
    /// False: message() has to do it, and nothing happened.
    [[nodiscard]] bool small_message(ferry::message& m) noexcept;
    /// Adds messages that their sender encoded, a detail::encoded_run, and leaves `run` empty. Not
    /// for framing::zmtp_1.
    void encoded(ferry::message&& run);
    /// A command frame (flag 04); framing::zmtp_1 has none and ignores it.
    void command(std::span<const std::byte> body);
    /// Octets as they are: greetings.
    void raw(std::span<const std::byte> octets);

    /// Octets not yet written.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return size_ + static_cast<std::size_t>(cursor_ - settled_);
    }
    /// What to write, in order: at most `max_buffers` elements. Octets added later never move the
    /// ones shown here. The list itself is valid until the next output().
    [[nodiscard]] std::span<const std::span<const std::byte>> output(std::size_t max_buffers);
    /// Forgets the first `size` octets. Bodies referenced are dropped with their last octet.
    void written(std::size_t size) noexcept;
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

    static constexpr std::size_t max_header_size = 10;

    [[nodiscard]] bool is_copied(frame_view body) const noexcept
    {
        return body.size() <= copy_limit_;
    }
    [[nodiscard]] bool fits(frame_view body, const std::byte* at) const noexcept
    {
        return is_copied(body) &&
            max_header_size + body.size() <= static_cast<std::size_t>(window_end_ - at);
    }
    [[nodiscard]] static std::byte* write_frame(std::byte* to, bool more, frame_view body) noexcept;
    void settle() noexcept;
    void forget(std::size_t size) noexcept;
    void open_window() noexcept;
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

    // Room in the arena right behind the last segment, if there is any, and a framing that may use
    // it: small messages go there and move nothing but cursor_. settle() tells the others.
    std::byte* cursor_ = nullptr;
    std::byte* settled_ = nullptr;
    std::byte* window_end_ = nullptr;
};

inline std::byte* frame_encoder::write_frame(std::byte* to, bool more, frame_view body) noexcept
{
    const std::size_t header_size =
        write_frame_header(std::span<std::byte, long_header_size>(to, long_header_size),
            {.more = more, .command = false, .body_size = body.size()});
    copy_octets(to + header_size, body.data(), body.size());
    return to + header_size + body.size();
}

inline bool frame_encoder::small_message(ferry::message& m) noexcept
{
    std::byte* to = cursor_;
    if (std::size_t left = m.size(); left == 1)
    {
        const frame_view body = m.front();
        if (!fits(body, to))
            return false;
        to = write_frame(to, false, body);
    }
    else
    {
        for (const frame_view body : m)
        {
            if (!fits(body, to))
                return false;
            to = write_frame(to, --left != 0, body);
        }
    }
    cursor_ = to;
    m.clear();
    return true;
}

}  // namespace ferry::protocol
