#include <ferry/detail/body_pool.hpp>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <ferry/message.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/protocol/allocation_count.hpp"

using namespace ferry::detail;
using ferry::test::allocation_count;
using ferry::test::failing_allocations;

namespace
{

constexpr std::size_t largest = pooled_header + pooled_step * pooled_classes;

std::vector<block> allocate(std::size_t count, std::size_t size)
{
    std::vector<block> blocks(count);
    for (block& each : blocks)
        each = allocate_block(size);
    return blocks;
}

void free_all(const std::vector<block>& blocks)
{
    for (const block& each : blocks)
        free_block(each.memory, each.size_class);
}

}  // namespace

TEST_CASE("a block of any size is aligned and all its own")
{
    std::vector<std::pair<block, std::size_t>> blocks;
    for (std::size_t size = 1; size <= largest + 100; size += 3)
    {
        blocks.emplace_back(allocate_block(size), size);
        const block& last = blocks.back().first;
        CHECK(reinterpret_cast<std::uintptr_t>(last.memory) % alignof(std::max_align_t) == 0);
        CHECK((last.size_class != 0) == pools_blocks());
        CHECK((last.size_class >= first_large_class) == (pools_blocks() && size > largest));
        std::memset(last.memory, int(size % 251), size);
    }
    for (const auto& [each, size] : blocks)
    {
        const std::string expected(size, char(size % 251));
        const bool is_whole = std::memcmp(each.memory, expected.data(), size) == 0;
        CHECK(is_whole);
        free_block(each.memory, each.size_class);
    }
}

TEST_CASE("a thread that frees what it allocates needs no new memory after a while")
{
    if (!pools_blocks())
        return;
    for (int round = 0; round < 20; ++round)
    {
        const allocation_count count;
        const block one = allocate_block(80);
        const block other = allocate_block(80);
        free_block(one.memory, one.size_class);
        free_block(other.memory, other.size_class);
        if (round > 0)
            CHECK(count.number() == 0);
    }
}

TEST_CASE("what one thread freed another one gets")
{
    if (!pools_blocks())
        return;
    constexpr std::size_t count = 32 * 20;
    const auto blocks = allocate(count, 80);
    std::thread([&] { free_all(blocks); }).join();

    std::vector<block> again(count);
    const allocation_count allocations;
    for (block& each : again)
        each = allocate_block(80);
    CHECK(allocations.number() <= count / 2);
    free_all(again);
}

TEST_CASE("a message that outlives its thread's free blocks is dropped all the same")
{
    struct holder
    {
        std::optional<ferry::message> m;
    };
    std::thread([] {
        thread_local holder
            held;  // constructed before the thread's end is prepared, destroyed after
        held.m.emplace();
        for (int i = 0; i < 100; ++i)
            held.m->append(std::string(100, 'x'));
    }).join();
    SUCCEED();
}

TEST_CASE("threads hand blocks on in both directions at once")
{
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([] {
            std::vector<block> inherited;
            for (int round = 0; round < 20; ++round)
            {
                auto mine = allocate(100, 64 + std::size_t(round) * 40);
                std::thread([&mine] { free_all(mine); }).join();
                free_all(inherited);
                inherited = allocate(50, 80);
            }
            free_all(inherited);
        });
    for (std::thread& thread : threads)
        thread.join();
    SUCCEED();
}

TEST_CASE("a block that cannot be had is an exception")
{
    const failing_allocations failing(0);
    std::vector<block> blocks;
    CHECK_THROWS_AS(allocate_block(largest + 1), std::bad_alloc);
}
