// The turn of a loop: every interleaving of its steps on a model, and the real one among threads.
#include "engine/loop_turn.hpp"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/every_interleaving.hpp"

using namespace ferry::detail;

namespace
{

/// Threads that each add one task and then do as loop_turn::add() says. A step is one atomic
/// access. `looks_again` false: who lets go does not look for tasks afterwards.
struct turn_model
{
    static constexpr int actors = 3;
    enum at
    {
        adding,
        trying,
        running,
        letting_go,
        looking,
        done
    };

    bool looks_again = true;
    bool taken = false;
    int tasks = 0;
    int ran = 0;
    std::array<at, actors> threads{adding, adding, adding};

    auto operator<=>(const turn_model&) const = default;

    bool step(int actor)
    {
        at& where = threads[static_cast<std::size_t>(actor)];
        switch (where)
        {
        case adding:
            ++tasks;
            where = trying;
            return true;
        case trying:
            where = taken ? done : running;
            taken = true;
            return true;
        case running:
            ran += tasks;
            tasks = 0;
            where = letting_go;
            return true;
        case letting_go:
            taken = false;
            where = looks_again ? looking : done;
            return true;
        case looking: where = tasks != 0 ? trying : done; return true;
        case done: return false;
        }
        return false;
    }
    [[nodiscard]] bool is_good_end() const { return ran == actors && tasks == 0 && !taken; }
};

struct no_relief final : turn_relief
{
    void relieve() noexcept override { ++asked; }
    std::atomic<int> asked{0};
};

struct counting_task final : turn_task
{
    explicit counting_task(loop_turn& where) : turn(where) {}
    void run_in_turn() noexcept override
    {
        inside_turn = inside_turn && turn.is_mine();
        ++runs;
        queued.store(false);
    }

    loop_turn& turn;
    std::atomic<bool> queued{false};
    bool inside_turn = true;
    long runs = 0;
};

/// Adds itself again for as long as it is told to.
struct endless_task final : turn_task
{
    explicit endless_task(loop_turn& where) : turn(where) {}
    void run_in_turn() noexcept override
    {
        ++runs;
        if (goes_on)
            turn.push(*this);
    }

    loop_turn& turn;
    bool goes_on = true;
    int runs = 0;
};

/// Wants to go on each time, as long as there are `rounds`.
struct long_task final : turn_task
{
    explicit long_task(loop_turn& where, int times) : turn(where), rounds(times) {}
    void run_in_turn() noexcept override
    {
        ++runs;
        if (--rounds > 0)
            turn.go_on(*this);
    }

    loop_turn& turn;
    std::atomic<int> rounds;
    int runs = 0;
};

/// Says that what is left may be run by anybody, and then whether it could take the turn.
struct releasing_task final : turn_task
{
    explicit releasing_task(loop_turn& where) : turn(where) {}
    void run_in_turn() noexcept override
    {
        released = turn.release_rest();
        std::thread([this] { took_turn = turn.try_take(); }).join();
    }

    loop_turn& turn;
    bool released = false;
    bool took_turn = true;
};

}  // namespace

TEST_CASE("no task is left behind, in whatever order three threads take their steps")
{
    std::size_t states = 0;
    CHECK(ferry::test::every_end_is_good(turn_model{}, states));
    CHECK(states > 100);
    turn_model careless;
    careless.looks_again = false;
    CHECK_FALSE(ferry::test::every_end_is_good(careless, states));
}

TEST_CASE("a task added when nobody has the turn runs at once, in the turn")
{
    no_relief relief;
    loop_turn turn(relief);
    counting_task task(turn);
    turn.add(task);
    CHECK(task.runs == 1);
    CHECK(task.inside_turn);
    CHECK_FALSE(turn.is_mine());
}

TEST_CASE("a task added by who has the turn waits until it is given back")
{
    no_relief relief;
    loop_turn turn(relief);
    counting_task task(turn);
    REQUIRE(turn.try_take());
    CHECK(turn.is_mine());
    CHECK_FALSE(turn.try_take());
    turn.add(task);
    CHECK(task.runs == 0);
    turn.give_back();
    CHECK(task.runs == 1);
}

