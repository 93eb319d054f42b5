// Reading and writing a connected socket without waiting: two system calls and their errors.
#pragma once

#include <cstddef>
#include <span>
#include <system_error>

#include "transports/byte_stream.hpp"

namespace ferry::transports
{

/// As byte_stream::read_some and write_some, which say what is returned.
[[nodiscard]] std::size_t read_octets(
    int descriptor, std::span<std::byte> buffer, std::error_code& error) noexcept;
[[nodiscard]] std::size_t write_octets(
    int descriptor, byte_stream::gather_list buffers, std::error_code& error) noexcept;

/// See byte_stream::expect.
void expect_octets(int descriptor, std::size_t octets) noexcept;

}  // namespace ferry::transports
