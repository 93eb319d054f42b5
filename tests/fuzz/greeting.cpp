// Any octets as a peer's greeting: it ends or goes on, the same wherever they are cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "protocol/greeting.hpp"

namespace
{

using namespace ferry::protocol;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

/// Feeds it in pieces of `piece_size` and returns how many octets were taken.
std::size_t feed(greeting_exchange& exchange, std::span<const std::byte> in, std::size_t piece_size)
{
    std::size_t said = exchange.take_output().size();
    std::size_t taken = 0;
    for (std::size_t at = 0; at < in.size(); at += piece_size)
    {
        taken += exchange.receive(in.subspan(at, std::min(piece_size, in.size() - at)));
        said += exchange.take_output().size();
    }
    require(said == 10 || said == 11 || said == 12 || said == 64);
    require(taken <= greeting_size);
    return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const own_greeting own{
        .type = ferry::socket_type::dealer, .admits_old_peers = data[0] % 2 == 0};
    const auto in = std::as_bytes(std::span(data, size)).subspan(1);
    greeting_exchange whole(own);
    greeting_exchange cut(own);
    require(feed(whole, in, in.size() + 1) == feed(cut, in, 1));
    require(whole.error() == cut.error());
    require(whole.is_complete() == cut.is_complete());
    require(!(whole.is_complete() && whole.error()));
    if (whole.is_complete())
    {
        require(whole.peer().speaks == cut.peer().speaks);
        require(whole.first_frame().size() == cut.first_frame().size());
    }
    return 0;
}
