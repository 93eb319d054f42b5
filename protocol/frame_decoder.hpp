// Octets in, frames out: small bodies copied, large ones read in place, limits before memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <system_error>

#include <ferry/detail/message_access.hpp>
#include <ferry/message.hpp>

#include "protocol/frame.hpp"

namespace ferry::protocol
{

/// How the stream is cut into frames.
enum class framing : std::uint8_t
{
    zmtp_1,  ///< RFC 13: length including the flags octet
    zmtp_2,  ///< RFC 15, 23 and 37: flags, length, body
};

struct decoder_limits
{
    std::uint64_t max_frame_size = UINT64_MAX;
    std::uint64_t max_message_size = UINT64_MAX;  ///< the sum over a message's frames
    std::size_t max_message_frames = 1'000'000;
};

enum class decoded_kind : std::uint8_t
{
    none,     ///< more octets are needed
    message,  ///< a whole message, of one or more frames
    command,  ///< a command frame's body; may come between the frames of a message
    error,    ///< the stream cannot be understood from here on
};

struct decoded
{
    decoded_kind kind = decoded_kind::none;
    message body;  ///< the message, or one frame: the command's body
    std::error_code error;
};

/// Messages of one frame each as they came, headers included.
struct whole_messages
{
    std::span<const std::byte> octets;
    std::uint32_t count = 0;
};

/// Cuts a stream of octets into messages and commands. Keeps what a frame still lacks; holds no
/// memory while it is between messages.
///
/// Memory: a size that the peer announces buys at most a mebibyte at once, or as much as the largest
/// body that came from there; beyond that, memory grows with the octets that arrive, to at most
/// sixteen times as much. Running out of it is an
/// error like any other (errc::out_of_memory), never an exception. After an error there is nothing
/// but that error.
class frame_decoder
{
public:
    frame_decoder() = default;
    frame_decoder(framing how, decoder_limits limits);

    /// Octets to take apart; they stay in place until next() has answered `none`.
    void receive(std::span<const std::byte> octets);
    /// The next message, if it lies there whole and is nothing special: the usual case, in few
    /// steps. False when next() has to look; `out` may have changed then.
    [[nodiscard]] bool next_message(message& out) noexcept;
    /// The messages that lie there whole, one behind the other, each of one small frame: at most `most`
    /// of them, and only where next_message() would take them. They are checked, not decoded, and the
    /// octets stay where receive() found them.
    [[nodiscard]] whole_messages next_messages(std::uint32_t most) noexcept;
    /// The next whole message or command, decoded into `out`: the message, or one frame, the
    /// command's body. `out` may change also when there is none.
    decoded_kind next(message& out);
    /// The same, as a value.
    decoded_kind next(decoded& out)
    {
        out.kind = next(out.body);
        out.error = error_;
        return out.kind;
    }
    /// Once next() has answered `error`.
    [[nodiscard]] std::error_code error() const noexcept { return error_; }
    /// The octets handed to receive() and not yet consumed (the greeting and the handshake are
    /// over in the middle of a read).
    [[nodiscard]] std::span<const std::byte> unconsumed() const noexcept { return input_; }

    /// Where a large body on its way may be read into directly; empty: use receive(). Call it when
    /// next() has answered `none`. Valid until the next call other than set_... or a const one.
    [[nodiscard]] std::span<std::byte> direct_buffer();
    /// Tells that the first `size` octets of direct_buffer() are there; then call next().
    void received_directly(std::size_t size);

    /// For the handshake: frames are delivered one by one as commands, whatever their flags say
    /// (but COMMAND with MORE is refused here, too).
    void set_frame_by_frame(bool on) noexcept
    {
        frame_by_frame_ = on;
        look_ahead();
    }
    /// From the next frame on.
    void set_limits(decoder_limits limits) noexcept
    {
        limits_ = limits;
        look_ahead();
    }
    /// Whether a message is incomplete: some of its frames, or part of one, have arrived.
    [[nodiscard]] bool is_in_message() const noexcept
    {
        return frames_ != 0 || in_body_ || stash_size_ != 0;
    }

private:
    static constexpr std::size_t max_header_size = 10;

    void look_ahead() noexcept;
    [[nodiscard]] bool next_parts(message& out);
    decoded_kind advance(message& out);
    decoded_kind take_frame(message& out);
    decoded_kind fail(std::error_code error) noexcept;
    [[nodiscard]] frame_header_result parse_header(std::span<const std::byte> in) const noexcept;
    void stash_header() noexcept;
    [[nodiscard]] frame_header_result take_stashed_header() noexcept;
    [[nodiscard]] std::optional<protocol_errc> check_limits(
        const frame_header& header) const noexcept;
    void begin_body();
    [[nodiscard]] bool fill_body();
    void grow_body();
    decoded_kind deliver(message& out);
    decoded_kind deliver_part(message& out) noexcept;
    [[nodiscard]] bool is_command(const frame_header& header) const noexcept
    {
        return header.command || frame_by_frame_;
    }

    std::span<const std::byte> input_;
    std::uint64_t message_limit_ = UINT64_MAX;  // of a message of one frame
    framing framing_ = framing::zmtp_2;
    bool at_message_ = true;  // what comes next may be a message that lies there whole
    bool frame_by_frame_ = false;
    bool in_body_ = false;
    std::uint8_t stash_size_ = 0;
    std::array<std::byte, max_header_size> stash_{};  // the start of a header
    std::uint64_t largest_body_ = 0;                  // that did not come in one piece, and is here
    decoder_limits limits_;
    std::error_code error_;

    frame_header header_;     // of the last frame begun;
    message body_;            // in_body_: as much room for it as was bought so far,
    std::size_t filled_ = 0;  // and the octets of it that are there

    message parts_;             // the frames before it in the same message
    std::size_t frames_ = 0;    // their number
    std::uint64_t octets_ = 0;  // and the sum of their sizes
};

inline bool frame_decoder::next_message(message& out) noexcept
try
{
    if (!at_message_ || input_.size() < short_header_size)
        return false;
    const auto flags = std::to_integer<std::uint8_t>(input_[0]) & flags_known;
    std::size_t header_size = short_header_size;
    std::uint64_t body_size = std::to_integer<std::uint64_t>(input_[1]);
    if (flags != 0)
    {
        if (flags != flag_long)
            return (flags & flag_command) == 0 && next_parts(out);
        if (input_.size() < long_header_size)
            return false;
        header_size = long_header_size;
        body_size = load_big_endian(input_.subspan(1).first<8>());
    }
    const std::size_t readable = input_.size() - header_size;
    if (body_size > readable || body_size > message_limit_)
        return false;
    const auto body = input_.subspan(header_size, static_cast<std::size_t>(body_size));
    input_ = input_.subspan(header_size + body.size());
    detail::message_access::assign(out, body, readable);
    return true;
}
catch (const std::bad_alloc&)
{
    fail(errc::out_of_memory);
    return false;
}

}  // namespace ferry::protocol
