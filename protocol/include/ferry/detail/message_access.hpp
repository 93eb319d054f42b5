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
    [[nodiscard]] static std::uint8_t generation(const message& m) noexcept { return m.generation_; }
    static void set_generation(message& m, std::uint8_t g) noexcept { m.generation_ = g; }
    static void set_peer(message& m, peer_handle peer) noexcept { m.peer_ = std::move(peer); }

    /// A subscription record for `topic`.
    [[nodiscard]] static message subscription(message_role role, std::string_view topic)
    {
        message m(topic);
        set_role(m, role);
        return m;
    }
};

}  // namespace ferry::detail
