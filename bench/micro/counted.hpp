// Work of a fixed length for instruments that count instructions: nothing here asks a clock.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bench::micro
{

struct counted_work
{
    std::string_view name;
    void (*run)(std::size_t operations);
};

[[nodiscard]] std::span<const counted_work> all_counted_work() noexcept;

/// What the instructions come from: the compiler, the processor's kind, and the C library.
[[nodiscard]] std::string built_with();

}  // namespace bench::micro
