#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("DEALER adds no envelope and removes none")
{
    pattern_rig rig(socket_type::dealer);
    auto& peer = rig.add_peer();
    CHECK(rig.send(message::of("", "x")).is_done());
    CHECK(peer.receive() == message::of("", "x"));
    peer.send(message::of("id", "", "y"));
    CHECK(rig.receive() == message::of("id", "", "y"));
}

TEST_CASE("the probe is an empty message, first on every connection")
{
    pattern_rig rig(socket_type::dealer, {.probe_router = true});
    auto& peer = rig.add_peer({.connected = false});
    CHECK_FALSE(peer.receive());
    rig.connect(peer);
    CHECK(rig.send("x").is_done());
    CHECK(peer.receive() == message(""));
    CHECK(peer.receive() == message("x"));
}

TEST_CASE("who connects probes before the connection stands, and again when it was lost")
{
    pattern_rig rig(socket_type::dealer, {.probe_router = true});
    auto& peer = rig.add_peer({.initiated_here = true, .connected = false});
    CHECK(rig.send("x").is_done());
    rig.connect(peer);
    CHECK(peer.receive() == message(""));
    CHECK(peer.receive() == message("x"));
    CHECK_FALSE(peer.receive());
    rig.connect(peer);
    CHECK(peer.receive() == message(""));
}

TEST_CASE("a blocked DEALER is writable again when one peer made room")
{
    pattern_rig rig(socket_type::dealer);
    auto& a = rig.add_peer({.to_peer_hwm = 2});
    rig.add_peer({.to_peer_hwm = 2});
    for (int i = 0; i < 4; ++i)
        CHECK(rig.send("x").is_done());
    CHECK_FALSE(rig.can_send());
    CHECK(a.receive());
    rig.settle();
    CHECK(rig.writable_count() == 1);
    CHECK(rig.can_send());
    CHECK(rig.send("x").is_done());
    CHECK(a.receive_all().size() == 2);
}

TEST_CASE("input of a peer that left is delivered, and output goes to the others")
{
    pattern_rig rig(socket_type::dealer);
    auto& gone = rig.add_peer();
    auto& there = rig.add_peer();
    gone.send("last words");
    rig.close(gone);
    CHECK(rig.send("x").is_done());
    CHECK(rig.send("y").is_done());
    CHECK(there.receive_all().size() == 2);
    CHECK(rig.receive() == message("last words"));
    CHECK(rig.is_finished(gone));
}

TEST_CASE("input of a peer that DEALER gives up is counted")
{
    pattern_rig rig(socket_type::dealer);
    auto& peer = rig.add_peer();
    peer.send("1");
    peer.send("2");
    rig.detach(peer);
    CHECK(rig.drops(drop_reason::disconnected) == 2);
    CHECK_FALSE(rig.receive());
    CHECK_FALSE(rig.can_send());
}
