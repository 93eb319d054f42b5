#include "engine/backoff.hpp"

#include <cstdint>

#include "tests/support/catch.hpp"

using ferry::detail::backoff;
using namespace std::chrono_literals;

namespace
{

// The longest pause that `random` can choose from the present bound, without moving on.
std::chrono::milliseconds bound_of(backoff pauses)
{
    std::chrono::milliseconds longest{0};
    for (std::uint64_t random = 0; random < 5000; ++random)
        longest = std::max(longest, backoff(pauses).next(random));
    return longest;
}

}  // namespace

TEST_CASE("the bound starts at the interval, doubles with each failure and ends at the maximum")
{
    backoff pauses(100ms, 2000ms);
    for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms})
    {
        CHECK(bound_of(pauses) == expected);
        (void)pauses.next(0);
    }
}

TEST_CASE("a pause is at least one millisecond, whatever the random number")
{
    backoff pauses(100ms, 2000ms);
    CHECK(pauses.next(0) == 1ms);
    CHECK(pauses.next(UINT64_MAX) >= 1ms);
}

TEST_CASE("a success starts over")
{
    backoff pauses(100ms, 2000ms);
    for (int failures = 0; failures < 5; ++failures)
        (void)pauses.next(0);
    pauses.reset();
    CHECK(bound_of(pauses) == 100ms);
}

TEST_CASE("a maximum of 0 keeps the bound constant")
{
    backoff pauses(100ms, 0ms);
    (void)pauses.next(0);
    (void)pauses.next(0);
    CHECK(bound_of(pauses) == 100ms);
}

TEST_CASE("an interval of 0 never tries again")
{
    CHECK_FALSE(backoff(0ms, 2000ms).retries());
    CHECK(backoff(1ms, 0ms).retries());
}

TEST_CASE("where a pause is not to be early, it is the bound and less than the interval more")
{
    backoff pauses(100ms, 400ms, false);
    for (const auto expected : {100ms, 200ms, 400ms, 400ms})
    {
        CHECK(bound_of(pauses) == expected + 99ms);
        CHECK(backoff(pauses).next(0) == expected);
        (void)pauses.next(0);
    }
}
