// What can be sent as one frame without a message around it.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace ferry::detail
{

template <class T>
concept text_octets = std::convertible_to<const T&, std::string_view>;

/// Texts, and arrays, vectors or spans of std::byte.
template <class T>
concept frame_octets = text_octets<T> || std::convertible_to<const T&, std::span<const std::byte>>;

template <frame_octets T>
[[nodiscard]] std::span<const std::byte> octets_of(const T& frame)
{
    if constexpr (text_octets<T>)
        return std::as_bytes(std::span<const char>(std::string_view(frame)));
    else
        return frame;
}

}  // namespace ferry::detail
