// The command line that the three programs share.
#include "bench/support/arguments.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <string_view>

#include <CLI/CLI.hpp>

namespace bench
{

namespace
{

struct pattern_entry
{
    bench::pattern pattern;
    const char* name;
    std::string_view binding_role;
    std::string_view connecting_role;
};

constexpr std::array patterns{
    pattern_entry{pattern::push_pull, "push_pull", "receiver", "sender"},
    pattern_entry{pattern::push_spread, "push_spread", "sender", "receiver"},
    pattern_entry{pattern::req_rep, "req_rep", "server", "client"},
    pattern_entry{pattern::dealer_router, "dealer_router", "server", "client"},
    pattern_entry{pattern::pub_sub, "pub_sub", "publisher", "subscriber"},
    pattern_entry{pattern::subscriptions, "subscriptions", "publisher", "subscriber"},
    pattern_entry{pattern::trickle, "trickle", "server", "client"},
    pattern_entry{pattern::idle, "idle", "server", "client"},
};

const pattern_entry& entry_of(pattern p)
{
    return *std::find_if(
        patterns.begin(), patterns.end(), [p](const auto& e) { return e.pattern == p; });
}

std::map<std::string, pattern> patterns_by_name()
{
    std::map<std::string, pattern> by_name;
    for (const auto& entry : patterns)
        by_name[entry.name] = entry.pattern;
    return by_name;
}

void set_role(arguments& a)
{
    const auto& entry = entry_of(a.pattern);
    if (a.role_name == entry.binding_role)
        a.role = role::binding;
    else if (a.role_name == entry.connecting_role)
        a.role = role::connecting;
    else if (a.role_name == "both" && a.pattern != pattern::trickle && a.pattern != pattern::idle)
        a.role = role::both;
    else
        throw CLI::ValidationError("role", "'" + a.role_name + "' has no part in this pattern");
}

void describe_amounts(CLI::App& app, arguments& a)
{
    app.add_option("--size", a.size, "octets in a message")->capture_default_str();
    app.add_option("--count", a.count, "messages or round trips after the warm-up")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--peers", a.peers, "subscribers, senders, receivers or connections, in all")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    app.add_option("--processes", a.processes, "over which the connecting ends are spread")
        ->check(CLI::Range(1, 1'000))
        ->capture_default_str();
    app.add_option("--index", a.index, "of this process among them")->capture_default_str();
    app.add_option("--window", a.window, "requests in flight (dealer_router)")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--topics", a.topics, "subscriptions of all subscribers (subscriptions)")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
}

void describe(CLI::App& app, arguments& a)
{
    app.add_option("pattern", a.pattern, "what to measure")
        ->required()
        ->transform(CLI::CheckedTransformer(patterns_by_name()));
    app.add_option("role", a.role_name,
           "receiver or sender, server or client, publisher or subscriber; or both: two threads")
        ->required();
    app.add_option("endpoint", a.endpoint,
           "one role of each pattern binds here, as tcp://127.0.0.1:*, and prints READY and the "
           "endpoint; the other connects to that")
        ->required();
    describe_amounts(app, a);
    app.add_option("--busy-poll", a.busy_poll, "microseconds a blocked call of Ferry polls");
    app.add_option("--loops", a.loops, "for coroutines: one loop for both ends, or one for each")
        ->check(CLI::Range(1, 2))
        ->capture_default_str();
    app.add_flag("--tuned", a.tuned, "two I/O threads, larger buffers, higher high-water marks");
    app.add_flag("--hold", a.hold, "connect, print READY, and start at a line of input");
    app.add_option("--deadline", a.deadline, "seconds until the process gives itself up")
        ->capture_default_str();
}

}  // namespace

tuning tuning::for_size(std::size_t size) noexcept
{
    constexpr std::size_t room_octets = std::size_t{256} << 20;
    tuning t;
    t.high_water_mark = static_cast<int>(
        std::clamp<std::size_t>(room_octets / std::max<std::size_t>(size, 1), 1'000, 100'000));
    return t;
}

arguments parse_arguments(int argc, char** argv, const std::string& library)
{
    arguments a;
    CLI::App app("One end of one measurement of " + library + "; the result is a line of JSON.");
    describe(app, a);
    try
    {
        app.parse(argc, argv);
        set_role(a);
    }
    catch (const CLI::ParseError& e)
    {
        std::exit(app.exit(e));
    }
    return a;
}

const char* to_string(pattern p) noexcept
{
    return entry_of(p).name;
}

}  // namespace bench
