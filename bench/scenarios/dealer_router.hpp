// Requests in flight: a client keeps a window of them under way, a server sends each back.
#pragma once

#include <algorithm>
#include <cstdint>

#include "bench/scenarios/common.hpp"

namespace bench
{

/// The server, a ROUTER, binds; the client, a DEALER, reports the replies per second, from the
/// first one, the warm-up, to the last.
struct dealer_router
{
    static constexpr socket_kind binding_kind = socket_kind::router;
    static constexpr bool binder_reports = false;
    static constexpr bool counts_peers = false;

    template <class Library>
    static report binding(
        typename Library::context&, typename Library::socket& socket, const arguments& a)
    {
        socket.echo();
        const measurement run;
        for (std::uint64_t i = 0; i < a.count; ++i)
            socket.echo();
        socket.flush();
        wait_for_arrival(a);
        return {a.count, run.span(), run.spent()};
    }

    template <class Library>
    static report connecting(typename Library::context& context, const arguments& a)
    {
        const auto request = body_of(a.size);
        typename Library::socket socket(context, socket_kind::dealer, a);
        socket.connect(a.endpoint);

        std::uint64_t unsent = a.count + 1;
        for (std::uint64_t i = std::min<std::uint64_t>(a.window, unsent); i > 0; --i, --unsent)
            socket.send(request);
        check_size(socket.receive(), a.size);

        const measurement run;
        std::uint64_t octets = 0;
        for (std::uint64_t i = 0; i < a.count; ++i)
        {
            if (unsent > 0)
            {
                socket.send(request);
                --unsent;
            }
            octets += socket.receive();
        }
        check_size(octets, a.count * a.size);
        return {a.count, run.span(), run.spent()};
    }
};

}  // namespace bench
