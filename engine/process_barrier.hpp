// A memory barrier on all of the process's threads at once, paid for by the one that asks.
#pragma once

namespace ferry::detail
{

/// Whether the system has it. Where not, locks are not biased.
[[nodiscard]] bool has_process_barrier() noexcept;

/// When it returns, every thread of the process has passed a full memory barrier since the call.
/// Some microseconds. Linux: membarrier(2).
void process_barrier() noexcept;

}  // namespace ferry::detail
