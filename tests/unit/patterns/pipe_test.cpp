#include "patterns/pipe.hpp"

#include <string>

#include <ferry/detail/message_access.hpp>

#include "tests/support/catch.hpp"

using namespace ferry;
using namespace ferry::patterns;
using detail::message_access;
using detail::message_role;

namespace
{

struct listener final : pipe_owner
{
    void on_readable(pipe_end&) noexcept override { heard += 'r'; }
    void on_writable(pipe_end&) noexcept override { heard += 'w'; }
    void on_peer_closed(pipe_end&) noexcept override { heard += 'c'; }
    void finish_writing(pipe_end&) noexcept override { heard += 'f'; }
    std::string heard;
};

struct ends
{
    explicit ends(const pipe_options& options = {}) : pipes(make_pipe(options))
    {
        pipes.a->set_owner(owner_a);
        pipes.b->set_owner(owner_b);
    }
    pipe_end& a() const { return *pipes.a; }
    pipe_end& b() const { return *pipes.b; }

    pipe_pair pipes;
    std::shared_ptr<listener> owner_a = std::make_shared<listener>();
    std::shared_ptr<listener> owner_b = std::make_shared<listener>();
    wake_list wakes;
    message m;
};

std::size_t fill(pipe_end& end, wake_list& wakes)
{
    std::size_t count = 0;
    while (count < 5000 && end.can_write())
    {
        end.send("x", wakes);
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("messages cross in both directions, whole and in order")
{
    ends p;
    p.a().send(message::of("1", "2", "3"), p.wakes);
    p.a().send("4", p.wakes);
    p.b().send("back", p.wakes);

    CHECK(p.b().unread() == 2);
    CHECK(p.b().read(p.m, p.wakes));
    CHECK(p.m == message::of("1", "2", "3"));
    CHECK(p.b().read(p.m, p.wakes));
    CHECK(p.m == message("4"));
    CHECK_FALSE(p.b().read(p.m, p.wakes));
    CHECK(p.a().read(p.m, p.wakes));
    CHECK(p.m == message("back"));
}

TEST_CASE("a message is seen when it is published, not before")
{
    ends p;
    p.a().write("x");
    CHECK_FALSE(p.b().can_read());
    p.a().publish(p.wakes);
    CHECK(p.b().can_read());
}

TEST_CASE("the reader is woken once per sleep")
{
    ends p;
    p.a().send("1", p.wakes);
    p.a().send("2", p.wakes);
    p.wakes.run();
    CHECK(p.owner_b->heard == "r");

    while (p.b().read(p.m, p.wakes))
        continue;
    p.a().send("3", p.wakes);
    p.wakes.run();
    CHECK(p.owner_b->heard == "rr");
    CHECK(p.wakes.empty());
}

TEST_CASE("a writer refused at the high-water mark is woken at the low-water mark")
{
    ends p({.a_to_b_hwm = 8});
    CHECK(fill(p.a(), p.wakes) == 8);
    CHECK(p.a().unread_by_peer() == 8);
    for (int i = 0; i < 3; ++i)
        CHECK(p.b().read(p.m, p.wakes));
    CHECK_FALSE(p.a().can_write());
    CHECK(p.owner_a->heard.empty());
    CHECK(p.b().read(p.m, p.wakes));
    p.wakes.run();
    CHECK(p.owner_a->heard == "w");
    CHECK(fill(p.a(), p.wakes) == 4);
}

TEST_CASE("a high-water mark changes from either end while messages wait")
{
    ends p({.a_to_b_hwm = 4});
    CHECK(fill(p.a(), p.wakes) == 4);
    p.a().set_send_hwm(6);
    CHECK(fill(p.a(), p.wakes) == 2);
    p.b().set_receive_hwm(7, p.wakes);
    p.wakes.run();
    CHECK(p.owner_a->heard == "w");
    CHECK(fill(p.a(), p.wakes) == 1);
    p.b().set_receive_hwm(0, p.wakes);
    CHECK(p.a().can_write());
}

TEST_CASE("a mark lowered under a writer that waits: the emptied queue wakes it")
{
    ends p({.a_to_b_hwm = 100});
    CHECK(fill(p.a(), p.wakes) == 100);
    for (int i = 0; i < 60; ++i)
        CHECK(p.b().read(p.m, p.wakes));
    p.a().set_send_hwm(7);
    p.wakes.clear();
    CHECK_FALSE(p.a().can_write());
    while (p.b().read(p.m, p.wakes))
        continue;
    p.wakes.run();
    CHECK(p.owner_a->heard.find('w') != std::string::npos);
    CHECK(fill(p.a(), p.wakes) == 7);
}

TEST_CASE(
    "subscription records are neither refused nor counted, keep their place, and carry the generation")
{
    ends p({.a_to_b_hwm = 1});
    p.a().send("data", p.wakes);
    p.a().set_generation(3);
    p.a().send(message_access::subscription(message_role::subscribe, "topic"), p.wakes);
    CHECK_FALSE(p.a().can_write());
    CHECK(p.a().unread_by_peer() == 1);
    CHECK(p.b().unread() == 2);

    CHECK(p.b().read(p.m, p.wakes));
    CHECK(message_access::role(p.m) == message_role::data);
    CHECK(p.b().read(p.m, p.wakes));
    CHECK(message_access::role(p.m) == message_role::subscribe);
    CHECK(message_access::generation(p.m) == 3);
    CHECK(p.m.front() == "topic");
}

TEST_CASE("the reader's peer rides along with data")
{
    ends p;
    p.b().set_peer(peer_handle(peer_properties::list{{"Peer-Address", "here"}}));
    p.a().send("x", p.wakes);
    CHECK(p.b().read(p.m, p.wakes));
    CHECK(p.m.property("Peer-Address") == "here");
}

TEST_CASE("after a close the other end reads what was published, and writes no more")
{
    ends p;
    p.a().send("1", p.wakes);
    p.a().write("unpublished");
    p.a().close(p.wakes);
    p.a().close(p.wakes);
    p.wakes.run();

    CHECK(p.owner_b->heard == "rc");
    CHECK(p.b().peer_is_closed());
    CHECK_FALSE(p.b().can_write());
    CHECK(p.b().read(p.m, p.wakes));
    CHECK(p.m == message("1"));
    CHECK_FALSE(p.b().read(p.m, p.wakes));
    CHECK_FALSE(p.a().can_write());
    CHECK_FALSE(p.a().can_read());
}

TEST_CASE("closing the second end tells nobody")
{
    ends p;
    p.a().close(p.wakes);
    p.wakes.clear();
    p.b().close(p.wakes);
    CHECK(p.wakes.empty());
}

TEST_CASE("a wake-up for an owner that is gone, or was taken away, is for nobody")
{
    ends p;
    p.a().send("1", p.wakes);
    p.owner_b.reset();
    p.wakes.run();
    CHECK(p.b().owner() == nullptr);

    p.b().send("2", p.wakes);
    p.a().set_owner({});
    p.wakes.run();
    CHECK(p.owner_a->heard.empty());
}

TEST_CASE("a list of wake-ups keeps its pipe alive")
{
    wake_list wakes;
    const auto owner = std::make_shared<listener>();
    {
        const pipe_pair pipes = make_pipe({});
        pipes.b->set_owner(owner);
        pipes.a->send("1", wakes);
        pipes.a->close(wakes);
    }
    wakes.run();
    CHECK(owner->heard == "rc");
    CHECK(wakes.empty());
}

TEST_CASE("messages nobody read are destroyed with the pipe")
{
    int deleted = 0;
    std::string memory(500, 'x');
    {
        ends p;
        const auto octets = std::as_writable_bytes(std::span(memory));
        p.a().send(message::adopt(octets, [&](void*, std::size_t) { ++deleted; }), p.wakes);
        p.a().close(p.wakes);
        p.wakes.clear();
    }
    CHECK(deleted == 1);
}

TEST_CASE(
    "a conflating pipe holds the newest message, is never full, and hands out what it replaces")
{
    ends p({.a_to_b_hwm = 1, .conflate = true});
    CHECK(p.a().conflates());
    message old;
    p.a().send(message::of("1", "a"), p.wakes);
    CHECK_FALSE(p.a().take_replaced(old));
    CHECK(p.a().can_write());
    p.a().send(message::of("2", "b"), p.wakes);
    CHECK(p.a().take_replaced(old));
    CHECK(old == message::of("1", "a"));
    CHECK_FALSE(p.a().take_replaced(old));
    p.wakes.run();
    CHECK(p.owner_b->heard == "r");

    CHECK(p.a().unread_by_peer() == 1);
    CHECK(p.b().read(p.m, p.wakes));
    CHECK(p.m == message::of("2", "b"));
    CHECK_FALSE(p.b().read(p.m, p.wakes));
    p.a().send("3", p.wakes);
    p.wakes.run();
    CHECK(p.owner_b->heard == "rr");
}

TEST_CASE("a conflating pipe keeps every subscription record (libzmq keeps the last only)")
{
    ends p({.conflate = true});
    for (const char* topic : {"a", "b", "c"})
        p.a().send(message_access::subscription(message_role::subscribe, topic), p.wakes);
    std::string topics;
    while (p.b().read(p.m, p.wakes))
        topics += p.m.front().text();
    CHECK(topics == "abc");
}

TEST_CASE("a message is read where it lies, and stays until it is dropped")
{
    ends p({.a_to_b_hwm = 1});
    CHECK(p.b().peek(p.wakes) == nullptr);
    p.a().send("1", p.wakes);
    p.wakes.run();
    CHECK(p.owner_b->heard == "r");  // it slept

    const message* front = p.b().peek(p.wakes);
    REQUIRE(front != nullptr);
    CHECK(*front == message("1"));
    CHECK(p.b().peek(p.wakes) == front);
    CHECK(p.b().unread() == 1);
    CHECK_FALSE(p.a().can_write());
    p.b().drop_front(p.wakes);
    p.wakes.run();
    CHECK(p.owner_a->heard == "w");
    CHECK(p.b().peek(p.wakes) == nullptr);
}

TEST_CASE("dropping the front destroys it at once, and a record does not count")
{
    ends p({.a_to_b_hwm = 1});
    int deleted = 0;
    std::string memory(500, 'x');
    p.a().send(message_access::subscription(message_role::subscribe, "topic"), p.wakes);
    const auto octets = std::as_writable_bytes(std::span(memory));
    p.a().send(message::adopt(octets, [&](void*, std::size_t) { ++deleted; }), p.wakes);

    REQUIRE(p.b().peek(p.wakes) != nullptr);
    p.b().drop_front(p.wakes);
    CHECK(p.a().unread_by_peer() == 1);
    REQUIRE(p.b().peek(p.wakes) != nullptr);
    p.b().drop_front(p.wakes);
    CHECK(deleted == 1);
    CHECK(p.a().unread_by_peer() == 0);
}

TEST_CASE("taking the front moves it out and stamps it with the peer")
{
    for (const bool conflate : {false, true})
    {
        ends p({.conflate = conflate});
        p.b().set_peer(peer_handle(peer_properties::list{{"Peer-Address", "here"}}));
        p.a().send("1", p.wakes);
        REQUIRE(p.b().peek(p.wakes) != nullptr);
        p.b().take_front(p.m, p.wakes);
        CHECK(p.m == message("1"));
        CHECK(p.m.property("Peer-Address") == "here");
        CHECK(p.b().peek(p.wakes) == nullptr);
    }
}

TEST_CASE("a message is made in its place, and counts when it is committed")
{
    for (const bool conflate : {false, true})
    {
        ends p({.a_to_b_hwm = 2, .conflate = conflate});
        p.a().set_generation(5);
        p.a().prepare() = "given up";
        p.a().prepare() = "1";
        p.a().publish(p.wakes);
        CHECK_FALSE(p.b().can_read());
        p.a().commit();
        p.a().prepare() = message_access::subscription(message_role::subscribe, "topic");
        p.a().commit();
        p.a().prepare() = "given up";
        p.a().publish(p.wakes);

        CHECK(p.b().unread() == 2);
        std::string seen;
        while (p.b().read(p.m, p.wakes))
            seen += p.m.front().string() + std::to_string(message_access::generation(p.m)) + " ";
        CHECK(seen == (conflate ? "topic5 10 " : "10 topic5 "));
    }
}

TEST_CASE("a place that was given up takes the next message written")
{
    ends p;
    p.a().prepare() = message(std::string(1000, 'x'));
    p.a().send("1", p.wakes);
    CHECK(p.b().read(p.m, p.wakes));
    CHECK(p.m == message("1"));
    CHECK_FALSE(p.b().read(p.m, p.wakes));
}

TEST_CASE("what is made or read in place on a closed end is nothing")
{
    ends p;
    p.b().send("unread", p.wakes);
    p.a().close(p.wakes);
    p.a().prepare() = "1";
    p.a().commit();
    p.a().publish(p.wakes);
    CHECK_FALSE(p.b().can_read());
    CHECK(p.a().peek(p.wakes) == nullptr);
    p.a().drop_front(p.wakes);
    CHECK(p.b().unread_by_peer() == 1);
}

TEST_CASE("try_send takes a message only where an ordinary queue has room")
{
    ends p({.a_to_b_hwm = 1});
    p.m = "1";
    CHECK(p.a().try_send(p.m, p.wakes));
    p.m = "2";
    CHECK_FALSE(p.a().try_send(p.m, p.wakes));
    CHECK(p.m == message("2"));
    ends conflating({.conflate = true});
    CHECK_FALSE(conflating.a().try_send(p.m, p.wakes));
    CHECK(p.m == message("2"));
    p.b().close(p.wakes);
    CHECK_FALSE(p.a().try_send(p.m, p.wakes));
    CHECK(p.m == message("2"));
}

TEST_CASE("a copy is sent without touching the message, over whatever was left in its place")
{
    ends p({.a_to_b_hwm = 1});
    p.a().prepare() = message(std::string(1000, 'x'));
    const message original(std::string(100, 'y'));
    CHECK(p.a().try_send_copy(original, p.wakes));
    CHECK_FALSE(p.a().try_send_copy(original, p.wakes));
    CHECK(p.b().read(p.m, p.wakes));
    CHECK(p.m == original);
    CHECK(p.m.front().data() == original.front().data());
}

TEST_CASE("an emptied pipe can be made to give its memory back, and goes on")
{
    ends p;
    for (int round = 0; round < 3; ++round)
    {
        for (int i = 0; i < 300; ++i)
            p.a().send(std::to_string(i), p.wakes);
        p.b().release_read_memory();  // not while messages wait
        for (int i = 0; i < 300; ++i)
        {
            REQUIRE(p.b().read(p.m, p.wakes));
            REQUIRE(p.m.front() == std::to_string(i));
        }
        if (round == 1)
            p.a().release_write_memory();
        else
            p.b().release_read_memory();
    }
    CHECK_FALSE(p.b().read(p.m, p.wakes));
}
