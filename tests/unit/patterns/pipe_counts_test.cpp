// What a pipe counts: messages, octets, and the most that ever waited.
#include <string>

#include <ferry/detail/message_access.hpp>

#include "patterns/pipe.hpp"

#include "tests/support/catch.hpp"

using namespace ferry;
using namespace ferry::patterns;
using detail::message_access;
using detail::message_role;

namespace
{

void write_in_every_way(pipe_end& end, wake_list& wakes)
{
    message m("1");
    const bool sent = end.try_send(m, wakes);
    CHECK(sent);
    CHECK(end.try_send_copy(message::of("22", ""), wakes));
    end.send("333", wakes);
    end.write(std::string(256, '4'));
    end.prepare() = message("55555");
    end.commit();
    end.publish(wakes);
}

}  // namespace

TEST_CASE("a pipe that counts tells what each end has written, by whatever way")
{
    const pipe_pair pipe = make_pipe({.count = true});
    wake_list wakes;
    write_in_every_way(*pipe.a, wakes);

    REQUIRE(pipe.a->written() != nullptr);
    CHECK(pipe.a->written() == pipe.b->arrived());
    CHECK(pipe.a->written()->messages == 5);
    CHECK(pipe.a->written()->octets == 3 + 4 + 2 + 5 + 265 + 7);
    CHECK(pipe.b->written()->messages == 0);
    CHECK(pipe.a->arrived()->octets == 0);
    message m;
    for (const char* expected : {"1", "22", "333"})
    {
        CHECK(pipe.b->read(m, wakes));
        CHECK(m.front().text() == expected);
    }
}

TEST_CASE("counting changes nothing about room and wake-ups")
{
    const pipe_pair pipe = make_pipe({.a_to_b_hwm = 2, .count = true});
    wake_list wakes;
    message m("x");
    const bool first = pipe.a->try_send(m, wakes);
    CHECK(first);
    CHECK_FALSE(wakes.empty());
    wakes.clear();
    message y("y");
    const bool second = pipe.a->try_send(y, wakes);
    CHECK(second);
    CHECK(wakes.empty());
    message z("z");
    const bool third = pipe.a->try_send(z, wakes);
    CHECK_FALSE(third);
    CHECK_FALSE(pipe.a->can_write());
    CHECK(z == "z");
    CHECK(pipe.a->written()->messages == 2);
}

TEST_CASE("subscription records are not counted")
{
    const pipe_pair pipe = make_pipe({.count = true});
    wake_list wakes;
    pipe.a->send(message_access::subscription(message_role::subscribe, "topic"), wakes);
    CHECK(pipe.a->written()->messages == 0);
    CHECK(pipe.a->written()->octets == 0);
    CHECK(pipe.a->most_unread() == 0);
}

TEST_CASE("a conflating pipe counts what was replaced as well")
{
    const pipe_pair pipe = make_pipe({.conflate = true, .count = true});
    wake_list wakes;
    pipe.a->send("old", wakes);
    pipe.a->send("new", wakes);
    CHECK(pipe.a->written()->messages == 2);
    CHECK(pipe.a->written()->octets == 10);
    CHECK(pipe.a->unread_by_peer() == 1);
}

TEST_CASE("where it counts, a pipe knows exactly how many messages ever waited")
{
    const pipe_pair pipe = make_pipe({.count = true});
    wake_list wakes;
    message m;
    for (int i = 0; i < 3; ++i)
        pipe.a->send("x", wakes);
    for (int i = 0; i < 3; ++i)
        CHECK(pipe.b->read(m, wakes));
    CHECK(pipe.a->most_unread() == 3);
    for (int i = 0; i < 2; ++i)
        pipe.a->send("x", wakes);
    CHECK(pipe.a->most_unread() == 3);
    for (int i = 0; i < 2; ++i)
        pipe.a->send("x", wakes);
    CHECK(pipe.b->read(m, wakes));
    CHECK(pipe.a->most_unread() == 4);
}

TEST_CASE("a pipe that does not count notes how many waited when there was no room")
{
    const pipe_pair pipe = make_pipe({.a_to_b_hwm = 3});
    wake_list wakes;
    message m("x");
    while (pipe.a->try_send(m, wakes))
        m = "x";
    CHECK_FALSE(pipe.a->can_write());
    while (pipe.b->read(m, wakes))
    {
    }
    CHECK(pipe.a->written() == nullptr);
    CHECK(pipe.a->arrived() == nullptr);
    CHECK(pipe.a->most_unread() == 3);
    pipe.a->forget_most_unread();
    CHECK(pipe.a->most_unread() == 0);
}

TEST_CASE("runs of encoded messages are noted whenever a batch is full")
{
    const pipe_pair pipe = make_pipe({.a_to_b_hwm = 100});
    REQUIRE(pipe.b->begin_watch(10, true));
    wake_list wakes;
    for (int i = 0; i < 20; ++i)
        pipe.a->send("x", wakes);
    message m;
    while (pipe.b->read(m, wakes))
    {
    }
    CHECK(pipe.a->most_unread() == 20);
}

TEST_CASE("messages given up are counted until they are forgotten")
{
    const pipe_pair pipe = make_pipe({});
    pipe.a->add_drops(2);
    pipe.a->add_drops(1);
    CHECK(pipe.a->dropped() == 3);
    CHECK(pipe.b->dropped() == 0);
    pipe.a->forget_drops();
    CHECK(pipe.a->dropped() == 0);
}
