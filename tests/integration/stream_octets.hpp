// What the tests of STREAM share: its messages as notices and octets.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

#include "tests/integration/harness.hpp"

namespace ferry::test
{

inline constexpr const char* any_port = "tcp://127.0.0.1:*";

/// The next message is the one that tells of a connection. Returns the peer's id.
template <class Socket>
std::string take_notice(Socket& socket)
{
    const message m = take(socket);
    if (m.size() != 2 || !m[1].empty())
        throw std::runtime_error("not a notice");
    return m.front().string();
}

/// So many octets of one peer, in as many messages as they come.
template <class Socket>
std::string take_octets(Socket& socket, const std::string& id, std::size_t size)
{
    std::string all;
    while (all.size() < size)
    {
        const message m = take(socket);
        if (m.size() != 2 || m.front().text() != id || m.back().empty())
            throw std::runtime_error("not octets of that peer");
        all += m.back().text();
    }
    return all;
}

/// So many octets, among which one that is missing or out of place is noticed.
inline std::string pattern_of(std::size_t size)
{
    std::string octets(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        octets[i] = static_cast<char>((i * 31 + i / 257) & 255);
    return octets;
}

}  // namespace ferry::test
