// A message: one or more frames as a 64-octet value. Small bodies lie inside it, large ones are shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iosfwd>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <ferry/detail/export.hpp>
#include <ferry/peer_properties.hpp>

namespace ferry
{

class message;

namespace detail
{
struct message_access;  // the rooms' door to what users need not see
using body_deleter = void (*)(void* data, std::size_t size, void* state) noexcept;
}  // namespace detail

/// One frame of a message, looked at in place. Valid as long as the message lives unchanged.
class frame_view
{
public:
    constexpr frame_view() noexcept = default;
    constexpr frame_view(const std::byte* data, std::size_t size) noexcept
        : data_(data), size_(size)
    {
    }

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::string_view text() const noexcept
    {
        return {reinterpret_cast<const char*>(data_), size_};
    }
    [[nodiscard]] std::string string() const { return std::string(text()); }
    [[nodiscard]] const std::byte* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    friend bool operator==(frame_view a, frame_view b) noexcept { return a.text() == b.text(); }
    friend bool operator==(frame_view a, std::string_view b) noexcept { return a.text() == b; }

private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// One whole message: a sequence of frames, sent and received together or not at all.
///
/// A message copies like a value; large bodies are shared between the copies and never written
/// again once shared. The default-constructed message has no frame, and sending it is an error.
///
/// Thread safety: as an int; different objects may share bodies across threads.
/// libzmq:        zmq_msg_t and a loop over ZMQ_RCVMORE.
class FERRY_API message
{
public:
    /// Walks over the frames of a message in order; each step costs constant time.
    class iterator
    {
    public:
        using iterator_category = std::input_iterator_tag;
        using iterator_concept = std::forward_iterator_tag;
        using value_type = frame_view;
        using difference_type = std::ptrdiff_t;
        using pointer = const frame_view*;
        using reference = frame_view;

        iterator() noexcept = default;
        frame_view operator*() const noexcept { return current_; }
        const frame_view* operator->() const noexcept { return &current_; }
        iterator& operator++() noexcept
        {
            current_ = message_->frame_after(current_, ++index_);
            return *this;
        }
        iterator operator++(int) noexcept
        {
            iterator old = *this;
            ++*this;
            return old;
        }
        friend bool operator==(const iterator& a, const iterator& b) noexcept
        {
            return a.index_ == b.index_;
        }

    private:
        friend class message;
        iterator(const message& of, std::size_t index) noexcept
            : message_(&of), index_(index), current_(of[index])
        {
        }

        const message* message_ = nullptr;
        std::size_t index_ = 0;
        frame_view current_;
    };

    message() noexcept : kind_(kind::packed) { clear_tail(); }
    /// One frame, copied. Up to 50 octets lie inside the message, more cost one allocation.
    message(std::string_view body) : message(std::as_bytes(std::span(body))) {}
    message(const std::string& body) : message(std::string_view(body)) {}
    message(const char* body) : message(std::string_view(body)) {}
    explicit message(std::span<const std::byte> body) : kind_(kind::packed)
    {
        clear_tail();
        if (body.size() < packed_capacity)
            pack(body);
        else
            copy_to_shared(body);
    }

    /// Shares large bodies with `other`.
    message(const message& other) noexcept : peer_(other.peer_) { share(other); }
    message(message&& other) noexcept : peer_(std::move(other.peer_)) { take(other); }
    message& operator=(const message& other) noexcept { return *this = message(other); }
    message& operator=(message&& other) noexcept
    {
        if (this != &other)
        {
            release();
            take(other);
            peer_ = std::move(other.peer_);
        }
        return *this;
    }
    ~message() { release(); }

    /// One frame per argument, copied: `message::of("id", "", body)`.
    template <class... Parts>
    [[nodiscard]] static message of(const Parts&... parts)
    {
        message m;
        (m.append(parts), ...);
        return m;
    }

    /// One frame of `size` octets, uninitialised; fill it through mutable_bytes().
    [[nodiscard]] static message allocate(std::size_t size);

