// Z85: four octets as five printable characters. RFC 32.
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include <zmq.h>

#include "engine/c_api/errors.hpp"

namespace
{

using ferry::c_api::fail_null;

constexpr std::size_t octets_per_group = 4;
constexpr std::size_t digits_per_group = 5;
constexpr std::uint32_t base = 85;

// RFC 32 "Formal Specification".
constexpr std::string_view alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static_assert(alphabet.size() == base);

constexpr std::int8_t no_digit = -1;

constexpr std::array<std::int8_t, 256> digit_values()
{
    std::array<std::int8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return values;
}

constexpr auto value_of = digit_values();

// Empty for what encodes no four octets.
std::optional<std::uint32_t> decode_group(std::string_view digits)
{
    std::uint64_t value = 0;
    for (const char digit : digits)
    {
        const std::int8_t of_digit = value_of[static_cast<unsigned char>(digit)];
        if (of_digit == no_digit)
            return {};
        value = value * base + static_cast<std::uint64_t>(of_digit);
    }
    if (value > std::numeric_limits<std::uint32_t>::max())
        return {};
    return static_cast<std::uint32_t>(value);
}

}  // namespace

char* zmq_z85_encode(char* to, const uint8_t* data, size_t size)
{
    if (to == nullptr || (data == nullptr && size != 0) || size % octets_per_group != 0)
        return static_cast<char*>(fail_null(EINVAL));
    char* out = to;
    for (const uint8_t* in = data; in != data + size; in += octets_per_group)
    {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < octets_per_group; ++i)
            value = value << 8 | in[i];
        for (std::size_t i = digits_per_group; i-- != 0; value /= base)
            out[i] = alphabet[value % base];
        out += digits_per_group;
    }
    *out = '\0';
    return to;
}

uint8_t* zmq_z85_decode(uint8_t* to, const char* text)
{
    const std::string_view digits(text != nullptr ? text : "");
    if (to == nullptr || digits.empty() || digits.size() % digits_per_group != 0)
        return static_cast<uint8_t*>(fail_null(EINVAL));
    uint8_t* out = to;
    for (std::size_t at = 0; at < digits.size(); at += digits_per_group)
    {
        const auto value = decode_group(digits.substr(at, digits_per_group));
        if (!value)
            return static_cast<uint8_t*>(fail_null(EINVAL));
        for (std::size_t i = octets_per_group; i-- != 0; ++out)
            *out = static_cast<uint8_t>(*value >> 8 * i);
    }
    return to;
}
