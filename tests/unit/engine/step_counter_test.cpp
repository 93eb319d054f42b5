#include "engine/step_counter.hpp"

#include <chrono>

#include "tests/support/catch.hpp"

using namespace ferry::detail;

namespace
{

struct stopped_clock
{
    using duration = std::chrono::steady_clock::duration;
    using time_point = std::chrono::steady_clock::time_point;
    static time_point now() noexcept { return time_point(time); }
    static inline duration time{};
};
using counter = basic_step_counter<stopped_clock>;

}  // namespace

TEST_CASE("work left in the only step is done at its end")
{
    counter steps;
    steps.begin();
    steps.note_work();
    CHECK(steps.end());
    steps.begin();
    CHECK_FALSE(steps.end());  // nothing was left in this one
}

TEST_CASE("work is left to the step that follows, and done once")
{
    counter steps;
    steps.begin();
    steps.begin();
    steps.note_work();
    CHECK_FALSE(steps.end());
    CHECK(steps.end());
    steps.begin();
    CHECK_FALSE(steps.end());
}

TEST_CASE("work waits for every send that had begun, however long that takes")
{
    counter steps;
    for (int i = 0; i < 1000; ++i)
        steps.begin_send();
    int ended = 0;
    steps.begin();
    for (bool is_done = false; !is_done; ++ended)
    {
        if (ended < 999)
            steps.begin();  // one calls the next
        steps.note_work();
        stopped_clock::time += counter::longest;
        steps.end_send();
        is_done = steps.end();
    }
    CHECK(ended == 1000);
}

TEST_CASE("work does not wait for more than so many steps that came later")
{
    counter steps;
    long waited = 0;
    steps.begin();
    steps.note_work();
    for (bool is_done = false; !is_done; ++waited)
    {
        steps.begin();
        is_done = steps.end();
    }
    CHECK(waited == counter::most_steps + 1);
}

TEST_CASE("nor for longer than so long")
{
    counter steps;
    steps.begin();
    steps.note_work();
    steps.begin();
    CHECK_FALSE(steps.end());
    stopped_clock::time += counter::longest;
    steps.begin();
    CHECK(steps.end());
}
