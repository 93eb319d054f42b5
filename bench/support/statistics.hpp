// Percentiles of a set of samples.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench
{

/// The smallest sample that at least `percent` of all samples do not exceed (nearest rank); 0 when
/// there is none. Reorders the samples.
[[nodiscard]] inline std::uint64_t percentile(std::vector<std::uint64_t>& samples, double percent)
{
    if (samples.empty())
        return 0;
    const auto rank = std::ceil(percent / 100.0 * static_cast<double>(samples.size()));
    const auto index = std::clamp<std::ptrdiff_t>(
        static_cast<std::ptrdiff_t>(rank) - 1, 0, static_cast<std::ptrdiff_t>(samples.size()) - 1);
    const auto place = samples.begin() + index;
    std::nth_element(samples.begin(), place, samples.end());
    return *place;
}

}  // namespace bench
