// RFC 30, Pipeline: PUSH and PULL, clause by clause.
#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("RFC 30 'PUSH': messages go round-robin over the peers that have room")
{
    pattern_rig rig(socket_type::push);
    auto& small = rig.add_peer({.to_peer_hwm = 2});
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (int i = 0; i < 12; ++i)
        CHECK(rig.send("x").is_done());
    CHECK(small.receive_all().size() == 2);
    CHECK(a.receive_all().size() == 5);
    CHECK(b.receive_all().size() == 5);
}

TEST_CASE("RFC 30 'PUSH': it waits when there is no peer, or none has room, and drops nothing")
{
    pattern_rig rig(socket_type::push);
    message m("kept");
    CHECK(rig->send(m).what == outcome::status::would_block);
    auto& peer = rig.add_peer({.to_peer_hwm = 1});
    CHECK(rig->send(m).is_done());
    message next("also kept");
    CHECK(rig->send(next).what == outcome::status::would_block);
    CHECK(next == message("also kept"));
    CHECK(peer.receive() == message("kept"));
    rig.settle();
    CHECK(rig->send(next).is_done());
    CHECK(rig.all_drops() == 0);
}

TEST_CASE("RFC 30 'PUSH': it never receives")
{
    pattern_rig rig(socket_type::push);
    rig.add_peer().send("x");
    CHECK(rig.receive_error() == errc::not_supported);
    CHECK_FALSE(rig.can_receive());
}

TEST_CASE(
    "RFC 30 'PUSH': the queue to a peer that it connects to is there before the connection, and outlasts it")
{
    pattern_rig rig(socket_type::push);
    auto& peer = rig.add_peer({.initiated_here = true, .connected = false});
    CHECK(rig.send("before").is_done());
    rig.connect(peer);
    rig.disconnect(peer);
    CHECK(rig.send("between").is_done());
    rig.connect(peer);
    CHECK(peer.receive() == message("before"));
    CHECK(peer.receive() == message("between"));
}

TEST_CASE("RFC 30 'PULL': incoming messages are fair-queued, and delivered whole")
{
    pattern_rig rig(socket_type::pull);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (int i = 0; i < 3; ++i)
        a.send(message::of("a", "", std::string(1000, 'x')));
    b.send(message::of("b"));
    std::string order;
    while (auto m = rig.receive())
    {
        order += m->front().text();
        CHECK(m->size() == (m->front() == "a" ? 3 : 1));
    }
    CHECK(order == "abaa");
}

TEST_CASE("RFC 30 'PULL': it never sends")
{
    pattern_rig rig(socket_type::pull);
    rig.add_peer();
    CHECK(rig.send("x").code == errc::not_supported);
}

TEST_CASE("RFC 30 'PULL': a full queue holds its sender back, and nobody else's")
{
    pattern_rig rig(socket_type::pull);
    auto& fast = rig.add_peer({.from_peer_hwm = 2});
    auto& slow = rig.add_peer({.from_peer_hwm = 2});
    while (fast.far().can_write())
        fast.send("x");
    CHECK(slow.far().can_write());
    CHECK(rig.receive());
    CHECK(fast.far().can_write());
}
