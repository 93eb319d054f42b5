// Every interleaving of a pipe's writer and reader, step by atomic step, on hand-written models of
// spsc_queue (sleep and wake-up), of a watch over it, and of credit (full and room). A model's step is
// one atomic access.
#include <array>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/support/every_interleaving.hpp"

using ferry::test::every_end_is_good;

namespace
{

/// spsc_queue: one word holds the published position and the reader's sleep.
struct sleeping_model
{
    static constexpr int actors = 2;

    bool one_word = true;  // false: a flag beside the position, as one would write it at first
    int messages = 0;
    int position = 0;
    bool asleep = true;
    int pushed = 0;
    bool look_for_sleeper = false;  // one_word == false: the writer's second step
    int popped = 0;
    int seen = 0;
    bool found_nothing = false;  // the reader looked and is about to sleep
    bool running = false;
    int wakes_due = 0;
    int wakes = 0;
    int sleeps = 1;

    auto operator<=>(const sleeping_model&) const = default;

    bool step(int actor) { return actor == 0 ? write() : read(); }
    bool write()
    {
        if (look_for_sleeper)
        {
            look_for_sleeper = false;
            wake_sleeper();
            return true;
        }
        if (pushed == messages)
            return false;
        position = ++pushed;
        if (one_word)
            wake_sleeper();
        else
            look_for_sleeper = true;
        return true;
    }
    void wake_sleeper()
    {
        if (!asleep)
            return;
        asleep = false;
        ++wakes_due;
        ++wakes;
    }
    bool read()
    {
        if (!running)
        {
            if (wakes_due == 0)
                return false;
            --wakes_due;
            running = true;
        }
        else if (popped < seen)
            ++popped;
        else if (!found_nothing)
        {
            seen = position;
            found_nothing = popped == seen;
        }
        else
            fall_asleep();
        return true;
    }
    void fall_asleep()
    {
        found_nothing = false;
        if (one_word && position != popped)
        {
            seen = position;
            return;
        }
        asleep = true;
        running = false;
        ++sleeps;
    }
    bool is_good_end() const { return popped == messages && wakes_due == 0 && wakes == sleeps - 1; }
};

/// A pipe whose reader watches now and then. The writer holds its lock from its look at the mode to
/// the end of the publication; what it stores plainly erases the reader's sleep without a word.
/// The third actor decides for the reader when a watch begins (awake or asleep) and ends.
struct watching_model
{
    static constexpr int actors = 3;
    enum class barrier
    {
        behind,  // the mode is cleared, then the writer's lock taken
        before,
        none,
    };
    enum writer_at
    {
        unlocked,
        locked,
        looked,
        published,
    };
    enum reader_at
    {
        sleeping,
        reading,
        found_nothing,
        beginning,  // awake, but the mode does not say so yet
        watching,
        ending,    // the first of an end's three steps was taken
        finished,  // the second, too
    };

    barrier kind = barrier::behind;
    int messages = 0;
    int watches = 2;  // how many may still begin

    int position = 0;
    bool asleep = true;
    bool watched = false;
    bool is_locked = false;
    int wakes_due = 0;

    writer_at writer = unlocked;
    bool saw_watched = false;
    int pushed = 0;

    reader_at reader = sleeping;
    int popped = 0;

    auto operator<=>(const watching_model&) const = default;

    bool step(int actor)
    {
        switch (actor)
        {
        case 0: return write();
        case 1: return read();
        default: return decide();
        }
    }
    bool lock()
    {
        const bool possible = !is_locked;
        is_locked = true;
        return possible;
    }
    bool write()
    {
        switch (writer)
        {
        case unlocked:
            if (pushed == messages || !lock())
                return false;
            writer = locked;
            return true;
        case locked:
            saw_watched = watched;
            writer = looked;
            return true;
        case looked:
            if (asleep && !saw_watched)
                ++wakes_due;
            position = ++pushed;
            asleep = false;
            writer = published;
            return true;
        case published:
            is_locked = false;
            writer = unlocked;
            return true;
        }
        return false;
    }
    bool read()
    {
        switch (reader)
        {
        case sleeping:
            if (wakes_due == 0)
                return false;
            --wakes_due;
            reader = reading;
            return true;
        case reading:
            if (position == popped)
                reader = found_nothing;
            popped = position;
            return true;
        case found_nothing:
            asleep = position == popped;
            reader = asleep ? sleeping : reading;
            return true;
        case beginning:
            watched = true;
            reader = watching;
            return true;
        case watching: popped = position; return true;
        case ending: return end();
        case finished:
            if (kind == barrier::before)
                watched = false;
            else
                is_locked = false;
            return to(reading);
        }
        return false;
    }
    bool decide()
    {
        if (reader == watching)
        {
            if (kind == barrier::before)
                return lock() && to(ending);
            watched = false;
            return to(kind == barrier::none ? reading : ending);
        }
        if (watches == 0 || (reader != sleeping && reader != reading))
            return false;
        --watches;
        asleep = false;
        return to(beginning);
    }
    bool end()
    {
        if (kind == barrier::behind)
            return lock() && to(finished);
        is_locked = false;
        return to(finished);
    }
    bool to(reader_at next)
    {
        reader = next;
        return true;
    }
    bool is_good_end() const
    {
        return popped == messages && reader == sleeping && asleep && wakes_due == 0;
    }
};

/// credit: the writer's wish to wait is in the word of acknowledgements; a third actor changes
/// the mark at any moment.
struct credit_model
{
    static constexpr int actors = 3;
    enum writer_at
    {
        begin,
        look,
        wait,
        recheck,
        clear,
        blocked
    };
    enum reader_at
    {
        idle,
        count,
        acknowledge,
        drained,
        acknowledge_drained
    };

