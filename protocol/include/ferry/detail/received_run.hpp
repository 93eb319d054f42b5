// Messages that lie in a read buffer, side by side as they came: one queue slot for all, taken apart by who receives them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <ferry/detail/message_access.hpp>
#include <ferry/message.hpp>

namespace ferry::detail
{

struct shared_body;

/// A message of message_role::received: whole messages of one frame each, in the format of ZMTP 2 and
/// newer, which were found to be so before. What is left of them is in a buffer that nobody writes to
/// while runs refer to it.
///
/// Making messages of them in the thread that uses them spares that thread all that a message costs when it is
/// made in another one: its slot, its block and its octets would come from the caches of another processor.
struct received_run
{
    /// Makes a run of `slot`, which has no frames. `octets` lie in `buffer`.
    static void put(message& slot, shared_body& buffer, std::span<const std::byte> octets,
        std::uint32_t messages) noexcept;
    [[nodiscard]] static bool is_run(const message& slot) noexcept
    {
        return message_access::role(slot) == message_role::received;
    }
    /// How many messages are left in it.
    [[nodiscard]] static std::uint32_t messages(const message& run) noexcept
    {
        return static_cast<std::uint32_t>(load_word(run.octets_ + at_messages));
    }
    /// Of a run, the frame of the first message that is left; of any other message, its first frame.
    [[nodiscard]] static frame_view first_frame(const message& slot) noexcept
    {
        return is_run(slot) ? frame_in(slot) : slot.front();
    }
    /// Replaces `out` by the first message that is left in it, which must not be empty. Copies a small
    /// body; without memory for that, `out` refers to the buffer.
    static void take_first(message& run, message& out) noexcept;

private:
    [[nodiscard]] static frame_view frame_in(const message& run) noexcept;
    // Behind the body, its data and its size. See message::kind::shared.
    static constexpr std::size_t at_messages = message::prefix_offset;
};

}  // namespace ferry::detail
