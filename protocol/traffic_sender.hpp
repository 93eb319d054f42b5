// Messages, subscriptions, PINGs and PONGs out, in the dialect and under the protection of one
// connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <ferry/detail/message_access.hpp>
#include <ferry/message.hpp>

#include "protocol/frame_encoder.hpp"
#include "protocol/greeting.hpp"
#include "protocol/security/mechanism.hpp"

namespace ferry::protocol
{

class traffic_sender
{
public:
    explicit traffic_sender(std::size_t copy_limit) : encoder_(framing::zmtp_2, copy_limit) {}

    /// Where the handshake writes to; its framing is the handshake's business.
    [[nodiscard]] frame_encoder& encoder() noexcept { return encoder_; }
    /// The handshake is over. `protection` may be null and must outlive this.
    void begin(dialect speaks, security::traffic_protection* protection) noexcept;

    /// A message, or a subscription record: SUBSCRIBE and CANCEL to 3.1 peers, messages that
    /// start with 01 and 00 to older ones; or a run of encoded messages. A message without frames is ignored.
    void send(message&& m);
    /// The same for the usual case, in few steps. False: send() has to do it, and nothing happened.
    [[nodiscard]] bool send_small(message& m) noexcept
    {
        return detail::message_access::role(m) == detail::message_role::data &&
            protection_ == nullptr && encoder_.small_message(m);
    }
    /// Whether messages may come encoded, as a detail::encoded_run; if not, a run costs more.
    [[nodiscard]] bool takes_encoded() const noexcept
    {
        return protection_ == nullptr && speaks_ >= dialect::zmtp_2_0;
    }
    void send_ping(std::uint16_t ttl_deciseconds);
    /// While much output waits, a PONG waits too, and only the last one does: a peer that sends
    /// PINGs and never reads shall not cost memory.
    void send_pong(std::span<const std::byte> context);

    [[nodiscard]] std::size_t size() const noexcept { return encoder_.size(); }
    [[nodiscard]] std::span<const std::span<const std::byte>> output(std::size_t max_buffers);
    void written(std::size_t size);

private:
    void send_frames(message&& m);
    void send_encoded(message&& run);
    void send_command(std::span<const std::byte> body);
    void send_protected(const message& m);

    frame_encoder encoder_;
    dialect speaks_ = dialect::zmtp_3_1;
    security::traffic_protection* protection_ = nullptr;
    std::optional<std::vector<std::byte>> late_pong_;  // its body
};

}  // namespace ferry::protocol
