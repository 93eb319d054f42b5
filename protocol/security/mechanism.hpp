// The seam of security: what a mechanism does in the handshake, and to each frame afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <ferry/message.hpp>
#include <ferry/socket_type.hpp>

namespace ferry::protocol::security
{

// How a mechanism fits in (nothing outside protocol/security changes when one is added):
//
// - The greeting carries mechanism_factory::name(). Once the peer's greeting has named the same
//   mechanism, the handshake makes one, and from then on alternates: send all that produce()
//   gives, hand each frame of the peer to consume(), until status() is `ready`.
// - NULL produces READY at once. A PLAIN or CURVE client produces HELLO at once, INITIATE after
//   WELCOME; a server produces nothing before HELLO. Which of the two it is, and its keys or
//   credentials, the factory knows (the as-server octet is no help: libzmq always sends 0). A
//   source of random octets, which CURVE needs, is given to the factory by the engine: make()
//   must not look for one itself.
// - ZAP (RFC 27): a server that wants to know whether to let the peer in sets request() and
//   reports `authenticating`. The connection shows the request to its driver, which asks whoever
//   answers such questions, and some time later hands in the answer: authenticated(). The
//   mechanism goes on from there: WELCOME or READY, or ERROR and `authentication_failed`. Frames
//   that arrive meanwhile are consumed as ever, so each mechanism decides about them. The
//   handshake timeout goes on running.
// - ERROR of the peer: consume() answers protocol_errc::error_received and keeps reason().
// - Errors of ours: consume() and authenticated() may leave a last command, such as ERROR, for
//   produce(); it is sent before the connection closes.
// - Traffic: while protection() is null (NULL, PLAIN) frames travel as they are. Otherwise
//   (CURVE) each frame, of messages and of commands alike, goes through protect() and travels as
//   the body of one plain message frame, and every frame received goes through unprotect(), which
//   tells what the frame was before. Flags of the outer frame mean nothing.

/// What the handshake tells a new mechanism.
struct mechanism_setup
{
    socket_type type = socket_type::pair;  ///< our own
    std::string routing_id;                ///< our own
    std::vector<std::byte> metadata;       ///< our properties, ready for READY or INITIATE
};

/// What to ask about a peer, RFC 27. The address is added by whoever knows the stream.
struct authentication_request
{
    std::string mechanism;
    std::string domain;
    std::vector<std::string> credentials;  ///< PLAIN: user name, password. CURVE: client's key
};

/// What was answered.
struct authentication_reply
{
    std::uint16_t status = 500;        ///< 200, 300, 400 or 500
    std::string user_id;               ///< becomes the property User-Id
    peer_properties::list properties;  ///< take precedence over what the peer said of itself
};

enum class mechanism_status : std::uint8_t
{
    handshaking,     ///< commands are still to be sent or received
    authenticating,  ///< request() awaits an answer: authenticated()
    ready,           ///< both sides may send traffic
};

/// What a frame was before protection.
struct unprotected_frame
{
    message body;  ///< one frame
    bool more = false;
    bool command = false;
    std::error_code error;  ///< set: not from our peer, or not in order; the connection is over
};

/// Turns frames into what travels, and back.
class traffic_protection
{
public:
    virtual ~traffic_protection() = default;
    /// Octets that protect() adds to a body at most.
    [[nodiscard]] virtual std::size_t overhead() const noexcept = 0;
    /// The body of the frame that travels.
    [[nodiscard]] virtual message protect(
        std::span<const std::byte> body, bool more, bool command) = 0;
    [[nodiscard]] virtual unprotected_frame unprotect(std::span<const std::byte> body) = 0;
};

/// One connection's security: a state machine between the greeting and the traffic.
class mechanism
{
public:
    virtual ~mechanism() = default;

    /// The body of the next handshake command to send; empty: nothing until more is known.
    [[nodiscard]] virtual std::optional<std::vector<std::byte>> produce() = 0;
    /// Takes the body of a handshake frame of the peer (libzmq does not insist on its COMMAND
    /// flag, so neither do we). An error ends the connection.
    virtual std::error_code consume(std::span<const std::byte> command) = 0;
    [[nodiscard]] virtual mechanism_status status() const noexcept = 0;

    /// The peer's properties, encoded, once they arrived (RFC 37 "Metadata").
    [[nodiscard]] virtual std::optional<std::span<const std::byte>> peer_metadata() const = 0;
    /// A command that tells the peer why it is refused (socket types); empty where the mechanism
    /// has none for us to send.
    [[nodiscard]] virtual std::optional<std::vector<std::byte>> refuse(std::string_view reason) = 0;
    /// What the peer's ERROR said.
    [[nodiscard]] virtual std::string_view reason() const noexcept = 0;

    /// What awaits an answer while the status is `authenticating`; null otherwise.
    [[nodiscard]] virtual const authentication_request* request() const noexcept = 0;
    virtual std::error_code authenticated(const authentication_reply& reply) = 0;

    /// Null: frames travel as they are. Asked once the status is `ready`.
    [[nodiscard]] virtual traffic_protection* protection() noexcept = 0;
};

/// Makes one mechanism per connection. Immutable: shared by connections on several threads.
class mechanism_factory
{
public:
    virtual ~mechanism_factory() = default;
    /// At most 20 characters, as in the greeting: "NULL", "PLAIN", "CURVE".
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    /// Whether peers of ZMTP 1.0 and 2.0, which know no security, are let in. Only where nothing
    /// is asked of peers: anything else would invite a downgrade attack.
    [[nodiscard]] virtual bool admits_old_peers() const noexcept = 0;
    [[nodiscard]] virtual std::unique_ptr<mechanism> make(mechanism_setup setup) const = 0;
};

}  // namespace ferry::protocol::security
