// Octets as a test writes them down: "ff 00*8 7f" and 'text' in single quotes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::test
{

using octet_vector = std::vector<std::byte>;

/// Pairs of hexadecimal digits, in any spacing; "xx*n" for n times xx; 'text' for its characters.
/// octets("04 05 04 'PONG'"), octets("00*16").
inline octet_vector octets(std::string_view text)
{
    octet_vector result;
    std::size_t at = 0;
    const auto digit = [&text](std::size_t position) -> unsigned {
        constexpr std::string_view digits = "0123456789abcdef";
        const std::size_t value =
            position < text.size() ? digits.find(text[position]) : digits.npos;
        if (value == digits.npos)
            throw std::invalid_argument("not octets: " + std::string(text));
        return static_cast<unsigned>(value);
    };
    while (at < text.size())
    {
        if (text[at] == ' ')
        {
            ++at;
        }
        else if (text[at] == '\'')
        {
            const std::size_t end = text.find('\'', at + 1);
            if (end == text.npos)
                throw std::invalid_argument("no closing quote: " + std::string(text));
            for (const char c : text.substr(at + 1, end - at - 1))
                result.push_back(static_cast<std::byte>(c));
            at = end + 1;
        }
        else if (text[at] == '*')
        {
            std::size_t times = 0;
            for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
                times = times * 10 + static_cast<std::size_t>(text[at] - '0');
            result.insert(result.end(), times - 1, std::byte(result.back()));
        }
        else
        {
            result.push_back(static_cast<std::byte>(digit(at) << 4 | digit(at + 1)));
            at += 2;
        }
    }
    return result;
}

/// The opposite, for what a failed check shows: "04 05 04 50".
inline std::string to_text(std::span<const std::byte> octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::byte octet : octets)
    {
        if (!text.empty())
            text += ' ';
        text += digits[std::to_integer<unsigned>(octet) >> 4];
        text += digits[std::to_integer<unsigned>(octet) & 15];
    }
    return text;
}

/// The octets of some text.
inline octet_vector octets_of(std::string_view text)
{
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// One after the other: join(a, b, c).
template <class... Parts>
octet_vector join(const Parts&... parts)
{
    octet_vector result;
    (result.insert(result.end(), parts.begin(), parts.end()), ...);
    return result;
}

/// Big-endian.
inline octet_vector integer(std::uint64_t value, std::size_t size)
{
    octet_vector result(size);
    for (std::size_t i = size; i-- > 0; value >>= 8)
        result[i] = static_cast<std::byte>(value);
    return result;
}

// --- pieces of ZMTP 3, put together here without any help of what is tested ----------------------

/// A frame, short or long as it must be. `flags` without the LONG bit.
inline octet_vector frame(unsigned flags, const octet_vector& body)
{
    if (body.size() > 255)
        return join(integer(flags | 2, 1), integer(body.size(), 8), body);
    return join(integer(flags, 1), integer(body.size(), 1), body);
}

inline octet_vector frame(unsigned flags, std::string_view body)
{
    return frame(flags, octets_of(body));
}

inline octet_vector command_body(std::string_view name, const octet_vector& data = {})
{
    return join(integer(name.size(), 1), octets_of(name), data);
}

inline octet_vector command(std::string_view name, const octet_vector& data = {})
{
    return frame(4, command_body(name, data));
}

inline octet_vector property(std::string_view name, std::string_view value)
{
    return join(
        integer(name.size(), 1), octets_of(name), integer(value.size(), 4), octets_of(value));
}

/// READY of a peer of that type; without an Identity unless `more` has one.
inline octet_vector ready(std::string_view type, const octet_vector& more = {})
{
    return command("READY", join(property("Socket-Type", type), more));
}

/// A greeting of 64 octets.
inline octet_vector greeting(
    unsigned major = 3, unsigned minor = 1, std::string_view mechanism = "NULL")
{
    return join(octets("ff 00*7 01 7f"), integer(major, 1), integer(minor, 1), octets_of(mechanism),
        octet_vector(20 - mechanism.size()), octets("00*32"));
}

}  // namespace ferry::test
