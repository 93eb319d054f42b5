#include "patterns/routing/pipe_array.hpp"

#include "tests/support/catch.hpp"

using namespace ferry::patterns;

namespace
{

struct entry
{
    std::shared_ptr<pipe_end> pipe;
};
using turns = turn_array<entry, &pipe_end::routing_slots::fair_queue>;

std::shared_ptr<pipe_end> new_pipe()
{
    return make_pipe({}).a;
}

}  // namespace

TEST_CASE("a pipe is contained until it is removed, and a stranger never is")
{
    turns t;
    const auto a = new_pipe();
    const auto b = new_pipe();
    t.add({a});
    t.add({b});
    CHECK(t.contains(*a));
    CHECK(t.remove(*a).pipe == a);
    CHECK_FALSE(t.contains(*a));
    CHECK(t.contains(*b));
    CHECK_FALSE(t.contains(*new_pipe()));
}

TEST_CASE("active pipes take turns in the order in which they came")
{
    turns t;
    const std::vector pipes{new_pipe(), new_pipe(), new_pipe()};
    for (const auto& p : pipes)
        t.add({p});
    for (int i = 0; i < 7; ++i, t.advance())
        CHECK(t.current().pipe == pipes[static_cast<std::size_t>(i) % 3]);
}

TEST_CASE("whatever is deactivated, activated and removed, the turn is always an active pipe's")
{
    for (unsigned script = 0; script < 4096; ++script)
    {
        turns t;
        const std::vector pipes{new_pipe(), new_pipe(), new_pipe()};
        for (const auto& p : pipes)
            t.add({p});
        for (unsigned left = script; left != 0; left >>= 3)
        {
            const auto& p = *pipes[left % 3];
            if (!t.contains(p))
                continue;
            if ((left & 4) != 0)
                t.deactivate(p);
            else if ((left & 7) == 0)
                t.remove(p);
            else
                t.activate(p);
            t.advance();
            REQUIRE(t.active() <= t.size());
            if (t.active() != 0)
            {
                auto& current = t.current();
                const std::size_t before = t.active();
                t.activate(*current.pipe);  // no effect on one that is active
                REQUIRE(t.active() == before);
            }
        }
    }
}
