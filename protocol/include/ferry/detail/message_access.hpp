// The rooms' door into a message: roles, generations, and bodies shared between messages.
#pragma once

#include <ferry/message.hpp>

namespace ferry::detail
{

/// What a queue slot or a connection takes a message for. Users only ever see data.
enum class message_role : std::uint8_t
{
    data = 0,
    subscribe = 1,  ///< one frame: the topic
    cancel = 2,     ///< one frame: the topic
};

struct message_access
{
    [[nodiscard]] static message_role role(const message& m) noexcept
    {
        return static_cast<message_role>(m.role_);
    }
    static void set_role(message& m, message_role role) noexcept
    {
        m.role_ = static_cast<std::uint8_t>(role);
    }
    /// The connection a subscription record was written for: records of a lost one are skipped,
    /// because the new one gets all subscriptions anew.
    [[nodiscard]] static std::uint8_t generation(const message& m) noexcept
    {
        return m.generation_;
    }
    static void set_generation(message& m, std::uint8_t g) noexcept { m.generation_ = g; }
    static void set_peer(message& m, const peer_handle& peer) noexcept
    {
        if (m.peer_.get() != peer.get())
            m.peer_ = peer;
    }
    static void set_peer(message& m, peer_handle&& peer) noexcept { m.peer_ = std::move(peer); }

    /// `m = message(body)`, made in place; from a buffer with `readable` octets from the start of
    /// `body` on, so that copying need not look at the size.
    static void assign(message& m, std::span<const std::byte> body, std::size_t readable)
    {
        constexpr std::size_t most = message::packed_capacity - 1;
        m.clear();
        if (body.size() > most)
            return m.copy_to_shared(body);
        if (readable < most)
            return m.pack(body);
        std::memcpy(m.storage_ + 1, body.data(), most);
        m.storage_[0] = static_cast<std::byte>(body.size());
        m.used_ = static_cast<std::uint8_t>(1 + body.size());
        m.count_ = 1;
    }

    /// A subscription record for `topic`.
    [[nodiscard]] static message subscription(message_role role, std::string_view topic)
    {
        message m(topic);
        set_role(m, role);
        return m;
    }
};

}  // namespace ferry::detail
