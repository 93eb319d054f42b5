// What many samples of a time come to.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "bench/support/statistics.hpp"

namespace bench
{

/// Of one round trip, in microseconds.
struct latency
{
    double p50 = 0;
    double p99 = 0;
    double p999 = 0;  ///< the 99.9th percentile
    double mean = 0;
    double max = 0;
};

/// Reorders the samples, of which there is at least one.
[[nodiscard]] inline latency latency_of(std::vector<std::uint64_t>& nanoseconds)
{
    const auto microseconds = [](auto n) { return static_cast<double>(n) / 1'000.0; };
    const auto sum = std::accumulate(nanoseconds.begin(), nanoseconds.end(), std::uint64_t{0});
    return {microseconds(percentile(nanoseconds, 50)), microseconds(percentile(nanoseconds, 99)),
        microseconds(percentile(nanoseconds, 99.9)),
        microseconds(sum) / static_cast<double>(nanoseconds.size()),
        microseconds(percentile(nanoseconds, 100))};
}

}  // namespace bench
