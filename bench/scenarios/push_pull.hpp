// Throughput: senders push as fast as they may, one receiver counts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bench/scenarios/common.hpp"

namespace bench
{

/// The receiver binds and reports. Its clock runs from the first message, the warm-up, to the last.
struct push_pull
{
    static constexpr socket_kind binding_kind = socket_kind::pull;
    static constexpr bool binder_reports = true;

    template <class Library>
    static report binding(
        typename Library::context&, typename Library::socket& socket, const arguments& a)
    {
        check_size(socket.receive(), a.size);
        const measurement run;
        std::uint64_t octets = 0;
        for (std::uint64_t i = 0; i < a.count; ++i)
            octets += socket.receive();
        const report result{a.count, run.seconds(), run.spent()};
        check_size(octets, a.count * a.size);
        return result;
    }

    template <class Library>
    static report connecting(typename Library::context& context, const arguments& a)
    {
        const measurement run;
        in_parallel(a.peers, [&context, &a](std::size_t peer) {
            typename Library::socket socket(context, socket_kind::push, a);
            socket.connect(a.endpoint);
            send_many(socket, share_of(peer, a), a.size);
        });
        if (a.role != role::both)
            context.finish();
        return {a.count, run.seconds(), run.spent()};
    }

private:
    // How many messages the sender of that number sends; the first one sends the warm-up too.
    static std::uint64_t share_of(std::size_t peer, const arguments& a)
    {
        const std::uint64_t all = a.count + 1;
        return all / a.peers + (peer < all % a.peers ? 1 : 0);
    }
};

}  // namespace bench
