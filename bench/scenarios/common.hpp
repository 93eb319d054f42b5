// What the scenarios share. Each is written once, over a library.
//
// A library is a struct with `name`, `version()`, and two classes:
//   context  from arguments; finish() waits until all that was sent has been delivered
//   socket   from a context, a socket_kind and arguments; bind(endpoint) returns the one really
//            bound, connect(endpoint), wait_for_subscribers(n), send(body), receive() returns the
//            size of a body, echo() receives one message and sends it back, close()
#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/support/arguments.hpp"
#include "bench/support/measurement.hpp"
#include "bench/support/report.hpp"

namespace bench
{

inline std::vector<std::byte> body_of(std::size_t size)
{
    return std::vector<std::byte>(size, std::byte{0x5a});
}

/// A rate of anything but the whole messages asked for would be no result.
inline void check_size(std::uint64_t octets, std::uint64_t expected)
{
    if (octets != expected)
    {
        throw std::runtime_error("received " + std::to_string(octets) + " octets instead of " +
            std::to_string(expected));
    }
}

/// Makes `count` messages out of one body, each time by a copy, sends them, and closes the socket.
template <class Socket>
void send_many(Socket& socket, std::uint64_t count, std::size_t size)
{
    const auto body = body_of(size);
    for (std::uint64_t i = 0; i < count; ++i)
        socket.send(body);
    socket.close();
}

/// Calls `work(0)` here and `work(1)` to `work(count - 1)` in threads of their own, to the end.
template <class Work>
void in_parallel(std::size_t count, const Work& work)
{
    std::vector<std::future<void>> others;
    for (std::size_t i = 1; i < count; ++i)
        others.push_back(std::async(std::launch::async, work, i));
    work(0);
    for (auto& other : others)
        other.get();
}

}  // namespace bench
