#include <ferry/detail/large_blocks.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"

using namespace ferry::detail;

TEST_CASE("every size has a class that holds it and wastes no more than a quarter")
{
    for (std::size_t size = 1025; size <= largest_kept_size; size += 1 + size / 97)
    {
        const std::uint32_t its = large_class_of(size);
        REQUIRE(its >= first_large_class);
        REQUIRE(size_of_large_class(its) >= size);
        REQUIRE(size_of_large_class(its) <= size + size / 4 + 1);
        REQUIRE(large_class_of(size_of_large_class(its)) == its);
    }
}

TEST_CASE("what is larger than the largest kept size has no class")
{
    CHECK(large_class_of(largest_kept_size) != 0);
    CHECK(large_class_of(largest_kept_size + 1) == 0);
}

TEST_CASE("a large block that was freed is the next one of its size")
{
    const std::uint32_t its = large_class_of(1'000'000);
    void* first = allocate_large(its);
    free_large(first, its);
    void* second = allocate_large(its);
    CHECK(second == first);
    free_large(second, its);
}

TEST_CASE("a large block is never handed to two threads at a time")
{
    const std::uint32_t its = large_class_of(100'000);
    std::atomic<int> spoilt{0};
    std::vector<std::thread> threads;
    for (unsigned char own = 1; own <= 4; ++own)
    {
        threads.emplace_back([its, own, &spoilt] {
            for (int i = 0; i < 5000; ++i)
            {
                auto* octets = static_cast<unsigned char*>(allocate_large(its));
                octets[100] = own;
                octets[99'999] = own;
                std::this_thread::yield();
                spoilt += octets[100] == own && octets[99'999] == own ? 0 : 1;
                free_large(octets, its);
            }
        });
    }
    for (auto& each : threads)
        each.join();
    CHECK(spoilt == 0);
}