TEST_CASE("who gives the turn back does not do others' work for ever")
{
    no_relief relief;
    loop_turn turn(relief);
    endless_task task(turn);
    turn.add(task);
    CHECK(task.runs > 1);
    CHECK(task.runs < 100);
    CHECK(relief.asked == 1);
    task.goes_on = false;
    REQUIRE(turn.try_take());
    turn.give_back();
    CHECK(relief.asked == 1);
}

TEST_CASE("what goes on is an ordinary task of who has the turn once only")
{
    no_relief relief;
    loop_turn turn(relief);
    long_task task(turn, 2);
    turn.add(task);
    CHECK(task.runs == 2);
    CHECK_FALSE(turn.has_rest());
}

TEST_CASE("what goes on waits for the thread that comes again, and others leave it alone")
{
    no_relief relief;
    loop_turn turn(relief);
    long_task task(turn, 3);
    CHECK(turn.take_for([&] { turn.go_on(task); }));
    CHECK(task.runs == 0);
    CHECK(turn.has_rest());
    counting_task other(turn);
    turn.add(other);
    CHECK(other.runs == 1);
    CHECK(task.runs == 0);
    CHECK(turn.take_for([] {}));
    CHECK(task.runs == 1);
    CHECK(turn.take_for([] {}));
    CHECK(task.runs == 2);
    CHECK_FALSE(turn.take_for([] {}));
    CHECK(task.runs == 3);
    CHECK_FALSE(turn.has_rest());
    CHECK_FALSE(turn.take_for([] {}));
    CHECK(relief.asked == 0);
}

TEST_CASE("what is left is run by whoever has the turn next, once that is said")
{
    no_relief relief;
    loop_turn turn(relief);
    CHECK_FALSE(turn.release_rest());
    long_task task(turn, 2);
    CHECK(turn.take_for([&] { turn.go_on(task); }));
    CHECK(turn.release_rest());
    counting_task other(turn);
    turn.add(other);
    CHECK(task.runs == 2);
    CHECK_FALSE(turn.has_rest());
    CHECK_FALSE(turn.release_rest());
}

TEST_CASE("what is left is not forgotten if that is said while somebody else has the turn")
{
    no_relief relief;
    loop_turn turn(relief);
    long_task task(turn, 1);
    CHECK(turn.take_for([&] { turn.go_on(task); }));
    releasing_task other(turn);
    turn.add(other);
    CHECK(other.released);
    CHECK_FALSE(other.took_turn);
    CHECK(task.runs == 1);
    CHECK_FALSE(turn.has_rest());
}

TEST_CASE(
    "what others want to go on with is run by a thread that comes again while they have the turn")
{
    no_relief relief;
    loop_turn turn(relief);
    for (int i = 0; i < 2'000; ++i)
    {
        long_task task(turn, 50);
        std::thread other([&] { turn.add(task); });
        while (task.rounds > 0)
            (void)turn.take_for([] {});
        other.join();
        CHECK(task.runs == 50);
        REQUIRE(turn.try_take());
        turn.give_back();
    }
}

TEST_CASE("every task that threads add is run, and never by two at a time")
{
    constexpr int threads = 4;
    constexpr int rounds = 20'000;
    no_relief unused;
    loop_turn turn(unused);
    long shared = 0;  // guarded by the turn, for ThreadSanitizer to see
    struct bump final : turn_task
    {
        void run_in_turn() noexcept override
        {
            ++*value;
            queued.store(false, std::memory_order_release);
        }
        long* value = nullptr;
        std::atomic<bool> queued{false};
    };
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
    {
        all.emplace_back([&turn, &shared] {
            bump own;
            own.value = &shared;
            for (int round = 0; round < rounds; ++round)
            {
                own.queued.store(true, std::memory_order_relaxed);
                turn.add(own);
                while (own.queued.load(std::memory_order_acquire))
                {
                    // The relief of this test does nothing: somebody has to take over.
                    if (turn.try_take())
                        turn.give_back();
                }
            }
        });
    }
    for (auto& each : all)
        each.join();
    REQUIRE(turn.try_take());
    CHECK(shared == long{threads} * rounds);
    turn.give_back();
}