    std::array<int, 3> marks{};
    std::size_t mark = 0;
    bool rechecks = true;       // false: without the writer's second look
    bool drained_tells = true;  // false: without the reader's look at the end
    int messages = 0;

    int word = 0;
    bool waiting = false;
    int published = 0;
    int read_count = 0;

    writer_at writer = begin;
    int acknowledged = 0;
    int local_word = 0;
    bool local_waiting = false;
    bool told = false;

    reader_at reader = idle;
    bool found_nothing = false;
    int next = 0;
    int followed = 0;

    auto operator<=>(const credit_model&) const = default;

    int hwm() const { return marks[mark]; }
    bool step(int actor)
    {
        if (actor == 0)
            return write();
        if (actor == 1)
            return read();
        if (mark + 1 == marks.size())
            return false;
        ++mark;
        return true;
    }
    void put()
    {
        ++published;
        writer = begin;
    }
    bool write()
    {
        switch (writer)
        {
        case begin:
            if (published == messages)
                return false;
            if (hwm() == 0 || published - acknowledged < hwm())
                put();
            else
                writer = look;
            return true;
        case look:
            local_word = word;
            local_waiting = waiting;
            acknowledged = std::max(acknowledged, local_word);
            if (published - acknowledged < hwm())
                put();
            else
                writer = local_waiting ? blocked : wait;
            return true;
        case wait:
            if (word != local_word || waiting != local_waiting)
                writer = look;
            else
            {
                waiting = true;
                writer = rechecks ? recheck : blocked;
            }
            return true;
        case recheck: writer = read_count == published ? clear : blocked; return true;
        case clear:
            waiting = false;
            acknowledged = published;
            put();
            return true;
        case blocked:
            if (!told)
                return false;
            told = false;
            writer = begin;
            return true;
        }
        return false;
    }
    void give(int value)
    {
        told = told || waiting;
        waiting = false;
        word = value;
    }
    bool read()
    {
        switch (reader)
        {
        case idle:
            if (read_count == published)
                return std::exchange(found_nothing, true) ? false : to(drained);
            found_nothing = false;
            ++read_count;
            reader = count;
            return true;
        case count:
            reader = idle;
            if (hwm() != followed || read_count == next)
            {
                followed = hwm();
                const int low = (followed + 1) / 2;
                next = low == 0 ? 1'000'000 : (read_count / low + 1) * low;
                reader = acknowledge;
            }
            return true;
        case acknowledge:
            give(read_count);
            reader = idle;
            return true;
        case drained: return to(waiting && drained_tells ? acknowledge_drained : idle);
        case acknowledge_drained:
            give(read_count);
            reader = idle;
            return true;
        }
        return false;
    }
    bool to(reader_at step)
    {
        reader = step;
        return true;
    }
    bool is_good_end() const { return published == messages && read_count == messages; }
};

credit_model with_marks(int first, int second, int third, int messages)
{
    credit_model m;
    m.marks = {first, second, third};
    m.messages = messages;
    m.followed = first;
    m.next = first == 0 ? 1'000'000 : (first + 1) / 2;
    return m;
}

}  // namespace

TEST_CASE("in every interleaving each message is read and each sleep ended by exactly one wake-up")
{
    for (int messages = 0; messages < 8; ++messages)
    {
        sleeping_model model;
        model.messages = messages;
        std::size_t states = 0;
        CHECK(every_end_is_good(model, states));
        CHECK(states >= static_cast<std::size_t>(messages));
    }
}

TEST_CASE("the model notices a lost wake-up: a flag beside the position does not do")
{
    sleeping_model model;
    model.one_word = false;
    model.messages = 3;
    std::size_t states = 0;
    CHECK_FALSE(every_end_is_good(model, states));
}

TEST_CASE(
    "in every interleaving of a watch's begin and end with a flood, no message is left unseen")
{
    for (int messages = 0; messages < 8; ++messages)
        for (int watches = 0; watches < 4; ++watches)
        {
            watching_model model;
            model.messages = messages;
            model.watches = watches;
            std::size_t states = 0;
            CHECK(every_end_is_good(model, states));
            CHECK((messages < 7 || watches < 3 || states > 500));
        }
}

TEST_CASE(
    "the model notices a writer that still believed in the watch: it must be waited for, after")
{
    for (const auto kind : {watching_model::barrier::none, watching_model::barrier::before})
    {
        watching_model model;
        model.kind = kind;
        model.messages = 2;
        model.watches = 1;
        std::size_t states = 0;
        CHECK_FALSE(every_end_is_good(model, states));
    }
}

TEST_CASE("in every interleaving, and whenever the mark changes, a refused writer gets room again")
{
    std::size_t all_states = 0;
    for (int first = 0; first < 5; ++first)
        for (int second = 0; second < 5; ++second)
            for (int third = 0; third < 5; ++third)
            {
                std::size_t states = 0;
                CHECK(every_end_is_good(with_marks(first, second, third, 6), states));
                all_states += states;
            }
    CHECK(all_states > 10'000);
}

TEST_CASE("the model notices a stranded writer: neither of the two looks can be left out")
{
    const auto some_end_is_bad = [](bool rechecks, bool drained_tells) {
        bool bad = false;
        for (int first = 0; first < 5; ++first)
            for (int second = 0; second < 5; ++second)
            {
                credit_model model = with_marks(first, second, second, 6);
                model.rechecks = rechecks;
                model.drained_tells = drained_tells;
                std::size_t states = 0;
                bad = bad || !every_end_is_good(model, states);
            }
        return bad;
    };
    CHECK_FALSE(some_end_is_bad(true, true));
    CHECK(some_end_is_bad(false, true));
    CHECK(some_end_is_bad(true, false));
}
