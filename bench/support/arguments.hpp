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
    req_rep,
    pub_sub,
};

/// Which end this process is.
enum class role
{
    binding,     ///< receiver, server, publisher
    connecting,  ///< sender, client, subscriber
    both,        ///< two threads of one process with one context
};

enum class socket_kind
{
    push,
    pull,
    req,
    rep,
    pub,
    sub,
};

struct arguments
{
    bench::pattern pattern{};
    bench::role role{};
    std::string role_name;
    std::string endpoint;
    std::size_t size = 64;          ///< octets in a message's body
    std::uint64_t count = 100'000;  ///< messages or round trips after the warm-up
    std::size_t peers = 1;          ///< subscribers, or senders
    bool tuned = false;             ///< the settings of `tuning` instead of the defaults
    unsigned deadline = 120;        ///< seconds until the process gives itself up
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
