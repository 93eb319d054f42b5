// One direction of a pipe: queue, room, and what both ends must know of each other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <ferry/message.hpp>

#include "patterns/credit.hpp"
#include "patterns/spsc_queue.hpp"

namespace ferry::patterns
{

class newest_only;

/// What a direction has carried, where that is counted: written by the writer, read by any thread.
struct pipe_count
{
    std::atomic<std::uint64_t> messages{0};
    std::atomic<std::uint64_t> octets{0};  ///< see detail::octets_in_frames
    std::atomic<std::size_t> most_unread{0};
    std::uint64_t known_read = 0;  ///< the writer's: so many were read when it last looked
};

/// Four cache lines: one that only the writer touches, one that only the reader touches, the
/// published position, and what changes so rarely that both hold a copy.
struct pipe_channel
{
    /// What is not as usual.
    enum mode : std::uint32_t
    {
        writer_closed = 1,
        reader_closed = 2,
        conflates = 4,
        watched = 8,           ///< the reader looks by itself
        encodes = 16,          ///< and takes runs of messages that the writer encoded,
        holds_runs = 32,       ///< of which some may lie in the queue, then and later
        counted = 64,          ///< what is written is counted
        holds_received = 128,  ///< runs of received messages were written
    };

    pipe_channel(std::size_t hwm, bool conflate, bool counts);
    pipe_channel(const pipe_channel&) = delete;
    pipe_channel& operator=(const pipe_channel&) = delete;
    ~pipe_channel();

    static constexpr std::size_t line = 64;

    struct alignas(line) writer_line
    {
        queue_writer<message> queue;
        credit_writer room;
    } writer;

    struct alignas(line) reader_line
    {
        explicit reader_line(std::size_t hwm) noexcept : room(hwm) {}
        queue_reader<message> queue;
        credit_reader room;
    } reader;

    alignas(line) queue_middle<message> between;

    alignas(line) std::atomic<std::uint32_t> modes;
    std::atomic<std::uint32_t> watch_batch{1};
    credit_account account;
    const std::unique_ptr<newest_only> newest;  // stands in for queue and room in a conflating pipe
    const std::unique_ptr<pipe_count> count;    // where it counts
};

static_assert(sizeof(pipe_channel) == 4 * pipe_channel::line);

}  // namespace ferry::patterns
