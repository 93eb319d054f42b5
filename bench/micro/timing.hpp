// How long a small piece of work takes: the best of several rounds, in nanoseconds of the calling thread's
// CPU time per item. (A clock on the wall would measure the machine's other work, too.)
#pragma once

#include <ctime>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string_view>

namespace bench::micro
{

/// Keeps the compiler from working a value out in advance, or from not working it out at all.
template <class Value>
inline void keep(Value& value)
{
    asm volatile("" : : "r"(&value) : "memory");
}

inline double thread_nanoseconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// `work` does `items` items at a time.
template <class Work>
double nanoseconds_per_item(std::size_t items, Work&& work)
{
    constexpr int rounds = 9;
    constexpr double round_length = 10e6;
    const std::size_t calls_per_look = 1 + 4096 / items;
    double best = 1e18;
    for (int round = 0; round < rounds; ++round)
    {
        const double start = thread_nanoseconds();
        std::size_t calls = 0;
        double elapsed = 0;
        for (; elapsed < round_length; elapsed = thread_nanoseconds() - start)
            for (const std::size_t stop = calls + calls_per_look; calls < stop; ++calls)
                work();
        best = std::min(best, elapsed / static_cast<double>(calls * items));
    }
    return best;
}

inline void print_row(std::string_view what, std::size_t size, double nanoseconds)
{
    std::printf(
        "%-44.*s %7zu B %9.1f ns\n", static_cast<int>(what.size()), what.data(), size, nanoseconds);
    std::fflush(stdout);
}

}  // namespace bench::micro
