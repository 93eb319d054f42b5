#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

using records = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "connected publishers are told of each subscription, and of its end at the last reference")
{
    pattern_rig rig(socket_type::sub);
    auto& peer = rig.add_peer();
    for (int i = 0; i < 2; ++i)
        CHECK_FALSE(rig->subscribe("t"));
    CHECK(peer.records() == records{"+t", "+t"});
    CHECK_FALSE(rig->unsubscribe("t"));
    CHECK(peer.records().empty());
    CHECK_FALSE(rig->unsubscribe("t"));
    CHECK(peer.records() == records{"-t"});
    CHECK_FALSE(rig->unsubscribe("t"));
    CHECK(peer.records().empty());
}

TEST_CASE(
    "a publisher that connects is told everything, each topic once, and again on every connection")
{
    pattern_rig rig(socket_type::sub);
    auto& peer = rig.add_peer({.initiated_here = true, .connected = false});
    for (const char* topic : {"b", "a", "b"})
        CHECK_FALSE(rig->subscribe(topic));
    CHECK(peer.records().empty());
    rig.connect(peer);
    CHECK(peer.records() == records{"+a", "+b"});
    rig.disconnect(peer);
    CHECK_FALSE(rig->subscribe("c"));
    CHECK(peer.records().empty());
    rig.connect(peer);
    CHECK(peer.records() == records{"+a", "+b", "+c"});
}

TEST_CASE("records carry the generation of the connection they were written for")
{
    pattern_rig rig(socket_type::sub);
    CHECK_FALSE(rig->subscribe("t"));
    auto& peer = rig.add_peer({.initiated_here = true, .connected = false});
    peer.near().set_generation(9);
    rig.connect(peer);
    message m;
    CHECK(peer.far().read(m, rig.results.wakes));
    CHECK(message_access::generation(m) == 9);
}

TEST_CASE("more subscriptions than the high-water mark are all told (libzmq loses them)")
{
    pattern_rig rig(socket_type::sub);
    for (int i = 0; i < 1200; ++i)
        CHECK_FALSE(rig->subscribe(std::to_string(i)));
    auto& peer = rig.add_peer({.to_peer_hwm = 10});
    CHECK(peer.records().size() == 1200);
}

TEST_CASE("what was not subscribed to is not delivered, whoever sends it, and counted")
{
    pattern_rig rig(socket_type::sub);
    auto& peer = rig.add_peer();
    CHECK_FALSE(rig->subscribe("a"));
    peer.send(message::of("b", "a"));
    CHECK_FALSE(rig.can_receive());
    peer.send(message::of("ab", "x"));
    CHECK(rig.can_receive());
    CHECK(rig.receive() == message::of("ab", "x"));
    CHECK(rig.drops(drop_reason::not_subscribed) == 1);
}

TEST_CASE("what was fetched before its subscription ended is not delivered after it")
{
    pattern_rig rig(socket_type::sub);
    auto& peer = rig.add_peer();
    CHECK_FALSE(rig->subscribe("a"));
    peer.send("a");
    CHECK(rig.can_receive());
    CHECK_FALSE(rig->unsubscribe("a"));
    CHECK_FALSE(rig.can_receive());
    CHECK(rig.drops(drop_reason::not_subscribed) == 1);
}

TEST_CASE("a topic may start with 01: unsubscribing it unheld neither says nor leaves anything")
{
    pattern_rig rig(socket_type::sub);
    auto& peer = rig.add_peer();
    CHECK_FALSE(rig->unsubscribe("\1t"));
    CHECK(peer.records().empty());
    peer.send("t");
    peer.send("\1t");
    CHECK_FALSE(rig.can_receive());
    CHECK_FALSE(rig->subscribe("\1t"));
    peer.send("\1tx");
    CHECK(rig.receive() == message("\1tx"));
    CHECK_FALSE(rig->unsubscribe("\1t"));
    CHECK(peer.records() == records{"+\1t", "-\1t"});
}

TEST_CASE("with inverted matching SUB takes what it did not subscribe to")
{
    pattern_rig rig(socket_type::sub, {.invert_matching = true});
    auto& peer = rig.add_peer();
    CHECK_FALSE(rig->subscribe("a"));
    peer.send("a");
    peer.send("b");
    CHECK(rig.receive() == message("b"));
    CHECK_FALSE(rig.receive());
}

TEST_CASE("SUB receives of all publishers in turn")
{
    pattern_rig rig(socket_type::sub);
    CHECK_FALSE(rig->subscribe(""));
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (int i = 0; i < 2; ++i)
    {
        a.send("a");
        b.send("b");
    }
    std::string order;
    while (auto m = rig.receive())
        order += m->front().text();
    CHECK(order == "abab");
}

TEST_CASE("a publisher that left is told nothing more; what it sent is delivered")
{
    pattern_rig rig(socket_type::sub);
    auto& peer = rig.add_peer();
    CHECK_FALSE(rig->subscribe(""));
    peer.send("last words");
    rig.close(peer);
    CHECK_FALSE(rig->subscribe("late"));
    CHECK(peer.records().empty());
    CHECK(rig.receive() == message("last words"));
    CHECK(rig.is_finished(peer));
}

TEST_CASE("what was fetched from a publisher that is given up is not delivered")
{
    pattern_rig rig(socket_type::sub);
    auto& peer = rig.add_peer();
    CHECK_FALSE(rig->subscribe(""));
    peer.send("1");
    peer.send("2");
    CHECK(rig.can_receive());
    rig.detach(peer);
    CHECK_FALSE(rig.can_receive());
    CHECK(rig.drops(drop_reason::disconnected) == 2);
}

TEST_CASE("a conflating SUB sees the newest message, and tells all its topics")
{
    pattern_rig rig(socket_type::sub);
    for (const char* topic : {"a", "b", "c"})
        CHECK_FALSE(rig->subscribe(topic));
    auto& peer = rig.add_peer({.conflate = true});
    CHECK(peer.records() == records{"+a", "+b", "+c"});
    for (const char* text : {"a1", "b2", "c3"})
        peer.send(text);
    CHECK(rig.receive() == message("c3"));
    CHECK_FALSE(rig.receive());
}
