// Any octets as the answers of a SOCKS proxy, in pieces: refused, or read over to the end and no further.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include <ferry/error.hpp>

#include "transports/socks/socks_dialogue.hpp"

using namespace ferry::transports;

namespace
{

// Method, authentication, and a reply with the longest name.
constexpr std::size_t longest_dialogue = 2 + 2 + 4 + 1 + 255 + 2;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

// How many octets it took.
std::size_t talk(std::span<const std::byte> octets, std::size_t step, bool authenticates)
{
    socks_dialogue dialogue(
        {{socks_target::kind::name, "target", 1}, authenticates ? "me" : "", "?"});
    std::size_t taken = 0;
    while (!dialogue.is_over())
    {
        dialogue.sent(std::min(step, dialogue.output().size()));
        require(dialogue.wanted() > 0);
        const std::size_t size = std::min({step, octets.size() - taken, dialogue.wanted()});
        if (size == 0)
            break;
        const auto error = dialogue.received(octets.subspan(taken, size));
        taken += size;
        require(taken <= longest_dialogue);
        require(!error || (error.category() == ferry::proxy_category() && dialogue.is_over()));
    }
    require(!dialogue.is_over() || dialogue.wanted() == 0);
    return taken;
}

}  // namespace

// The first octet says in how large pieces the others come, and whether there is a user name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const auto octets = std::as_bytes(std::span(data, size)).subspan(1);
    const bool authenticates = data[0] % 2 != 0;
    const std::size_t whole = talk(octets, octets.size() + 1, authenticates);
    require(talk(octets, 1, authenticates) <= whole);
    (void)talk(octets, std::size_t{data[0]} / 2 + 1, authenticates);
    return 0;
}
