// Prints how long the small steps of a message's way take: all groups, or those named.
// For instructions.py: --built-with, --list, and --only NAME --operations N, which does just that.
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>
#include <system_error>

#include "bench/micro/benchmarks.hpp"
#include "bench/micro/counted.hpp"

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

std::optional<std::size_t> number_in(std::string_view text)
{
    std::size_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
        return {};
    return number;
}

int run_counted(std::string_view name, std::string_view operations)
{
    const auto count = number_in(operations);
    for (const bench::micro::counted_work& each : bench::micro::all_counted_work())
        if (each.name == name && count)
        {
            each.run(*count);
            return 0;
        }
    std::fprintf(stderr, "ferry_bench_micro: no such work, or not a number\n");
    return 2;
}

// Empty: these are no such arguments.
std::optional<int> answer_instruments(int argc, char** argv)
{
    const std::string_view first = argc > 1 ? argv[1] : "";
    if (argc == 5 && first == "--only" && std::string_view(argv[3]) == "--operations")
        return run_counted(argv[2], argv[4]);
    if (argc == 2 && first == "--list")
    {
        for (const bench::micro::counted_work& each : bench::micro::all_counted_work())
            std::printf("%.*s\n", static_cast<int>(each.name.size()), each.name.data());
        return 0;
    }
    if (argc == 2 && first == "--built-with")
    {
        std::printf("%s\n", bench::micro::built_with().c_str());
        return 0;
    }
    return {};
}

}  // namespace

int main(int argc, char** argv)
{
    if (const std::optional<int> status = answer_instruments(argc, argv))
        return *status;
    for (const group& each : groups)
        if (is_wanted(each.name, argc, argv))
        {
            std::printf("--- %.*s\n", static_cast<int>(each.name.size()), each.name.data());
            each.run();
        }
}
