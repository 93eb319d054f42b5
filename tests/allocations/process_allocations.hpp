// Every allocation of the process, counted, whichever thread makes it.
#pragma once

#include <cstddef>

namespace ferry::test
{

/// Of at least this size: a large body, and nothing else in these tests.
inline constexpr std::size_t large_allocation = 65'536;

struct allocation_counts
{
    std::size_t all = 0;
    std::size_t large = 0;
};

/// How many there have been so far: operator new in all its forms, and std::aligned_alloc, which Asio calls by itself.
/// What others get from malloc directly is not among them.
[[nodiscard]] allocation_counts allocations_so_far() noexcept;

}  // namespace ferry::test
