// What a connection costs while nothing is sent: memory, and the time until it stands.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>

#include <sys/resource.h>

#include "bench/scenarios/common.hpp"
#include "bench/support/memory.hpp"

namespace bench
{

/// The server, a PULL, binds; the client, one PUSH, connects to it `peers` times. Each reports by
/// how much its process has grown once all handshakes are done, and the client how long they took.
/// One message at the end lets the server go.
struct idle
{
    static constexpr socket_kind binding_kind = socket_kind::pull;
    static constexpr bool binder_reports = false;
    static constexpr bool counts_peers = true;

    static void prepare(const arguments& a)
    {
        constexpr rlim_t others = 100;  // descriptors that are no connections
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        if (limit.rlim_cur < a.peers + others)
        {
            throw std::runtime_error("needs " + std::to_string(a.peers + others) +
                " descriptors, and may have " + std::to_string(limit.rlim_cur));
        }
    }

    template <class Library>
    static report binding(
        typename Library::context&, typename Library::socket& socket, const arguments& a)
    {
        const auto before = resident_octets();
        const measurement run;
        socket.wait_for_peers(a.peers);
        report result{a.peers, run.span(), run.spent()};
        result.memory_octets = memory_in_use() - before;
        socket.receive();
        return result;
    }

    template <class Library>
    static report connecting(typename Library::context& context, const arguments& a)
    {
        typename Library::socket socket(context, socket_kind::push, a);
        const auto before = resident_octets();
        const measurement run;
        for (std::size_t i = 0; i < a.peers; ++i)
            socket.connect(a.endpoint);
        socket.wait_for_peers(a.peers);
        report result{a.peers, run.span(), run.spent()};
        result.memory_octets = memory_in_use() - before;
        socket.send(body_of(a.size));
        socket.flush();
        return result;
    }

private:
    // What handshakes needed for a moment has been given back by then.
    static std::int64_t memory_in_use()
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        return resident_octets();
    }
};

}  // namespace bench
