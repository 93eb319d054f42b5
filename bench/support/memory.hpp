// How much memory the process has in use.
#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

namespace bench
{

/// Pages in memory, program and libraries included. The system's own memory for sockets is not.
[[nodiscard]] inline std::int64_t resident_octets()
{
    std::ifstream statistics("/proc/self/statm");
    std::int64_t all = 0;
    std::int64_t resident = 0;
    if (!(statistics >> all >> resident))
        throw std::runtime_error("cannot read /proc/self/statm");
    return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace bench
