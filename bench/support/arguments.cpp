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

struct role_entry
{
    bench::pattern pattern;
    std::string_view name;
    bench::role role;
};

constexpr std::array roles{
    role_entry{pattern::push_pull, "receiver", role::binding},
    role_entry{pattern::push_pull, "sender", role::connecting},
    role_entry{pattern::push_pull, "both", role::both},
    role_entry{pattern::req_rep, "server", role::binding},
    role_entry{pattern::req_rep, "client", role::connecting},
    role_entry{pattern::req_rep, "both", role::both},
    role_entry{pattern::pub_sub, "publisher", role::binding},
    role_entry{pattern::pub_sub, "subscriber", role::connecting},
    role_entry{pattern::pub_sub, "both", role::both},
};

const std::map<std::string, pattern> patterns{
    {"push_pull", pattern::push_pull},
    {"req_rep", pattern::req_rep},
    {"pub_sub", pattern::pub_sub},
};

void set_role(arguments& a)
{
    const auto* const found = std::find_if(roles.begin(), roles.end(),
        [&a](const role_entry& e) { return e.pattern == a.pattern && e.name == a.role_name; });
    if (found == roles.end())
        throw CLI::ValidationError("role", "'" + a.role_name + "' has no part in this pattern");
    a.role = found->role;
}

void describe(CLI::App& app, arguments& a)
{
    app.add_option("pattern", a.pattern, "push_pull, req_rep or pub_sub")
        ->required()
        ->transform(CLI::CheckedTransformer(patterns));
    app.add_option("role", a.role_name,
           "receiver or sender, server or client, publisher or subscriber; or both: two threads")
        ->required();
    app.add_option("endpoint", a.endpoint,
           "the first role of each pair binds here, as tcp://127.0.0.1:*, and prints READY and "
           "the endpoint; the second connects to that")
        ->required();
    app.add_option("--size", a.size, "octets in a message")->capture_default_str();
    app.add_option("--count", a.count, "messages or round trips after the warm-up")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--peers", a.peers, "subscribers (each receives --count), or senders (in all)")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_flag("--tuned", a.tuned, "two I/O threads, larger buffers, higher high-water marks");
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
    switch (p)
    {
    case pattern::push_pull: return "push_pull";
    case pattern::req_rep: return "req_rep";
    case pattern::pub_sub: return "pub_sub";
    }
    return "";
}

}  // namespace bench
