// Pieces of ZMTP as text strings of octets, put together without any help of what is tested.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ferry::test::wire
{

/// Pairs of lower-case hexadecimal digits; blanks mean nothing.
inline std::string hex(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] == ' ')
            continue;
        const std::size_t high = digits.find(text[i]);
        const std::size_t low = ++i < text.size() ? digits.find(text[i]) : digits.npos;
        if (high == digits.npos || low == digits.npos)
            throw std::invalid_argument("not hexadecimal: " + std::string(text));
        result += static_cast<char>(high << 4 | low);
    }
    return result;
}

/// The opposite, for what a failed check shows: "04 05 04 50".
inline std::string to_hex(std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : octets)
    {
        const auto octet = static_cast<unsigned char>(c);
        if (!text.empty())
            text += ' ';
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return text;
}

/// Big-endian.
inline std::string integer(std::uint64_t value, std::size_t size)
{
    std::string result(size, '\0');
    for (std::size_t i = size; i-- > 0; value >>= 8)
        result[i] = static_cast<char>(value & 0xff);
    return result;
}

enum flags : unsigned
{
    last = 0,
    more = 1,
    is_long = 2,
    is_command = 4,
};

/// A frame of ZMTP 2.0 or later, short or long as it must be.
inline std::string frame(unsigned flags, std::string_view body)
{
    const bool lengthy = body.size() > 255;
    std::string result = integer(lengthy ? flags | is_long : flags, 1);
    return result.append(integer(body.size(), lengthy ? 8 : 1)).append(body);
}

/// A frame of ZMTP 1.0, whose length counts the flags too.
inline std::string frame_1_0(unsigned flags, std::string_view body)
{
    const std::size_t length = body.size() + 1;
    std::string result = length < 255 ? integer(length, 1) : integer(255, 1) + integer(length, 8);
    return result.append(integer(flags, 1)).append(body);
}

inline std::string command(std::string_view name, std::string_view data = {})
{
    return frame(is_command, integer(name.size(), 1).append(name).append(data));
}

inline std::string property(std::string_view name, std::string_view value)
{
    return integer(name.size(), 1).append(name) + integer(value.size(), 4).append(value);
}

/// READY of a peer of that type; without an Identity unless `properties` has one.
inline std::string ready(std::string_view type, std::string_view properties = {})
{
    return command("READY", property("Socket-Type", type).append(properties));
}

inline std::string signature()
{
    return hex("ff 00 00 00 00 00 00 00 01 7f");
}

/// A greeting of ZMTP 3, 64 octets.
inline std::string greeting(unsigned minor = 1, std::string_view mechanism = "NULL")
{
    std::string result = signature() + integer(3, 1) + integer(minor, 1);
    result.append(mechanism);
    result.resize(64);
    return result;
}

}  // namespace ferry::test::wire