    /// One frame over memory that the caller hands over. `deleter(data, size)` is called exactly
    /// once, from any thread, when the last message sharing the frame is gone. It must not throw.
    /// Errors: std::bad_alloc; the memory is the caller's then, and `deleter` was not called.
    template <class Deleter>
    [[nodiscard]] static message adopt(std::span<std::byte> memory, Deleter deleter);
    /// One frame that takes the container over without a copy of its octets; up to 50 octets are
    /// copied all the same, for that is cheaper. The container is left empty.
    [[nodiscard]] static message adopt(std::string&& text);
    [[nodiscard]] static message adopt(std::vector<std::byte>&& octets);

    /// Number of frames.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return kind_ != kind::list ? count_ : list_size();
    }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// Sum of the frames' sizes, in octets.
    [[nodiscard]] std::size_t size_octets() const noexcept;

    /// Frame `i`; an empty view past the end.
    [[nodiscard]] frame_view operator[](std::size_t i) const noexcept
    {
        if (i >= count_)  // of a list always
            return frame_in_list(i);
        if (kind_ == kind::packed && i == 0)
            return {storage_ + 1, std::to_integer<std::size_t>(storage_[0])};
        return frame_in_place(i);
    }
    /// Frame `i`. Errors: std::out_of_range.
    [[nodiscard]] frame_view at(std::size_t i) const;
    [[nodiscard]] frame_view front() const noexcept { return (*this)[0]; }
    [[nodiscard]] frame_view back() const noexcept { return (*this)[size() - 1]; }

    [[nodiscard]] iterator begin() const noexcept;
    [[nodiscard]] iterator end() const noexcept;

    /// Octets of the only frame, writable; copied first when shared. Empty for a message that has
    /// not exactly one frame.
    [[nodiscard]] std::span<std::byte> mutable_bytes();

    /// Adds a frame at the end, copied.
    message& append(std::string_view body);
    message& append(std::span<const std::byte> body);
    message& append(frame_view frame) { return append(frame.bytes()); }
    message& append(const char* body) { return append(std::string_view(body)); }
    message& append(const std::string& body) { return append(std::string_view(body)); }
    /// Adds all frames of `other` at the end; large bodies are shared, not copied.
    message& append(const message& other);
    message& append(message&& other);
    /// Adds a frame at the front, copied.
    message& prepend(std::string_view body);
    message& prepend(std::span<const std::byte> body);
    message& prepend(frame_view frame) { return prepend(frame.bytes()); }
    message& prepend(const char* body) { return prepend(std::string_view(body)); }
    message& prepend(const std::string& body) { return prepend(std::string_view(body)); }
    /// Adds all frames of `other` at the front; large bodies are shared, not copied.
    message& prepend(const message& other);
    message& prepend(message&& other);

    /// Frames `first` to `first + count`, clamped to what is there; large bodies are shared. The
    /// result is of the same peer.
    [[nodiscard]] message slice(std::size_t first, std::size_t count = std::size_t(-1)) const;
    /// Removes the first `count` frames, or all there are, and returns them.
    message pop_front(std::size_t count = 1);
    /// As default-constructed: no frame, and of no peer.
    void clear() noexcept
    {
        release();
        forget_frames();
        role_ = 0;
        peer_ = peer_handle();
    }

    /// A property of the peer that this message was received from; empty when there is none.
    /// libzmq: zmq_msg_gets.
    [[nodiscard]] std::string_view property(std::string_view name) const noexcept;
    /// All properties of that peer; empty for a message that was not received.
    [[nodiscard]] const peer_handle& peer() const noexcept { return peer_; }

    /// Same frames, octet by octet.
    FERRY_API friend bool operator==(const message& a, const message& b) noexcept;
    /// For people to read: printable ASCII in quotes, other frames in hex, all shortened, as in
    /// ["hello", 00 01 ff, "a long text"... 1000 octets]. Past eight frames it ends with their
    /// number: "... 12 frames]".
    FERRY_API friend std::ostream& operator<<(std::ostream& out, const message& m);

private:
    friend struct detail::message_access;

