// How many octets a message takes as frames.
#include <ferry/detail/octets_in_frames.hpp>

#include <string>
#include <utility>

#include "protocol/frame_encoder.hpp"

#include "tests/support/catch.hpp"

using namespace ferry;

TEST_CASE("a message is told to take as many octets as its frames do when they are encoded")
{
    const auto first = GENERATE(0u, 1u, 50u, 51u, 254u, 255u, 256u, 257u, 65'536u);
    const auto second = GENERATE(0u, 255u, 256u);
    for (const bool has_second : {false, true})
    {
        message m(std::string(first, 'x'));
        if (has_second)
            m.append(std::string(second, 'y'));
        const std::size_t told = detail::octets_in_frames(m);
        protocol::frame_encoder encoder;
        encoder.message(std::move(m));
        CHECK(told == encoder.size());
    }
}
