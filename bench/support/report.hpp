// What one end has to say about a measurement, and its one line of JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/support/arguments.hpp"
#include "bench/support/measurement.hpp"

namespace bench
{

/// Of one round trip, in microseconds.
struct latency
{
    double p50 = 0;
    double p99 = 0;
    double mean = 0;
    double max = 0;
};

struct report
{
    std::uint64_t messages = 0;  ///< delivered here, or sent from here, after the warm-up
    double seconds = 0;
    usage spent;
    std::optional<bench::latency> latency{};
};

/// One JSON object without a line end.
[[nodiscard]] std::string to_json(
    const report& r, const arguments& a, const std::string& library, const std::string& version);

}  // namespace bench
