// Latency: a client asks, a server sends the same message back, one at a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/scenarios/common.hpp"

namespace bench
{

/// The server binds; the client reports, for it has the clock.
struct req_rep
{
    static constexpr socket_kind binding_kind = socket_kind::rep;
    static constexpr bool binder_reports = false;
    static constexpr bool counts_peers = false;

    template <class Library>
    static report binding(
        typename Library::context&, typename Library::socket& socket, const arguments& a)
    {
        for (std::uint64_t i = 0; i < warm_up_trips(a); ++i)
            socket.echo();
        const measurement run;
        for (std::uint64_t i = 0; i < a.count; ++i)
            socket.echo();
        const report result{a.count, run.span(), run.spent()};
        wait_for_arrival(a);
        return result;
    }

    template <class Library>
    static report connecting(typename Library::context& context, const arguments& a)
    {
        const auto request = body_of(a.size);
        std::vector<std::uint64_t> samples(a.count);
        typename Library::socket socket(context, socket_kind::req, a);
        socket.connect(a.endpoint);

        const auto round_trip = [&] {
            socket.send(request);
            check_size(socket.receive(), a.size);
        };
        for (std::uint64_t i = 0; i < warm_up_trips(a); ++i)
            round_trip();

        const measurement run;
        auto before = clock::now();
        for (auto& sample : samples)
        {
            round_trip();
            const auto after = clock::now();
            sample = static_cast<std::uint64_t>(std::chrono::nanoseconds(after - before).count());
            before = after;
        }
        report result{a.count, run.span(), run.spent()};
        result.latency = latency_of(samples);
        return result;
    }

private:
    static std::uint64_t warm_up_trips(const arguments& a)
    {
        return std::clamp<std::uint64_t>(a.count / 10, 1, 1'000);
    }
};

}  // namespace bench
