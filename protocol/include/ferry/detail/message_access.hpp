// The rooms' door into a message: roles, generations, and bodies shared between messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <ferry/detail/octet_words.hpp>
#include <ferry/message.hpp>

namespace ferry::detail
{

/// What a queue slot or a connection takes a message for. Users only ever see data.
enum class message_role : std::uint8_t
{
    data = 0,
    subscribe = 1,  ///< one frame: the topic
    cancel = 2,     ///< one frame: the topic
    encoded = 3,    ///< several messages of data: see encoded_run
    received = 4,   ///< the same, on their way in: see received_run
};

struct message_access
{
    [[nodiscard]] static message_role role(const message& m) noexcept
    {
        return static_cast<message_role>(m.field(message::at_role));
    }
    [[nodiscard]] static bool is_data(const message& m) noexcept
    {
        return role(m) == message_role::data;
    }
    /// Whether it is a message of data, or some that were received together.
    [[nodiscard]] static bool holds_data(const message& slot) noexcept
    {
        return role(slot) == message_role::data || role(slot) == message_role::received;
    }
    static void set_role(message& m, message_role role) noexcept
    {
        m.set_field(message::at_role, static_cast<std::size_t>(role));
    }
    /// The connection a subscription record was written for: records of a lost one are skipped,
    /// because the new one gets all subscriptions anew.
    [[nodiscard]] static std::uint8_t generation(const message& m) noexcept
    {
        return m.field(message::at_generation);
    }
    static void set_generation(message& m, std::uint8_t g) noexcept
    {
        m.set_field(message::at_generation, g);
    }
    static void set_peer(message& m, const peer_handle& peer) noexcept
    {
        if (m.peer_.get() != peer.get())
            m.peer_ = peer;
    }
    static void set_peer(message& m, peer_handle&& peer) noexcept { m.peer_ = std::move(peer); }

    /// Where two octets are that nobody looks at while a message of data lies in memory of somebody who
    /// wants to mark it. They are 0 before anything else is done with it, and must be 0 again.
    static constexpr std::size_t marks_at = message::at_role;
    static constexpr std::size_t peer_at = sizeof(message) - sizeof(peer_handle);

    /// `to = std::move(slot); slot.~message();` in fewer steps, for who takes messages out of raw
    /// memory.
    static void take_out(message& to, message& slot) noexcept
    {
        to.drop();
        copy_words<sizeof(message) / 8>(
            reinterpret_cast<std::byte*>(&to), reinterpret_cast<const std::byte*>(&slot));
    }

    /// `m = message(body)`, made in place; from a buffer with `readable` octets from the start of
    /// `body` on, so that copying need not look at the size.
    static void assign(message& m, std::span<const std::byte> body, std::size_t readable)
    {
        m.clear();
        if (body.size() < message::packed_capacity && readable >= message::packed_capacity - 1)
            fill(m, body.data(), body.size());
        else
            m.begin_with(body);
    }

    /// A subscription record for `topic`.
    [[nodiscard]] static message subscription(message_role role, std::string_view topic)
    {
        message m(topic);
        set_role(m, role);
        return m;
    }

private:
    // One small frame, from 50 octets of which `size` count.
    static void fill(message& m, const std::byte* from, std::size_t size) noexcept
    {
        store_word(m.octets_, octet_in_word(0, size) | towards_end(load_word(from), 1));
        copy_words<message::last_word / 8 - 1>(m.octets_ + 8, from + 7);
        const std::uint64_t tail = towards_start(load_word(from + 42), 5);
        m.set_fields(message::kind::packed, 1, size + 1, tail);
    }
};

}  // namespace ferry::detail
