#include <ferry/detail/large_blocks.hpp>

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

TEST_CASE("no more large blocks are kept than the limit allows")
{
    const std::uint32_t its = large_class_of(8'000'000);
    std::vector<void*> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(allocate_large(its));
    for (void* each : all)
        free_large(each, its);
    // Those that were not kept went back to the system; AddressSanitizer would tell of a loss.
    for (void*& each : all)
        each = allocate_large(its);
    for (void* each : all)
        free_large(each, its);
    SUCCEED();
}

TEST_CASE("large blocks pass between threads")
{
    const std::uint32_t its = large_class_of(100'000);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
    {
        threads.emplace_back([its] {
            for (int i = 0; i < 5000; ++i)
            {
                auto* octets = static_cast<unsigned char*>(allocate_large(its));
                octets[0] = static_cast<unsigned char>(i);
                octets[99'999] = octets[0];
                free_large(octets, its);
            }
        });
    }
    for (auto& each : threads)
        each.join();
    SUCCEED();
}
