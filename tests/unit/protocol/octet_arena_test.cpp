#include "protocol/octet_arena.hpp"

#include <cstring>
#include <deque>

#include "tests/support/catch.hpp"
#include "tests/unit/protocol/allocation_count.hpp"

using ferry::protocol::octet_arena;
using ferry::test::allocation_count;
using ferry::test::failing_allocations;

namespace
{

constexpr std::size_t small_chunk = 2 * 1024;
constexpr std::size_t large_chunk = 64 * 1024;

/// Takes `size` octets, writes a pattern that starts at `first` into them, and returns the pieces.
std::deque<std::span<std::byte>> put(octet_arena& arena, std::size_t size, unsigned first)
{
    std::deque<std::span<std::byte>> pieces;
    arena.reserve(size);
    while (size != 0)
    {
        const auto piece = arena.take(size);
        for (std::byte& octet : piece)
            octet = static_cast<std::byte>(first++);
        size -= piece.size();
        pieces.push_back(piece);
    }
    return pieces;
}

void fill(octet_arena& arena, std::size_t size)
{
    arena.reserve(size);
    while (size != 0)
        size -= arena.take(size).size();
}

bool holds(const std::deque<std::span<std::byte>>& pieces, unsigned first)
{
    for (const auto piece : pieces)
        for (const std::byte octet : piece)
            if (octet != static_cast<std::byte>(first++))
                return false;
    return true;
}

}  // namespace

TEST_CASE("octets taken one after the other lie side by side")
{
    octet_arena arena;
    arena.reserve(30);
    const auto a = arena.take(10);
    const auto b = arena.take(20);
    CHECK(a.data() + 10 == b.data());
    CHECK(b.size() == 20);
    CHECK(arena.capacity() == small_chunk);
}

TEST_CASE("the room behind the octets taken last is shown, and taken by extending")
{
    octet_arena arena;
    CHECK(arena.continuation().empty());
    arena.reserve(30);
    const auto a = arena.take(10);
    const auto room = arena.continuation();
    CHECK(room.data() == a.data() + 10);
    CHECK(room.size() == small_chunk - 10);
    arena.extend(20);
    CHECK(arena.take(5).data() == room.data() + 20);
    CHECK(arena.continuation().data() == room.data() + 25);
    CHECK(arena.continuation().size() == small_chunk - 35);
    arena.give_back(35);
    CHECK(arena.continuation().data() == a.data());
    CHECK(arena.continuation().size() == small_chunk);
}

TEST_CASE("an arena never moves or overwrites what it holds")
{
    octet_arena arena;
    std::deque<std::pair<std::deque<std::span<std::byte>>, unsigned>> held;
    std::deque<std::size_t> sizes;
    unsigned step = 0;
    for (; step < 3000; ++step)
    {
        const std::size_t size = 1 + step * 7919 % 9000;
        held.emplace_back(put(arena, size, step), step);
        sizes.push_back(size);
        while (sizes.size() > step * 31 % 23)
        {
            const bool is_whole = holds(held.front().first, held.front().second);
            CHECK(is_whole);
            arena.give_back(sizes.front());
            held.pop_front();
            sizes.pop_front();
        }
    }
}

TEST_CASE("in steady state nothing is allocated")
{
    octet_arena arena;
    for (int warm_up = 0; warm_up < 2; ++warm_up)
    {
        const allocation_count count;
        for (int i = 0; i < 200; ++i)
        {
            fill(arena, 150'000);
            arena.give_back(100'000);
            arena.give_back(50'000);
        }
        if (warm_up == 1)
            CHECK(count.number() == 0);
    }
}

TEST_CASE("in steady state nothing is allocated even if the arena is never empty")
{
    octet_arena arena;
    put(arena, 10'000, 0);
    for (int warm_up = 0; warm_up < 2; ++warm_up)
    {
        const allocation_count count;
        for (int i = 0; i < 200; ++i)
        {
            fill(arena, 150'000);
            arena.give_back(150'000);
        }
        if (warm_up == 1)
            CHECK(count.number() == 0);
    }
}

TEST_CASE("an arena that was busy and is not any more ends up small")
{
    octet_arena arena;
    put(arena, 1'000'000, 0);
    CHECK(arena.capacity() >= 1'000'000);
    arena.give_back(1'000'000);
    CHECK(arena.capacity() <= 6 * large_chunk);
    for (int i = 0; i < 32; ++i)
    {
        put(arena, 100, 0);
        arena.give_back(100);
    }
    CHECK(arena.capacity() == small_chunk);
}

TEST_CASE("shrink frees what holds nothing, and only that")
{
    octet_arena arena;
    arena.shrink();
    const auto pieces = put(arena, 200'000, 9);
    arena.reserve(500'000);
    arena.shrink();
    CHECK(arena.capacity() < 200'000 + 2 * large_chunk);
    const bool is_whole = holds(pieces, 9);
    CHECK(is_whole);
    arena.give_back(200'000);
    arena.shrink();
    CHECK(arena.capacity() == 0);
    CHECK(put(arena, 10, 0).size() == 1);
}

TEST_CASE("an arena that runs out of memory holds what it held")
{
    octet_arena arena;
    const auto pieces = put(arena, 5000, 3);
    {
        const failing_allocations failing(1);
        CHECK_THROWS_AS(arena.reserve(1'000'000), std::bad_alloc);
    }
    const bool is_whole = holds(pieces, 3);
    CHECK(is_whole);
    put(arena, 200'000, 5);
    arena.give_back(205'000);
}
