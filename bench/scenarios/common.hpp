// What the scenarios share. Each is written once, over a library.
//
// A library is a struct with `name`, `version()`, and two classes:
//   context  from arguments
//   socket   from a context, a socket_kind and arguments:
//            bind(endpoint) returns the one really bound; connect(endpoint)
//            subscribe(topic)
//            send(body); receive() returns the size of a body; echo() receives one message and
//            sends it back; receive_into(room) copies the start of a body too
//            flush() lets nothing wait for more to send with it
//            end_after(silence): receive_or_end() answers nothing once nothing came for so long
//            wait_for_subscribers(n), wait_for_topics(topics), and, where the scenario
//            counts_peers, wait_for_peers(n)
#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <iostream>
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

/// Makes `count` messages out of one body, each time by a copy, and sends them.
template <class Socket>
void send_many(Socket& socket, std::uint64_t count, std::size_t size)
{
    const auto body = body_of(size);
    for (std::uint64_t i = 0; i < count; ++i)
        socket.send(body);
    socket.flush();
}

/// How much of `all` falls to this connecting process; the first ones take the rest.
inline std::uint64_t share_of(std::uint64_t all, const arguments& a)
{
    return all / a.processes + (a.index < all % a.processes ? 1 : 0);
}

/// Says what endpoint, or nothing, is ready.
inline void announce(const std::string& endpoint = {})
{
    std::cout << "READY " << endpoint << std::endl;
}

inline void wait_for_input()
{
    std::string line;
    std::getline(std::cin, line);
}

/// Keeps a connected end from starting before all others are connected, if it is told to.
inline void hold_if_asked(const arguments& a)
{
    if (!a.hold)
        return;
    announce();
    wait_for_input();
}

/// After the last message was sent: stays connected until whoever runs this process says, by a line
/// of input, that all has arrived. A library might lose what the other end is slow to take.
inline void wait_for_arrival(const arguments& a)
{
    if (a.role != role::both)
        wait_for_input();
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
