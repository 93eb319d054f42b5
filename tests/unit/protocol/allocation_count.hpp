// What the calling thread allocates with operator new, counted; and allocations that fail on demand.
#pragma once

#include <cstddef>

namespace ferry::test
{

/// Counts from its construction on, in the thread that constructed it.
class allocation_count
{
public:
    allocation_count() noexcept;
    [[nodiscard]] std::size_t number() const noexcept;
    [[nodiscard]] std::size_t octets() const noexcept;
    /// Of any age, and by this thread.
    [[nodiscard]] std::size_t number_freed() const noexcept;
    /// What was allocated and not freed again, with what the allocator gave beyond it.
    [[nodiscard]] std::ptrdiff_t held() const noexcept;

private:
    std::size_t first_number_;
    std::size_t first_octets_;
    std::size_t first_freed_;
    std::ptrdiff_t first_held_;
};

/// While it lives, allocations of the constructing thread fail once `successes` have succeeded.
class failing_allocations
{
public:
    explicit failing_allocations(std::size_t successes) noexcept;
    failing_allocations(const failing_allocations&) = delete;
    failing_allocations& operator=(const failing_allocations&) = delete;
    ~failing_allocations();
};

}  // namespace ferry::test
