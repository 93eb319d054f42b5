// Fan-out: one publisher, one or many subscribers that all receive everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "bench/scenarios/common.hpp"

namespace bench
{

/// The deliveries of several subscribers, each in a thread of its own, as one report: from the
/// first warm-up message to the last message of the last one. `work(i)` gives the time span of one.
template <class Work>
report subscribe_in_parallel(std::size_t count, std::uint64_t messages_each, const Work& work)
{
    std::vector<time_span> spans(count);
    const measurement run;
    in_parallel(count, [&work, &spans](std::size_t i) { spans[i] = work(i); });
    const usage spent = run.spent();
    const auto all = std::accumulate(spans.begin(), spans.end(), spans.front(),
        [](const time_span& x, const time_span& y) { return x.with(y); });
    return {messages_each * count, all, spent};
}

/// Receives one warm-up message and then `count` that count.
template <class Socket>
time_span count_messages(Socket& socket, std::uint64_t count, std::size_t size)
{
    check_size(socket.receive(), size);
    time_span span{clock::now(), {}};
    std::uint64_t octets = 0;
    for (std::uint64_t i = 0; i < count; ++i)
        octets += socket.receive();
    span.last = clock::now();
    check_size(octets, count * size);
    return span;
}

/// The publisher binds, waits for all subscribers and then waits rather than drops when one is
/// full, so that what arrives can be counted. The subscribers report.
struct pub_sub
{
    static constexpr socket_kind binding_kind = socket_kind::pub;
    static constexpr bool binder_reports = false;
    static constexpr bool counts_peers = false;

    template <class Library>
    static report binding(
        typename Library::context&, typename Library::socket& socket, const arguments& a)
    {
        socket.wait_for_subscribers(a.peers);
        const measurement run;
        send_many(socket, a.count + 1, a.size);
        wait_for_arrival(a);
        return {a.count, run.span(), run.spent()};
    }

    template <class Library>
    static report connecting(typename Library::context& context, const arguments& a)
    {
        return subscribe_in_parallel(share_of(a.peers, a), a.count, [&context, &a](std::size_t) {
            typename Library::socket socket(context, socket_kind::sub, a);
            socket.subscribe("");
            socket.connect(a.endpoint);
            return count_messages(socket, a.count, a.size);
        });
    }
};

}  // namespace bench
