// Throughput: senders push as fast as they may, one receiver counts.
#pragma once

#include <cstdint>

#include "bench/scenarios/common.hpp"

namespace bench
{

/// The receiver binds and reports. Its clock runs from the first message, the warm-up, to the last.
struct push_pull
{
    static constexpr socket_kind binding_kind = socket_kind::pull;
    static constexpr bool binder_reports = true;
    static constexpr bool counts_peers = false;

    template <class Library>
    static report binding(
        typename Library::context&, typename Library::socket& socket, const arguments& a)
    {
        check_size(socket.receive(), a.size);
        const measurement run;
        std::uint64_t octets = 0;
        for (std::uint64_t i = 0; i < a.count; ++i)
            octets += socket.receive();
        const report result{a.count, run.span(), run.spent()};
        check_size(octets, a.count * a.size);
        return result;
    }

    /// Each sending process sends its share of all messages and of the warm-up.
    template <class Library>
    static report connecting(typename Library::context& context, const arguments& a)
    {
        typename Library::socket socket(context, socket_kind::push, a);
        socket.connect(a.endpoint);
        hold_if_asked(a);
        const measurement run;
        send_many(socket, share_of(a.count + 1, a), a.size);
        wait_for_arrival(a);
        return {a.count, run.span(), run.spent()};
    }
};

}  // namespace bench
