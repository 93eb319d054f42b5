// Prints how long the small steps of a message's way take: all groups, or those named.
#include <cstdio>
#include <string_view>

#include "bench/micro/benchmarks.hpp"

namespace
{

struct group
{
    std::string_view name;
    void (*run)();
};

constexpr group groups[] = {
    {"message", bench::micro::measure_message},
    {"codec", bench::micro::measure_codec},
    {"queue", bench::micro::measure_queue},
    {"trie", bench::micro::measure_trie},
};

bool is_wanted(std::string_view name, int argc, char** argv)
{
    for (int i = 1; i < argc; ++i)
        if (argv[i] == name)
            return true;
    return argc == 1;
}

}  // namespace

int main(int argc, char** argv)
{
    for (const group& each : groups)
        if (is_wanted(each.name, argc, argv))
        {
            std::printf("--- %.*s\n", static_cast<int>(each.name.size()), each.name.data());
            each.run();
        }
}
