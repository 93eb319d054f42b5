// Every interleaving of a writer that lets a run of encoded messages grow and of its reader, step by
// atomic step, on a hand-written model. A model's step is one atomic access.
#include <array>
#include <cstddef>

#include "tests/support/catch.hpp"
#include "tests/support/every_interleaving.hpp"

using ferry::test::every_end_is_good;

namespace
{

/// A run that its writer lets grow in the queue's last slot, until it publishes another one. The
/// reader drops a run that it has read to its end, unless that is the last slot and may grow.
struct growing_model
{
    static constexpr int actors = 3;
    static constexpr std::size_t most = 6;
    enum reader_at
    {
        looking,
        looked_once,
        looked_twice,
        taking,
    };

    bool counts_slots_first = true;  // false: it looks at the run's end first
    int messages = 0;
    int vain_looks = 2;  // how many may still begin when nothing new is there

    int written = 0;
    std::array<int, most> ends{};  // of the runs: how many messages each has by now
    std::size_t slots = 0;         // published

    reader_at reader = looking;
    bool may_grow = false;
    bool has_more = false;
    std::size_t front = 0;
    int taken = 0;  // of the front
    int read = 0;

    auto operator<=>(const growing_model&) const = default;

    bool step(int actor)
    {
        if (actor == 2)
            return read_on();
        if (written == messages || (actor == 0 && slots == 0))
            return false;
        if (actor == 1)
            ++slots;
        ++ends[slots - 1];
        ++written;
        return true;
    }
    bool read_on()
    {
        switch (reader)
        {
        case looking:
            if (front == slots)
                return false;
            if (front + 1 == slots && ends[front] == taken && vain_looks-- == 0)
                return false;
            look(counts_slots_first);
            return to(looked_once);
        case looked_once: look(!counts_slots_first); return to(looked_twice);
        case looked_twice:
            if (has_more)
                return to(taking);
            if (!may_grow)
            {
                ++front;
                taken = 0;
            }
            return to(looking);
        case taking:
            read += ends[front] - taken;
            taken = ends[front];
            return to(looking);
        }
        return false;
    }
    void look(bool at_slots)
    {
        if (at_slots)
            may_grow = front + 1 == slots;
        else
            has_more = ends[front] != taken;
    }
    bool to(reader_at next)
    {
        reader = next;
        return true;
    }
    bool is_good_end() const { return read == messages; }
};

}  // namespace

TEST_CASE("in every interleaving a run that grows while it is read loses no message")
{
    for (int messages = 0; messages <= static_cast<int>(growing_model::most); ++messages)
    {
        growing_model model;
        model.messages = messages;
        std::size_t states = 0;
        CHECK(every_end_is_good(model, states));
        CHECK((messages < 6 || states > 500));
    }
}

TEST_CASE("the model notices a reader that looks at a run's end before it counts the slots")
{
    growing_model model;
    model.counts_slots_first = false;
    model.messages = 3;
    std::size_t states = 0;
    CHECK_FALSE(every_end_is_good(model, states));
}
