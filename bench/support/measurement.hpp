// Clock and CPU time from one point of a run to another.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <sys/resource.h>

namespace bench
{

using clock = std::chrono::steady_clock;

/// From the first message that counts to the last. The clock is the machine's, so that what several
/// processes report can be put together.
struct time_span
{
    clock::time_point first{};
    clock::time_point last{};

    [[nodiscard]] double seconds() const noexcept
    {
        return std::chrono::duration<double>(last - first).count();
    }
    [[nodiscard]] time_span with(const time_span& other) const noexcept
    {
        return {std::min(first, other.first), std::max(last, other.last)};
    }
};

/// What the process has used so far, all its threads together.
struct usage
{
    double cpu_seconds = 0;
    std::int64_t voluntary_switches = 0;
    std::int64_t involuntary_switches = 0;

    [[nodiscard]] static usage now() noexcept
    {
        rusage r{};
        ::getrusage(RUSAGE_SELF, &r);
        const auto seconds = [](const timeval& t) {
            return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
        };
        return {seconds(r.ru_utime) + seconds(r.ru_stime), r.ru_nvcsw, r.ru_nivcsw};
    }

    [[nodiscard]] usage operator-(const usage& earlier) const noexcept
    {
        return {cpu_seconds - earlier.cpu_seconds, voluntary_switches - earlier.voluntary_switches,
            involuntary_switches - earlier.involuntary_switches};
    }
};

/// Runs from its construction on.
class measurement
{
public:
    [[nodiscard]] time_span span() const noexcept { return {start_, clock::now()}; }
    [[nodiscard]] usage spent() const noexcept { return usage::now() - usage_at_start_; }

private:
    usage usage_at_start_ = usage::now();
    clock::time_point start_ = clock::now();
};

}  // namespace bench
