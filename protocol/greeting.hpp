// The greeting as a value: encode, decode octet by octet, versions, downgrade.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

#include <ferry/socket_type.hpp>

#include "protocol/events.hpp"

namespace ferry::protocol
{

inline constexpr std::size_t signature_size = 10;
inline constexpr std::size_t old_greeting_size = 12;  // ZMTP 2.0, RFC 15
inline constexpr std::size_t greeting_size = 64;      // ZMTP 3.x, RFC 23 and 37
inline constexpr std::size_t mechanism_name_size = 20;

/// What two peers speak once they have read each other's greetings.
enum class dialect : std::uint8_t
{
    zmtp_1_0,         ///< no greeting at all: RFC 13
    zmtp_revision_0,  ///< a greeting like 2.0's, then frames of 1.0; hardly anybody sends it
    zmtp_2_0,         ///< RFC 15
    zmtp_3_0,         ///< RFC 23: subscriptions travel as messages
    zmtp_3_1,         ///< RFC 37: subscriptions travel as commands
};

/// What we announce.
struct own_greeting
{
    socket_type type = socket_type::pair;  ///< told to 2.0 peers
    std::size_t routing_id_size = 0;       ///< so that a 1.0 peer finds a frame header
    std::string_view mechanism = "NULL";   ///< at most 20 characters; not owned
    bool admits_old_peers = true;          ///< 1.0 and 2.0, which know no security
    std::uint8_t minor_version = 1;        ///< of ZMTP 3
};

/// What the peer announced.
struct peer_greeting
{
    dialect speaks = dialect::zmtp_3_1;
    zmtp_version version;
    std::optional<socket_type> type;  ///< of a 2.0 peer; libzmq never checks it, nor do we
};

/// All 64 octets that a 3.x peer gets from us.
[[nodiscard]] std::array<std::byte, greeting_size> encode_greeting(
    const own_greeting& own) noexcept;

/// Both greetings, exchanged in stages: our signature at once; our major version once the peer has
/// shown that it has versions; the rest once its own version is known. A peer of any age finds in
/// what we send the greeting, or the frame, of its own version. RFC 37 "Version Negotiation".
class greeting_exchange
{
public:
    explicit greeting_exchange(const own_greeting& own) noexcept;

    /// Takes the peer's octets, and returns how many of them belong to its greeting: never one
    /// beyond. After an error, or once complete, takes nothing.
    std::size_t receive(std::span<const std::byte> octets) noexcept;
    /// Octets to send since the last call; valid until the next receive().
    [[nodiscard]] std::span<const std::byte> take_output() noexcept;

    [[nodiscard]] bool is_complete() const noexcept { return complete_; }
    /// protocol_errc::mechanism_mismatch, or unsupported_version: an old peer is not admitted.
    [[nodiscard]] std::error_code error() const noexcept { return error_; }
    /// Once complete.
    [[nodiscard]] const peer_greeting& peer() const noexcept { return peer_; }
    /// Once complete: octets taken which are no greeting but the start of a 1.0 peer's first frame.
    [[nodiscard]] std::span<const std::byte> first_frame() const noexcept;

private:
    struct step;
    static const step steps[];

    void on_first_octet() noexcept;
    void on_signature() noexcept;
    void on_version() noexcept;
    void on_old_greeting() noexcept;
    void on_greeting() noexcept;
    void complete_without_greeting() noexcept;
    [[nodiscard]] unsigned octet(std::size_t position) const noexcept;

    std::array<std::byte, greeting_size> own_{};
    std::array<std::byte, greeting_size> received_{};
    std::size_t received_size_ = 0;
    std::size_t due_ = signature_size;  // of own_, by what the peer has shown so far
    std::size_t sent_ = 0;              // of own_
    socket_type type_;
    bool admits_old_peers_;
    bool is_old_ = false;
    bool complete_ = false;
    std::error_code error_;
    peer_greeting peer_;
};

}  // namespace ferry::protocol
