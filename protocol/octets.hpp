// Bounds-checked reader and writer of octets, big-endian integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace ferry::protocol
{

/// The integer of up to eight octets, most significant first.
[[nodiscard]] constexpr std::uint64_t load_big_endian(std::span<const std::byte> octets) noexcept
{
    std::uint64_t value = 0;
    for (const std::byte octet : octets)
        value = value << 8 | std::to_integer<std::uint64_t>(octet);
    return value;
}

/// Fills `octets` with `value`, most significant first.
constexpr void store_big_endian(std::span<std::byte> octets, std::uint64_t value) noexcept
{
    for (std::size_t i = octets.size(); i-- > 0; value >>= 8)
        octets[i] = static_cast<std::byte>(value);
}

/// Copies octets that do not overlap. A body of a usual size goes in steps of a fixed one, the last
/// of which may write some octets twice: that is faster than to ask how many there are.
inline void copy_octets(std::byte* to, const std::byte* from, std::size_t size) noexcept
{
    constexpr std::size_t step = 32;
    constexpr std::size_t most = 8 * step;
    if (size < step || size > most)
    {
        if (size != 0)
            std::memcpy(to, from, size);
        return;
    }
    for (std::size_t at = 0; at + step < size; at += step)
        std::memcpy(to + at, from + at, step);
    std::memcpy(to + size - step, from + size - step, step);
}

[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> octets) noexcept
{
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

[[nodiscard]] inline std::span<const std::byte> as_octets(std::string_view text) noexcept
{
    return std::as_bytes(std::span(text));
}

/// Takes octets from the front. What is not there is not read: the answer is empty, and nothing
/// is consumed.
class octet_reader
{
public:
    explicit octet_reader(std::span<const std::byte> octets) noexcept : rest_(octets) {}

    [[nodiscard]] std::span<const std::byte> rest() const noexcept { return rest_; }
    [[nodiscard]] bool is_at_end() const noexcept { return rest_.empty(); }

    std::optional<std::span<const std::byte>> read(std::uint64_t size) noexcept
    {
        if (size > rest_.size())
            return std::nullopt;
        const auto taken = rest_.first(static_cast<std::size_t>(size));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }
    /// An integer of `size` octets, most significant first.
    std::optional<std::uint64_t> read_integer(std::size_t size) noexcept
    {
        const auto octets = read(size);
        if (!octets)
            return std::nullopt;
        return load_big_endian(*octets);
    }
    /// Octets behind their own count, an integer of `count_size` octets.
    std::optional<std::span<const std::byte>> read_counted(std::size_t count_size) noexcept
    {
        octet_reader ahead = *this;
        const auto count = ahead.read_integer(count_size);
        const auto octets = count ? ahead.read(*count) : std::nullopt;
        if (octets)
            *this = ahead;
        return octets;
    }

private:
    std::span<const std::byte> rest_;
};

/// Puts octets together.
class octet_writer
{
public:
    octet_writer& write(std::span<const std::byte> octets)
    {
        octets_.insert(octets_.end(), octets.begin(), octets.end());
        return *this;
    }
    octet_writer& write(std::string_view text) { return write(as_octets(text)); }
    octet_writer& write_integer(std::uint64_t value, std::size_t size)
    {
        octets_.resize(octets_.size() + size);
        store_big_endian(std::span(octets_).last(size), value);
        return *this;
    }
    [[nodiscard]] std::vector<std::byte> take() noexcept { return std::move(octets_); }

private:
    std::vector<std::byte> octets_;
};

}  // namespace ferry::protocol
