// Octets read and written eight at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace ferry::detail
{

inline constexpr bool first_octet_is_lowest = std::endian::native == std::endian::little;

[[nodiscard]] inline std::uint64_t load_word(const std::byte* from) noexcept
{
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// A store of its own, of a whole word. A compiler left alone joins two of them, and some do so by way
/// of the stack; and a processor that loads what it just stored in other pieces has to wait.
inline void store_word(std::byte* to, std::uint64_t word) noexcept
{
    std::memcpy(to, &word, sizeof word);
#if defined(__GNUC__)
    __asm__("" : "+m"(*reinterpret_cast<std::byte(*)[sizeof word]>(to)));
#endif
}

[[nodiscard]] inline void* load_pointer(const std::byte* from) noexcept
{
    return reinterpret_cast<void*>(static_cast<std::uintptr_t>(load_word(from)));
}

inline void store_pointer(std::byte* to, void* pointer) noexcept
{
    store_word(to, reinterpret_cast<std::uintptr_t>(pointer));
}

/// A word whose octet at `place`, counted as in memory, is `value`, and the others 0.
[[nodiscard]] constexpr std::uint64_t octet_in_word(std::size_t place, std::size_t value) noexcept
{
    return std::uint64_t{value} << 8 * (first_octet_is_lowest ? place : 7 - place);
}

/// The octets of `word` moved towards the end by 0 to 7 places; those before them become 0.
[[nodiscard]] constexpr std::uint64_t towards_end(std::uint64_t word, std::size_t places) noexcept
{
    return first_octet_is_lowest ? word << 8 * places : word >> 8 * places;
}

/// As above, towards the start.
[[nodiscard]] constexpr std::uint64_t towards_start(std::uint64_t word, std::size_t places) noexcept
{
    return first_octet_is_lowest ? word >> 8 * places : word << 8 * places;
}

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#endif

/// Copies words, those that nobody wrote included.
template <std::size_t Count>
inline void copy_words(std::byte* to, const std::byte* from) noexcept
{
    const auto copy = [=](std::size_t i) { store_word(to + 8 * i, load_word(from + 8 * i)); };
    [&]<std::size_t... I>(std::index_sequence<I...>)
    {
        (copy(I), ...);
    }
    (std::make_index_sequence<Count>());
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

}  // namespace ferry::detail
