// Distribution: one sender pushes as fast as it may to several receivers, each a process.
#pragma once

#include <chrono>
#include <cstdint>

#include "bench/scenarios/common.hpp"

namespace bench
{

/// The sender binds and starts once all receivers are connected. The receivers report. How many
/// messages each gets is the library's choice, so that each ends after a silence; that nothing was
/// lost is for whoever adds them up to check.
struct push_spread
{
    static constexpr socket_kind binding_kind = socket_kind::push;
    static constexpr bool binder_reports = false;
    static constexpr bool counts_peers = true;
    static constexpr std::chrono::milliseconds silence{500};

    template <class Library>
    static report binding(
        typename Library::context&, typename Library::socket& socket, const arguments& a)
    {
        socket.wait_for_peers(a.peers);
        const measurement run;
        send_many(socket, a.count, a.size);
        wait_for_arrival(a);
        return {a.count, run.span(), run.spent()};
    }

    template <class Library>
    static report connecting(typename Library::context& context, const arguments& a)
    {
        typename Library::socket socket(context, socket_kind::pull, a);
        socket.connect(a.endpoint);
        const measurement run;
        check_size(socket.receive(), a.size);
        socket.end_after(silence);
        time_span time{clock::now(), clock::now()};
        std::uint64_t messages = 1;
        std::uint64_t octets = a.size;
        while (const auto size = socket.receive_or_end())
        {
            octets += *size;
            ++messages;
            if (messages % look_at_clock_each == 0)
                time.last = clock::now();
        }
        check_size(octets, messages * a.size);
        return {messages, time, run.spent()};
    }

private:
    static constexpr std::uint64_t look_at_clock_each = 64;
};

}  // namespace bench
