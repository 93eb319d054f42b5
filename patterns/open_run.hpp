// What a pipe's writer knows of the run of encoded messages that it lets grow.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ferry/detail/encoded_run.hpp>

namespace ferry::patterns
{

/// The last slot of the queue, if it is a run and the next message may join it. The reader leaves
/// that slot where it is until it sees another one behind it, or the writer was told to stop.
struct open_run
{
    message* slot = nullptr;  ///< null: the next message begins a run
    const std::byte* begin = nullptr;
    const std::byte* end = nullptr;
    std::uint32_t messages = 0;
    std::size_t untold = 0;  ///< messages since the reader was told to look
    detail::run_encoder encoder;
};

}  // namespace ferry::patterns
