// What one end has to say about a measurement, and its one line of JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/support/arguments.hpp"
#include "bench/support/latency.hpp"
#include "bench/support/measurement.hpp"

namespace bench
{

struct report
{
    std::uint64_t messages = 0;  ///< delivered here, or sent from here, after the warm-up
    time_span time;
    usage spent;
    std::optional<bench::latency> latency{};
    std::optional<std::int64_t> memory_octets{};  ///< by which the process has grown
};

/// One JSON object without a line end.
[[nodiscard]] std::string to_json(
    const report& r, const arguments& a, const std::string& library, const std::string& version);

}  // namespace bench
