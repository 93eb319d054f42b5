// Octets in, frames out: small bodies copied, large ones read in place, limits before memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>

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

/// Cuts a stream of octets into messages and commands. Keeps what a frame still lacks; holds no
/// memory while it is between messages.
///
/// Memory: a size that the peer announces buys at most a mebibyte at once; beyond that, memory
/// grows with the octets that arrive. Running out of it is an error like any other
/// (errc::out_of_memory), never an exception. After an error there is nothing but that error.
class frame_decoder
{
public:
    frame_decoder() = default;
    frame_decoder(framing how, decoder_limits limits);

    /// Octets to take apart; they stay in place until next() has answered `none`.
    void receive(std::span<const std::byte> octets);
    /// The next whole message or command. Sets out.kind, and out.body or out.error.
    decoded_kind next(decoded& out);
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
    void set_frame_by_frame(bool on) noexcept { frame_by_frame_ = on; }
    /// From the next frame on.
    void set_limits(decoder_limits limits) noexcept { limits_ = limits; }
    /// Whether a message is incomplete: some of its frames, or part of one, have arrived.
    [[nodiscard]] bool is_in_message() const noexcept
    {
        return frames_ != 0 || in_body_ || stash_size_ != 0;
    }

private:
    static constexpr std::size_t max_header_size = 10;

    decoded_kind advance(decoded& out);
    decoded_kind fail(decoded& out, std::error_code error);
    [[nodiscard]] frame_header_result parse_header(std::span<const std::byte> in) const noexcept;
    void stash_header() noexcept;
    [[nodiscard]] frame_header_result take_stashed_header() noexcept;
    [[nodiscard]] std::optional<protocol_errc> check_limits(
        const frame_header& header) const noexcept;
    void begin_body(const frame_header& header);
    [[nodiscard]] bool fill_body();
    void grow_body();
    decoded_kind deliver(decoded& out, const frame_header& header, message&& frame);
    decoded_kind deliver_part(decoded& out, bool more, message&& frame);
    [[nodiscard]] bool is_command(const frame_header& header) const noexcept
    {
        return header.command || frame_by_frame_;
    }

    std::span<const std::byte> input_;
    framing framing_ = framing::zmtp_2;
    bool frame_by_frame_ = false;
    bool in_body_ = false;
    std::uint8_t stash_size_ = 0;
    std::array<std::byte, max_header_size> stash_{};  // the start of a header
    decoder_limits limits_;
    std::error_code error_;

    frame_header header_;     // in_body_: of the frame on its way,
    message body_;            // as much room for it as was bought so far,
    std::size_t filled_ = 0;  // and the octets of it that are there

    message parts_;             // the frames before it in the same message
    std::size_t frames_ = 0;    // their number
    std::uint64_t octets_ = 0;  // and the sum of their sizes
};

}  // namespace ferry::protocol
