// The command line that the three programs share: what to measure, in which role, how often.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench
{

enum class pattern
{
    push_pull,
    push_spread,
    req_rep,
    dealer_router,
    pub_sub,
    subscriptions,
    trickle,
    idle,
};

/// Which end this process is.
enum class role
{
    binding,     ///< the first role of each pattern
    connecting,  ///< the second
    both,        ///< two threads of one process with one context
};

enum class socket_kind
{
    push,
    pull,
    req,
    rep,
    dealer,
    router,
    pub,
    sub,
};

/// Of a listener to which very many connect at a time; the default of both libraries is 100.
constexpr int connection_backlog = 4096;

struct arguments
{
    bench::pattern pattern{};
    bench::role role{};
    std::string role_name;
    std::string endpoint;
    std::size_t size = 64;          ///< octets in a message's body
    std::uint64_t count = 100'000;  ///< messages or round trips after the warm-up
    std::size_t peers = 1;          ///< that the binding end has, in all connecting processes
    std::size_t processes = 1;      ///< connecting ones
    std::size_t index = 0;          ///< of this connecting process
    std::size_t window = 1'000;     ///< requests that DEALER keeps in flight
    std::size_t topics = 100'000;   ///< subscriptions of all subscribers together
    unsigned busy_poll = 0;         ///< microseconds that a blocked call of Ferry polls
    unsigned loops = 1;             ///< of the program's own, each with a thread (coroutines)
    bool tuned = false;             ///< the settings of `tuning` instead of the defaults
    bool hold = false;              ///< connect, print READY, and start at a line of input
    unsigned deadline = 120;        ///< seconds until the process gives itself up
    bool counts_peers = false;      ///< the scenario will wait for peers; not on the command line
};

/// What --tuned sets, the same for each library.
struct tuning
{
    int io_threads = 2;
    int buffer_octets = 1 << 20;
    int high_water_mark = 0;  ///< messages

    /// Waiting messages of `size` octets may occupy up to 256 MiB, but the mark is never below
    /// 1,000, the default of both libraries, nor above 100,000.
    [[nodiscard]] static tuning for_size(std::size_t size) noexcept;
};

/// Reads the command line. Prints the help or what is wrong and ends the process, where asked to.
[[nodiscard]] arguments parse_arguments(int argc, char** argv, const std::string& library);

[[nodiscard]] const char* to_string(pattern p) noexcept;

}  // namespace bench
