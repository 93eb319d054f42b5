// How long a call may still wait.
#pragma once

#include <algorithm>
#include <chrono>

#include <ferry/options.hpp>

namespace ferry::c_api
{

/// Until a point in time; for ever if the timeout, in milliseconds, is negative.
class patience
{
public:
    explicit patience(long timeout)
        : is_endless_(timeout < 0), limit_(clock::now() + milliseconds(std::min(timeout, longest)))
    {
    }
    /// Rounded up; 0 when it is over.
    [[nodiscard]] std::chrono::milliseconds left() const
    {
        if (is_endless_)
            return forever;
        const auto rest = std::chrono::ceil<milliseconds>(limit_ - clock::now());
        return std::max(rest, milliseconds(0));
    }

private:
    using clock = std::chrono::steady_clock;
    using milliseconds = std::chrono::milliseconds;
    static constexpr long longest = 1000L * 60 * 60 * 24 * 365;

    bool is_endless_;
    clock::time_point limit_;
};

}  // namespace ferry::c_api
