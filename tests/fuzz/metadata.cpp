// Any octets as a property list: refused, or read to exactly what was written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "protocol/metadata.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ferry::protocol;
    const auto octets = std::as_bytes(std::span(data, size));
    const metadata_result parsed = parse_metadata(octets);
    if (parsed.error && !parsed.properties.empty())
        std::abort();

    std::size_t octets_read = 0;
    for (const auto& [name, value] : parsed.properties)
    {
        octets_read += 1 + name.size() + 4 + value.size();
        if (!find_first(parsed.properties, name) || !find_last(parsed.properties, name))
            std::abort();
    }
    if (!parsed.error && octets_read != size)
        std::abort();
    static_cast<void>(suits(parsed.properties, ferry::socket_type::dealer));

    const auto again =
        parse_metadata(encode_metadata(ferry::socket_type::push, "", parsed.properties));
    if (again.error && parsed.properties.size() < max_properties)
        std::abort();
    return 0;
}
