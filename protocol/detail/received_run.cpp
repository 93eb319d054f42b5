// Messages that lie in a read buffer: runs in queue slots, and the way to messages.
// Tested by tests/unit/protocol/received_run_test.cpp.
#include <ferry/detail/received_run.hpp>

#include <new>

#include "protocol/frame.hpp"
#include "protocol/message_builder.hpp"
#include "protocol/octets.hpp"

namespace ferry::detail
{

void received_run::put(message& slot, shared_body& buffer, std::span<const std::byte> octets,
    std::uint32_t messages) noexcept
{
    buffer.retain();
    message::builder::become_shared(
        slot, {&buffer, const_cast<std::byte*>(octets.data()), octets.size()});
    message_access::set_role(slot, message_role::received);
    store_word(slot.octets_ + at_messages, messages);
}

namespace
{

// The frame at the start of `octets`, which is known to be whole.
inline std::span<const std::byte> body_at(const std::byte* octets) noexcept
{
    if ((std::to_integer<unsigned>(octets[0]) & protocol::flag_long) == 0)
        return {octets + protocol::short_header_size, std::to_integer<std::size_t>(octets[1])};
    const std::uint64_t size = protocol::load_big_endian({octets + 1, 8});
    return {octets + protocol::long_header_size, static_cast<std::size_t>(size)};
}

}  // namespace

frame_view received_run::frame_in(const message& run) noexcept
{
    const auto body = body_at(message::builder::shared_of(run).data);
    return {body.data(), body.size()};
}

void received_run::take_first(message& run, message& out) noexcept
{
    const shared_frame left = message::builder::shared_of(run);
    const auto body = body_at(left.data);
    std::byte* const data = left.data + (body.data() - left.data);
    const std::size_t readable = left.size - static_cast<std::size_t>(body.data() - left.data);
    store_pointer(run.octets_ + message::builder::word_size, data + body.size());
    store_word(run.octets_ + 2 * message::builder::word_size, readable - body.size());
    store_word(run.octets_ + at_messages, load_word(run.octets_ + at_messages) - 1);
    try
    {
        message_access::assign(out, body, readable);
    }
    catch (const std::bad_alloc&)
    {
        left.body->retain();
        message::builder::become_shared(out, {left.body, data, body.size()});
    }
}

}  // namespace ferry::detail