    // packed: `used_` octets of storage_ hold `count_` frames, each one length octet and its body.
    // shared: one frame, count_ is 1; storage_ holds a pointer to a reference-counted body, and
    //         the frame's data and size.
    // list:   two frames or more, count_ is 0; storage_ holds a pointer to a reference-counted
    //         vector of frames (copy on write).
    enum class kind : std::uint8_t
    {
        packed,
        shared,
        list,
    };
    static constexpr std::size_t packed_capacity = 51;

    struct builder;  // of message.cpp

    static message adopt(void* data, std::size_t size, detail::body_deleter deleter, void* state);

    // Adds a frame where there is room for it behind the others.
    void pack(std::span<const std::byte> body) noexcept
    {
        storage_[used_] = static_cast<std::byte>(body.size());
        if (!body.empty())
            std::memcpy(storage_ + used_ + 1, body.data(), body.size());
        used_ = static_cast<std::uint8_t>(used_ + 1 + body.size());
        ++count_;
    }
    void copy_to_shared(std::span<const std::byte> body);

    // Becomes what `other` is, except for the peer.
    void copy_fields(const message& other) noexcept
    {
        // Not in one piece: its moves would overlap, and the processor waits for a store before it
        // loads what two of them wrote.
        std::memcpy(storage_, other.storage_, 48);
        std::memcpy(storage_ + 48, other.storage_ + 48, 2);
        storage_[50] = other.storage_[50];
        kind_ = other.kind_;
        count_ = other.count_;
        used_ = other.used_;
        role_ = other.role_;
        generation_ = other.generation_;
    }
    // Compilers complain of copying single octets that nobody wrote.
    void clear_tail() noexcept { std::memset(storage_ + 48, 0, packed_capacity - 48); }
    void share(const message& other) noexcept
    {
        copy_fields(other);
        if (kind_ != kind::packed)
            retain_storage();
    }
    // Takes everything of `other` except the peer, and leaves it without frames.
    void take(message& other) noexcept
    {
        copy_fields(other);
        other.forget_frames();
        other.role_ = 0;
    }
    void forget_frames() noexcept
    {
        kind_ = kind::packed;
        count_ = 0;
        used_ = 0;
    }
    void retain_storage() const noexcept;
    void release() noexcept
    {
        if (kind_ != kind::packed)
            release_storage();
    }
    void release_storage() noexcept;

    [[nodiscard]] std::size_t list_size() const noexcept;
    [[nodiscard]] frame_view frame_in_list(std::size_t i) const noexcept;
    [[nodiscard]] frame_view frame_in_place(std::size_t i) const noexcept;
    [[nodiscard]] frame_view frame_after(frame_view current, std::size_t i) const noexcept;

    alignas(8) std::byte storage_[packed_capacity];
    kind kind_;
    std::uint8_t count_ = 0;
    std::uint8_t used_ = 0;
    std::uint8_t role_ = 0;        // detail::message_role: data, or a subscription on its way
    std::uint8_t generation_ = 0;  // of the connection a subscription record was written for
    peer_handle peer_;
};

static_assert(sizeof(message) == 64);

inline message::iterator message::begin() const noexcept
{
    return {*this, 0};
}

inline message::iterator message::end() const noexcept
{
    return {*this, size()};
}

template <class Deleter>
message message::adopt(std::span<std::byte> memory, Deleter deleter)
{
    auto state = std::make_unique<Deleter>(std::move(deleter));
    message m = adopt(
        memory.data(), memory.size(),
        [](void* data, std::size_t size, void* owned) noexcept {
            const std::unique_ptr<Deleter> call(static_cast<Deleter*>(owned));
            (*call)(data, size);
        },
        state.get());
    (void)state.release();
    return m;
}

}  // namespace ferry
