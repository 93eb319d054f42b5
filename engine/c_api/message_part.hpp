// What is in the 64 octets of a zmq_msg_t: one frame, small ones in place, others a ferry::message.
//
// Two octets at the same place in both forms say which it is. Whatever else is there, zeros or garbage, is no message:
// EFAULT.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#include <zmq.h>

#include <ferry/detail/message_access.hpp>
#include <ferry/message.hpp>

namespace ferry::c_api
{

class message_part
{
public:
    enum flag : unsigned char
    {
        none = 0,
        more = 1,      ///< received, and not the last frame
        shared = 2,    ///< other copies refer to the same octets
        constant = 4,  ///< octets of the program's, to which nobody may write
    };
    static constexpr std::size_t small_capacity = 50;

    explicit message_part(zmq_msg_t* at) noexcept : at_(reinterpret_cast<std::byte*>(at)) {}
    explicit message_part(const zmq_msg_t* at) noexcept : message_part(const_cast<zmq_msg_t*>(at))
    {
    }

    [[nodiscard]] bool is_valid() const noexcept
    {
        return at_ != nullptr && (form() == small_form || form() == large_form) &&
            (std::to_integer<unsigned>(at_[flags_at]) & flags_mark_mask) == flags_mark;
    }
    [[nodiscard]] bool is_small() const noexcept { return form() == small_form; }
    [[nodiscard]] unsigned flags() const noexcept
    {
        return std::to_integer<unsigned>(at_[flags_at]) & ~flags_mark_mask;
    }
    void set_flags(unsigned flags) noexcept { mark(form(), flags); }
    [[nodiscard]] std::byte* data() const noexcept
    {
        return is_small() ? at_ : const_cast<std::byte*>(large().front().data());
    }
    [[nodiscard]] std::size_t size() const noexcept
    {
        return is_small() ? std::to_integer<std::size_t>(at_[size_at]) : large().front().size();
    }
    [[nodiscard]] const peer_handle& peer() const noexcept
    {
        return is_small() ? small_peer() : large().peer();
    }

    // Of octets that hold no message: make one.
    void begin_small(std::size_t size) noexcept
    {
        at_[size_at] = static_cast<std::byte>(size);
        new (at_ + peer_at) peer_handle();
        mark(small_form, none);
    }
    void begin_large(message&& m, unsigned flags = none) noexcept
    {
        new (at_) message(std::move(m));
        mark(large_form, flags);
    }
    /// A frame of a message; it is the only one if the message has no other.
    void begin(message&& of, std::size_t index, unsigned flags)
    {
        const frame_view frame = of[index];
        if (frame.size() > small_capacity)
        {
            begin_large(of.size() == 1 ? std::move(of) : of.slice(index, 1), flags);
            return;
        }
        if (frame.size() != 0)
            std::memcpy(at_, frame.data(), frame.size());
        begin_small(frame.size());
        if (of.peer())
            small_peer() = of.peer();
        mark(small_form, flags);
    }
    /// Ends it; the octets hold no message any more.
    void end() noexcept
    {
        if (is_small())
        {
            small_peer().~peer_handle();
            at_[marks_at] = at_[flags_at] = std::byte{};
            return;
        }
        (void)take_large();
    }

    /// The frame as a message to send. put_back() if it was not sent, finish() if it was.
    [[nodiscard]] message lend()
    {
        if (is_small())
            return message(std::span<const std::byte>(at_, size()));
        message m = take_large();
        if (m.peer())
            detail::message_access::set_peer(m, peer_handle());
        return m;
    }
    void put_back(message&& m, unsigned flags) noexcept
    {
        if (!is_small())
            begin_large(std::move(m), flags);
    }
    /// It is empty from now on.
    void finish() noexcept
    {
        if (is_small())
            end();
        begin_small(0);  // a large one was lent
    }

    /// Becomes what `from` was, which is empty then.
    void begin_moved(message_part from) noexcept
    {
        const unsigned flags = from.flags();
        if (from.is_small())
        {
            std::memcpy(at_, from.at_, from.size());
            begin_small(from.size());
            std::swap(small_peer(), from.small_peer());
            mark(small_form, flags);
        }
        else
        {
            begin_large(from.take_large(), flags);
        }
        if (from.is_small())
            from.end();
        from.begin_small(0);
    }
    /// Becomes what `from` is; both refer to the same octets if they are many.
    void begin_copy(const message_part& from)
    {
        if (from.is_small())
        {
            std::memcpy(at_, from.at_, from.size());
            begin_small(from.size());
            small_peer() = from.small_peer();
            mark(small_form, from.flags());
            return;
        }
        message_part original = from;
        const unsigned flags = from.flags() | shared;
        message m = original.take_large();
        begin_large(message(m), flags);
        original.begin_large(std::move(m), flags);
    }

private:
    using access = detail::message_access;
    static constexpr std::size_t marks_at = access::marks_at;  // the form
    static constexpr std::size_t flags_at = marks_at + 1;
    static constexpr std::size_t size_at = small_capacity;  // of a small one
    static constexpr std::size_t peer_at = access::peer_at;
    static constexpr std::byte small_form{0x5a};
    static constexpr std::byte large_form{0xa5};
    static constexpr unsigned flags_mark_mask = 0xf8;
    static constexpr unsigned flags_mark = 0xc8;
    static_assert(size_at < marks_at && flags_at < peer_at);
    static_assert(sizeof(message) == sizeof(zmq_msg_t));

    [[nodiscard]] std::byte form() const noexcept { return at_[marks_at]; }
    void mark(std::byte form, unsigned flags) noexcept
    {
        at_[marks_at] = form;
        at_[flags_at] = static_cast<std::byte>(flags_mark | flags);
    }
    [[nodiscard]] message& large() const noexcept
    {
        return *std::launder(reinterpret_cast<message*>(at_));
    }
    [[nodiscard]] peer_handle& small_peer() const noexcept
    {
        return *std::launder(reinterpret_cast<peer_handle*>(at_ + peer_at));
    }
    [[nodiscard]] message take_large() noexcept
    {
        at_[marks_at] = at_[flags_at] = std::byte{};
        message m = std::move(large());
        large().~message();
        return m;
    }

    std::byte* at_;
};

}  // namespace ferry::c_api
