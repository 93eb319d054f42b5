// What a raw connection has taken from its pipe and not written yet.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <ferry/message.hpp>

#include "patterns/pipe.hpp"

namespace ferry::detail
{

/// Messages of one frame, of which no octet matters but those of the frame. A batch is taken when
/// the last one is written, and not before, so that what is being written stays where it is.
class raw_output
{
public:
    struct batch
    {
        std::size_t messages = 0;
        std::size_t octets = 0;
    };

    /// All that was taken is written.
    [[nodiscard]] bool empty() const noexcept { return done_ == taken_.size(); }
    /// Messages of which something is not written.
    [[nodiscard]] std::size_t size() const noexcept { return taken_.size() - done_; }
    /// Where empty(): takes what the pipe holds, up to a budget.
    batch take_from(patterns::pipe_end& pipe, patterns::wake_list& wakes);
    /// What is to be written next, good until take_from() or written().
    [[nodiscard]] std::span<const std::span<const std::byte>> buffers() noexcept;
    void written(std::size_t octets) noexcept;

private:
    static constexpr std::size_t most_messages = 32;
    static constexpr std::size_t octet_budget = std::size_t{256} * 1024;

    std::vector<message> taken_;
    std::size_t done_ = 0;         // so many of them are written,
    std::size_t octets_done_ = 0;  // and so much of the next one
    std::array<std::span<const std::byte>, most_messages> buffers_;
};

}  // namespace ferry::detail
