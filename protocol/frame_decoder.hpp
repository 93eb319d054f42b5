// Octets in, frames out: small bodies copied, large ones read in place, limits before memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

#include <ferry/message.hpp>

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
    message body;           ///< the message, or one frame: the command's body
    std::error_code error;
};

/// Cuts a stream of octets into messages and commands. Keeps what a frame still lacks; holds no
/// memory while it is between messages.
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
    [[nodiscard]] std::span<const std::byte> unconsumed() const noexcept;

    /// Where a large body on its way may be read into directly; empty: use receive().
    [[nodiscard]] std::span<std::byte> direct_buffer();
    void received_directly(std::size_t size);

    /// For the handshake: frames are delivered one by one as commands, whatever their flags say.
    void set_frame_by_frame(bool on) noexcept;
    void set_limits(decoder_limits limits) noexcept;
    /// Whether a message is incomplete: some of its frames, or part of one, have arrived.
    [[nodiscard]] bool is_in_message() const noexcept;
};

}  // namespace ferry::protocol
