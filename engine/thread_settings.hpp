// How a background thread is called and scheduled.
#pragma once

#include <string>
#include <vector>

namespace ferry::detail
{

/// Meaning of the fields: ferry::context_options.
struct thread_settings
{
    std::string name{};  ///< the whole; empty: like the thread that made it
    int policy = -1;
    int priority = -1;
    std::vector<int> processors{};
};

/// Applies them to this thread; what the system refuses stays as it was.
void apply(const thread_settings& settings) noexcept;

}  // namespace ferry::detail
