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
#include <ferry/detail/octet_words.hpp>
#include <ferry/peer_properties.hpp>

namespace ferry
{

class message;

namespace detail
{
struct message_access;  // the rooms' door to what users need not see
struct encoded_run;
struct received_run;
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
        iterator(const message& of, std::size_t index, frame_view current) noexcept
            : message_(&of), index_(index), current_(current)
        {
        }

        const message* message_ = nullptr;
        std::size_t index_ = 0;
        frame_view current_;
    };

    message() noexcept { forget_frames(); }
    /// One frame, copied. Up to 50 octets lie inside the message, more cost one allocation.
    message(std::string_view body) : message(std::as_bytes(std::span(body))) {}
    message(const std::string& body) : message(std::string_view(body)) {}
    message(const char* body) : message(std::string_view(body)) {}
    explicit message(std::span<const std::byte> body) { begin_with(body); }

    /// Shares large bodies with `other`.
    message(const message& other) noexcept : peer_(other.peer_) { share(other); }
    message(message&& other) noexcept { take(other); }
    message& operator=(const message& other) noexcept { return *this = message(other); }
    message& operator=(message&& other) noexcept
    {
        if (this != &other)
        {
            drop();
            take(other);
        }
        return *this;
    }
    ~message() { drop(); }

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
        return keeps() != kind::list ? field(at_count) : list_size();
    }
    [[nodiscard]] bool empty() const noexcept
    {
        return keeps() != kind::list && field(at_count) == 0;
    }
    /// Sum of the frames' sizes, in octets.
    [[nodiscard]] std::size_t size_octets() const noexcept;

    /// Frame `i`; an empty view past the end.
    [[nodiscard]] frame_view operator[](std::size_t i) const noexcept
    {
        const std::size_t count = field(at_count);  // none of a list
        if (i >= count)
            return frame_in_list(i);
        if (keeps() == kind::shared && i + 1 == count)
            return shared_view();
        return i == 0 ? small_view(small_frames()) : small_frame(i);
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
        drop();
        forget_frames();
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
    friend struct detail::encoded_run;
    friend struct detail::received_run;

    // packed: `used` octets in place hold `count` frames, each one length octet and its body.
    // shared: the last frame is in a reference-counted body; a pointer to that and the frame's data
    //         and size are in place, and behind these `used` octets that hold the `count` - 1 frames
    //         before it as above.
    // list:   two frames or more, `count` is 0; a pointer to a reference-counted vector of frames
    //         (copy on write) is in place.
    enum class kind : std::uint8_t
    {
        packed,
        shared,
        list,
    };
    static constexpr std::size_t packed_capacity = 51;
    static constexpr std::size_t prefix_offset = 24;  // of the frames before a shared one
    static constexpr std::size_t prefix_capacity = packed_capacity - prefix_offset;

    // The octets in place end with small fields, which share a word with the last three of the
    // packed ones. What makes, moves or takes a message writes whole words only: a processor that
    // loads a word soon after it was written in pieces has to wait.
    static constexpr std::size_t at_used = 51;
    static constexpr std::size_t at_kind = 52;
    static constexpr std::size_t at_count = 53;
    static constexpr std::size_t at_role = 54;        // detail::message_role
    static constexpr std::size_t at_generation = 55;  // of a subscription's connection
    static constexpr std::size_t last_word = 48;

    struct builder;  // of message.cpp

    static message adopt(void* data, std::size_t size, detail::body_deleter deleter, void* state);

    [[nodiscard]] std::uint8_t field(std::size_t at) const noexcept
    {
        return std::to_integer<std::uint8_t>(octets_[at]);
    }
    void set_field(std::size_t at, std::size_t value) noexcept
    {
        octets_[at] = static_cast<std::byte>(value);
    }
    [[nodiscard]] kind keeps() const noexcept { return static_cast<kind>(field(at_kind)); }
    // Of a message of role 0. `tail` are the last packed octets, in their places.
    void set_fields(
        kind keeps, std::size_t count, std::size_t used, std::uint64_t tail = 0) noexcept
    {
        using detail::octet_in_word;
        detail::store_word(octets_ + last_word,
            tail | octet_in_word(at_used - last_word, used) |
                octet_in_word(at_kind - last_word, static_cast<std::size_t>(keeps)) |
                octet_in_word(at_count - last_word, count));
    }

    // One frame for a message that has none, nor a peer; nothing of it needs to be written before.
    void begin_with(std::span<const std::byte> body);
    // Adds a frame where there is room for it behind the others.
    void pack(std::span<const std::byte> body) noexcept;

    void share(const message& other) noexcept
    {
        detail::copy_words<last_word / 8 + 1>(octets_, other.octets_);
        if (keeps() != kind::packed)
            retain_storage();
    }
    // Of a message without frames and peer: becomes what `other` was, which is without them then. In
    // this order, so that a compiler knows that there is nothing to destroy of `other`.
    void take(message& other) noexcept
    {
        detail::copy_words<last_word / 8 + 1>(octets_, other.octets_);
        peer_.target_ = other.peer_.target_;
        other.peer_.target_ = nullptr;
        other.forget_frames();
    }
    void forget_frames() noexcept { std::memset(octets_ + last_word, 0, 8); }
    // Leaves no peer, and frames that are to be forgotten.
    void drop() noexcept
    {
        if (keeps() != kind::packed || peer_)
            drop_shared();
    }
    void drop_shared() noexcept;
    void retain_storage() const noexcept;
    void release_storage() noexcept;
    void release_frames() noexcept
    {
        if (keeps() != kind::packed)
            release_storage();
    }

    [[nodiscard]] static frame_view small_view(const std::byte* at) noexcept
    {
        return {at + 1, std::to_integer<std::size_t>(*at)};
    }
    [[nodiscard]] const std::byte* small_frames() const noexcept
    {
        return octets_ + (keeps() == kind::shared ? prefix_offset : 0);
    }
    [[nodiscard]] frame_view shared_view() const noexcept
    {
        const auto* data = static_cast<const std::byte*>(detail::load_pointer(octets_ + 8));
        return {data, static_cast<std::size_t>(detail::load_word(octets_ + 16))};
    }
    [[nodiscard]] frame_view small_frame(std::size_t i) const noexcept;
    [[nodiscard]] std::size_t list_size() const noexcept;
    [[nodiscard]] frame_view frame_in_list(std::size_t i) const noexcept;
    // Frame `i`, known the one before it.
    [[nodiscard]] frame_view frame_after(frame_view before, std::size_t i) const noexcept
    {
        const std::size_t count = field(at_count);
        if (i >= count)
            return keeps() == kind::list ? frame_in_list(i) : frame_view();
        if (keeps() == kind::shared && i + 1 == count)
            return shared_view();
        return small_view(before.data() + before.size());
    }

    alignas(8) std::byte octets_[last_word + 8];
    peer_handle peer_;
};

static_assert(sizeof(message) == 64);

inline message::iterator message::begin() const noexcept
{
    return {*this, 0, front()};
}

inline message::iterator message::end() const noexcept
{
    return {*this, size(), {}};
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
