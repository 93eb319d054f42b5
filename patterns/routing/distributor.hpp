// Who gets a copy: all pipes that match, one copy each.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <ferry/detail/encoded_run.hpp>

#include "patterns/pattern.hpp"
#include "patterns/routing/pipe_array.hpp"

namespace ferry::patterns
{

/// A message is matched against pipes first, and then sent to those that matched. A pipe without
/// room misses it, and every further one until its reader has reached the low-water mark.
/// Unknown pipes are ignored.
class distributor
{
public:
    void attach(const std::shared_ptr<pipe_end>& pipe);
    void detach(pipe_end& pipe) noexcept;
    [[nodiscard]] bool contains(const pipe_end& pipe) const noexcept
    {
        return pipes_.contains(pipe);
    }

    /// Adds the pipe to those that match, once.
    void match(const pipe_end& pipe) noexcept;
    void match_all() noexcept { matching_ = pipes_.size(); }
    void match_none() noexcept { matching_ = 0; }
    /// Of those that match, this one only.
    void keep_only(const pipe_end& pipe) noexcept;
    /// Those that did not match do now, and the other way round.
    void invert() noexcept;
    [[nodiscard]] std::size_t matching() const noexcept { return matching_; }
    /// Whether no pipe that matches would miss a message now. All that would are asked to tell
    /// when they have room again.
    [[nodiscard]] bool all_have_room() const noexcept;
    /// Copies share large bodies; the last one is the message itself.
    void send(message&& m, effects& results);
    /// The same, of a message of one frame, of which only the octets are there; false, and nothing was
    /// sent, unless pipes that take encoded messages match.
    [[nodiscard]] bool send_octets(std::span<const std::byte> body, effects& results);

private:
    struct entry
    {
        std::shared_ptr<pipe_end> pipe;
    };
    void count_broadcasts() noexcept;
    [[nodiscard]] bool send_encoded(
        pipe_end& pipe, const message& m, detail::encoded_message& encoded, effects& results);
    static void send_unusually(pipe_end& pipe, message&& m, effects& results);

    // The first `matching_` pipes are those that match.
    pipe_array<entry, &pipe_end::routing_slots::distributor> pipes_;
    std::size_t matching_ = 0;

    static constexpr std::size_t broadcasts_in_a_row = 16;
    std::size_t broadcasts_ = 0;  // messages that matched all pipes, since one that did not
    detail::run_encoder encoder_;
};

}  // namespace ferry::patterns
