// Messages that were encoded by who sent them: octets of ZMTP 2 and newer in shared memory, and queue slots that grow.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ferry/detail/message_access.hpp>
#include <ferry/message.hpp>

namespace ferry::detail
{

struct shared_body;

/// Where the octets of one message lie. Valid as long as its encoder, or a run, holds the chunk.
struct encoded_message
{
    shared_body* chunk = nullptr;  ///< null: it was not encoded
    const std::byte* begin = nullptr;
    const std::byte* end = nullptr;

    explicit operator bool() const noexcept { return chunk != nullptr; }
};

/// Encodes small messages one behind the other. A chunk is dropped when it is full, and lives as
/// long as runs refer to it.
class run_encoder
{
public:
    /// Frames up to this size are encoded here.
    static constexpr std::size_t largest_frame = 2048;

    run_encoder() noexcept = default;
    run_encoder(const run_encoder&) = delete;
    run_encoder& operator=(const run_encoder&) = delete;
    ~run_encoder() { forget(); }

    /// Nothing where there is no frame, where one is large, where destroying the message may run its user's code, or
    /// where there is no memory. `m` is left as it is.
    [[nodiscard]] encoded_message add(const message& m) noexcept;
    /// A message of one frame, of which only the octets are there.
    [[nodiscard]] encoded_message add(std::span<const std::byte> only) noexcept;
    /// The same octets once more, behind what this encoder made before.
    [[nodiscard]] encoded_message add(const encoded_message& m) noexcept;
    /// Keeps no memory.
    void forget() noexcept;

private:
    static constexpr std::size_t chunk_size = std::size_t{64} * 1024 - 64;

    [[nodiscard]] encoded_message add_frame(std::span<const std::byte> body) noexcept;
    [[nodiscard]] encoded_message add_unusual(const message& m) noexcept;
    [[nodiscard]] std::byte* room_for(std::size_t octets) noexcept;

    shared_body* chunk_ = nullptr;
    std::byte* at_ = nullptr;
    std::byte* end_ = nullptr;
};

/// A message of message_role::encoded: a run of messages, side by side in one chunk. In a queue
/// its writer may let the last one grow while its reader takes it away piece by piece.
struct encoded_run
{
    struct extent
    {
        std::uint32_t octets = 0;
        std::uint32_t messages = 0;
    };

    /// Makes a run of one message of `slot`, whatever that was.
    static void begin(message& slot, const encoded_message& first) noexcept;
    /// A run of this message.
    [[nodiscard]] static message of(const encoded_message& m) noexcept;
    /// The writer's: the run has this extent by now. The octets are there.
    static void extend(message& slot, extent all) noexcept
    {
        word(slot, at_extent).store(std::bit_cast<std::uint64_t>(all), std::memory_order_release);
    }
    /// The reader's: whether there is something to take.
    [[nodiscard]] static bool has_more(message& slot) noexcept
    {
        return word(slot, at_extent).load(std::memory_order_acquire) !=
            word(slot, at_taken).load(std::memory_order_relaxed);
    }
    /// The reader's: what there is by now and was not taken yet, as a run of its own that grows no
    /// more. Its only frame are the octets.
    [[nodiscard]] static message take(message& slot) noexcept;

    /// How many messages are in a run that grows no more.
    [[nodiscard]] static std::uint32_t messages(const message& run) noexcept
    {
        return extent_at(run, at_extent).messages - extent_at(run, at_taken).messages;
    }
    /// Calls visit(message&&) for each message in a run that grows no more.
    /// Errors: std::bad_alloc, and what `visit` throws.
    template <class Visit>
    static void for_each(const message& run, Visit visit)
    {
        for (std::span<const std::byte> rest = run.front().bytes(); !rest.empty();)
            visit(decode_first(rest));
    }

private:
    // Behind the body, its data and its size. See message::kind::shared.
    static constexpr std::size_t at_extent = message::prefix_offset;
    static constexpr std::size_t at_taken = at_extent + 8;

    friend class run_encoder;

    [[nodiscard]] static bool may_run_code_when_dropped(const message& m) noexcept;

    [[nodiscard]] static std::atomic_ref<std::uint64_t> word(message& m, std::size_t at) noexcept
    {
        return std::atomic_ref(*reinterpret_cast<std::uint64_t*>(m.octets_ + at));
    }
    [[nodiscard]] static extent extent_at(const message& m, std::size_t at) noexcept
    {
        return std::bit_cast<extent>(load_word(m.octets_ + at));
    }
    [[nodiscard]] static message decode_first(std::span<const std::byte>& rest);
};

}  // namespace ferry::detail
