// The lock that a thread may own: every interleaving with store buffers on a model, and the real one.
#include "engine/biased_lock.hpp"

#include <array>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/every_interleaving.hpp"

using ferry::detail::biased_lock;

namespace
{

/// Two threads. The first owns the lock and enters twice; the second takes the lock from it, and
/// becomes the owner itself if the rules let it. What the first stores to `inside` waits in a buffer
/// until it is written back, at any moment, or at a barrier. A step is one access to memory.
struct ownership_model
{
    static constexpr int actors = 3;  // the first, the second, and the first one's store buffer
    enum class at
    {
        looking,        // whether it is the owner
        saying_inside,  // about to
        looking_again,
        taking_it_back,  // what it said
        taking,          // the lock for all
        ousting,         // the owner
        ordering,        // by the process's barrier
        waiting,         // for the owner to come out
        inside,
        leaving_as_owner,
        done
    };

    bool has_barrier = true;
    bool waits_for_the_ousted = true;
    int owner = 1;
    int ousted = 0;
    bool taken = false;  // the lock for all
    bool said_inside = false;
    int buffered = 0;
    std::array<bool, 2> buffer{};  // the oldest first
    int entries_left = 2;
    at first = at::looking;
    at second = at::taking;
    bool collided = false;

    auto operator<=>(const ownership_model&) const = default;

    bool step(int actor)
    {
        if (actor == 2)
            return write_back();
        const bool moved = actor == 0 ? step_first() : step_second();
        collided = collided || (first == at::inside && second == at::inside);
        return moved;
    }
    bool write_back()
    {
        if (buffered == 0)
            return false;
        said_inside = buffer[0];
        buffer[0] = buffer[1];
        buffer[1] = false;
        --buffered;
        return true;
    }
    void drain()
    {
        while (write_back())
        {
        }
    }
    bool store_later(bool value, at next)
    {
        if (buffered == 2)
            return false;
        buffer[static_cast<std::size_t>(buffered++)] = value;
        first = next;
        return true;
    }
    bool step_first()
    {
        switch (first)
        {
        case at::looking: first = owner == 1 ? at::saying_inside : at::taking; return true;
        case at::saying_inside: return store_later(true, at::looking_again);
        case at::looking_again: first = owner == 1 ? at::inside : at::taking_it_back; return true;
        case at::taking_it_back: return store_later(false, at::taking);
        case at::inside:
            if (taken_by_first)
            {
                taken = taken_by_first = false;
                first = at::done;
                return true;
            }
            return store_later(false, --entries_left == 0 ? at::done : at::looking);
        default: return take_for_all(first, 1);
        }
    }
    bool step_second()
    {
        switch (second)
        {
        case at::inside:
            if (ousted != 0 && waits_for_the_ousted)
            {
                taken = false;
                second = at::done;
                return true;
            }
            said_inside = true;
            owner = 2;
            taken = false;
            second = at::leaving_as_owner;
            return true;
        case at::leaving_as_owner:  // was inside until now
            collided = collided || first == at::inside;
            said_inside = false;
            second = at::done;
            return true;
        default: return take_for_all(second, 2);
        }
    }
    bool take_for_all(at& where, int who)
    {
        switch (where)
        {
        case at::taking:
            if (taken)
                return false;
            drain_if_first(who);
            taken = true;
            where = owner != 0 ? at::ousting : at::waiting;
            taken_by_first = who == 1;
            if (owner == 0)
                come_by(where, who);
            return true;
        case at::ousting:
            ousted = owner;
            owner = 0;
            where = at::ordering;
            return true;
        case at::ordering:
            if (has_barrier)
                drain();
            where = at::waiting;
            return true;
        case at::waiting:
            if (said_inside)
                return false;
            come_by(where, who);
            return true;
        default: return false;
        }
    }
    void drain_if_first(int who)
    {
        if (who == 1)
            drain();
    }
    void come_by(at& where, int who)
    {
        if (ousted == who)
            ousted = 0;
        where = at::inside;
    }
    [[nodiscard]] bool is_good_end() const
    {
        return !collided && first == at::done && second == at::done;
    }

    bool taken_by_first = false;
};

}  // namespace

TEST_CASE("an owner and who takes the lock from it are never inside together")
{
    std::size_t states = 0;
    CHECK(ferry::test::every_end_is_good(ownership_model{}, states));
    CHECK(states > 100);
    ownership_model without_barrier;
    without_barrier.has_barrier = false;
    CHECK_FALSE(ferry::test::every_end_is_good(without_barrier, states));
}

TEST_CASE("a new owner before the former one came by would have its word taken back")
{
    ownership_model hasty;
    hasty.waits_for_the_ousted = false;
    std::size_t states = 0;
    CHECK_FALSE(ferry::test::every_end_is_good(hasty, states));
}

TEST_CASE("threads that add under a lock that changes owners lose nothing")
{
    constexpr int threads = 3;
    constexpr int rounds = 40;
    constexpr int in_a_row = 3 * static_cast<int>(biased_lock::habit);
    biased_lock lock;
    long sum = 0;
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
    {
        all.emplace_back([&lock, &sum] {
            for (int round = 0; round < rounds; ++round)
            {
                for (int add = 0; add < in_a_row; ++add)
                {
                    const std::lock_guard guard(lock);
                    ++sum;
                }
                std::this_thread::yield();
            }
        });
    }
    for (auto& each : all)
        each.join();
    CHECK(sum == long{threads} * rounds * in_a_row);
}

TEST_CASE("a lock whose owner ended can be taken by others")
{
    biased_lock lock;
    long sum = 0;
    for (int generation = 0; generation < 5; ++generation)
    {
        std::thread([&lock, &sum] {
            for (std::uint32_t i = 0; i < 2 * biased_lock::habit; ++i)
            {
                const std::lock_guard guard(lock);
                ++sum;
            }
        }).join();
        const std::lock_guard guard(lock);
        ++sum;
    }
    CHECK(sum == 5 * (2 * long{biased_lock::habit} + 1));
}
