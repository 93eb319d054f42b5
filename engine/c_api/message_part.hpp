// What is in the 64 octets of a zmq_msg_t: one frame, small ones in place, others a ferry::message.
//
// Two octets at the same place in both forms say which it is. Whatever else is there, zeros or garbage, is no message:
// EFAULT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <system_error>
#include <utility>

#include <zmq.h>

#include <ferry/detail/message_access.hpp>
#include <ferry/detail/octet_words.hpp>
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
    /// Copies of longer ones say that they are shared, as libzmq's are, though small ones here are not.
    static constexpr std::size_t longest_unshared = 33;

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
    void begin_small(std::size_t size, unsigned flags = none) noexcept
    {
        using detail::octet_in_word;
        new (at_ + peer_at) peer_handle();
        detail::store_word(at_ + last_word,
            octet_in_word(size_at - last_word, size) | marks_of(small_form, flags));
    }
    /// In place: what `make()` returns, a message of one frame.
    template <class Make>
    void begin_large_with(Make&& make)
    {
        new (at_) message(make());
        mark(large_form, none);
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
        begin_small(frame.size(), flags);
        if (frame.size() != 0)
            std::memcpy(at_, frame.data(), frame.size());
        if (of.peer())
            small_peer() = of.peer();
    }
    /// Ends it; the octets hold no message any more.
    void end() noexcept
    {
        if (is_small())
        {
            small_peer().~peer_handle();
            unmark();
            return;
        }
        unmark();
        large().~message();
    }

    /// Whether there is nothing to end.
    [[nodiscard]] bool is_bare() const noexcept
    {
        return is_small() && size() == 0 && !small_peer();
    }
    /// Of a bare one: becomes the first frame of what `receive(std::error_code&)` returns, a message, without moving that
    /// about where it can be. Bare again when there is an error, which is returned.
    template <class Receive>
    [[nodiscard]] std::error_code receive_with(Receive&& receive)
    {
        struct bare_again
        {
            message_part* part;
            ~bare_again()
            {
                if (part != nullptr)
                    part->begin_small(0);
            }
        };
        bare_again unless_received{this};
        std::error_code error;
        unmark();
        message& m = *new (at_) message(receive(error));
        const bool is_alone = m.size() == 1;
        if (!error && is_alone && m.front().size() > small_capacity) [[likely]]
        {
            mark(large_form, none);
            unless_received.part = nullptr;
            return error;
        }
        message all = take_large();
        if (error)
            return error;
        begin(std::move(all), 0, is_alone ? none : more);
        unless_received.part = nullptr;
        return error;
    }

    /// Gives the frame to `send(message&)`, which takes it or fails: what it returns. It is empty then, or as it was.
    template <class Send>
    [[nodiscard]] std::error_code send_with(Send&& send)
    {
        if (is_small())
        {
            message m(std::span<const std::byte>(at_, size()));
            const std::error_code error = send(m);
            if (error)
                return error;
            small_peer().~peer_handle();
            begin_small(0);
            return error;
        }
        struct settled
        {
            message_part& part;
            unsigned flags;
            bool is_taken = false;
            ~settled()
            {
                if (is_taken)
                {
                    part.large().~message();
                    part.begin_small(0);
                }
                else
                {
                    part.mark(large_form, flags);
                }
            }
        };
        settled when_done{*this, flags()};
        unmark();
        if (large().peer())
            detail::message_access::set_peer(large(), peer_handle());
        const std::error_code error = send(large());
        when_done.is_taken = !error;
        return error;
    }

    /// Becomes what `from` was, which is empty then.
    void begin_moved(message_part from) noexcept
    {
        const unsigned flags = from.flags();
        if (from.is_small())
        {
            begin_small(from.size(), flags);
            std::memcpy(at_, from.at_, from.size());
            std::swap(small_peer(), from.small_peer());
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
        message_part original = from;
        if (from.is_small())
        {
            const bool is_long = from.size() > longest_unshared;
            const unsigned flags = from.flags() | (is_long ? shared : none);
            begin_small(from.size(), flags);
            std::memcpy(at_, from.at_, from.size());
            small_peer() = from.small_peer();
            original.mark(small_form, flags);
            return;
        }
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
    static constexpr std::size_t last_word = peer_at - 8;  // holds size and marks
    static constexpr std::byte small_form{0x5a};
    static constexpr std::byte large_form{0xa5};
    static constexpr std::uint64_t all_marks = detail::octet_in_word(marks_at - last_word, 0xff) |
        detail::octet_in_word(flags_at - last_word, 0xff);
    static constexpr unsigned flags_mark_mask = 0xf8;
    static constexpr unsigned flags_mark = 0xc8;
    static_assert(size_at >= last_word && size_at < marks_at && flags_at < peer_at);
    static_assert(sizeof(message) == sizeof(zmq_msg_t));

    [[nodiscard]] std::byte form() const noexcept { return at_[marks_at]; }
    // In whole words, as a message writes them: a processor that loads a word which was written in
    // pieces has to wait.
    [[nodiscard]] static std::uint64_t marks_of(std::byte form, unsigned flags) noexcept
    {
        using detail::octet_in_word;
        return octet_in_word(marks_at - last_word, std::to_integer<std::size_t>(form)) |
            octet_in_word(flags_at - last_word, flags_mark | flags);
    }
    void mark(std::byte form, unsigned flags) noexcept
    {
        const std::uint64_t others = detail::load_word(at_ + last_word) & ~all_marks;
        detail::store_word(at_ + last_word, others | marks_of(form, flags));
    }
    void unmark() noexcept
    {
        detail::store_word(at_ + last_word, detail::load_word(at_ + last_word) & ~all_marks);
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
        unmark();
        message m = std::move(large());
        large().~message();
        return m;
    }

    std::byte* at_;
};

}  // namespace ferry::c_api
