// Fan-out: one publisher, one or many subscribers that all receive everything.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/scenarios/common.hpp"

namespace bench
{

/// The publisher binds, waits for all subscribers and then waits rather than drops when one is
/// full, so that what arrives can be counted. The subscribers, one thread each, report: the
/// deliveries of all of them, from the first warm-up message to the last message of the last one.
struct pub_sub
{
    static constexpr socket_kind binding_kind = socket_kind::pub;
    static constexpr bool binder_reports = false;

    template <class Library>
    static report binding(
        typename Library::context& context, typename Library::socket& socket, const arguments& a)
    {
        socket.wait_for_subscribers(a.peers);
        const measurement run;
        send_many(socket, a.count + 1, a.size);
        if (a.role != role::both)
            context.finish();
        return {a.count, run.seconds(), run.spent()};
    }

    template <class Library>
    static report connecting(typename Library::context& context, const arguments& a)
    {
        std::vector<span> spans(a.peers);
        const measurement run;
        in_parallel(a.peers, [&context, &a, &spans](std::size_t peer) {
            spans[peer] = subscribe_and_count<Library>(context, a);
        });
        const usage spent = run.spent();

        const auto by_first = [](const span& x, const span& y) { return x.first < y.first; };
        const auto by_last = [](const span& x, const span& y) { return x.last < y.last; };
        const auto first = std::min_element(spans.begin(), spans.end(), by_first)->first;
        const auto last = std::max_element(spans.begin(), spans.end(), by_last)->last;
        return {a.count * a.peers, std::chrono::duration<double>(last - first).count(), spent};
    }

private:
    struct span
    {
        clock::time_point first;
        clock::time_point last;
    };

    template <class Library>
    static span subscribe_and_count(typename Library::context& context, const arguments& a)
    {
        typename Library::socket socket(context, socket_kind::sub, a);
        socket.connect(a.endpoint);
        check_size(socket.receive(), a.size);
        span s{clock::now(), {}};
        std::uint64_t octets = 0;
        for (std::uint64_t i = 0; i < a.count; ++i)
            octets += socket.receive();
        s.last = clock::now();
        check_size(octets, a.count * a.size);
        return s;
    }
};

}  // namespace bench
