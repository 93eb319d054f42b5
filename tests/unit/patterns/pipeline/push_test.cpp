#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("each message goes to the next peer with room")
{
    pattern_rig rig(socket_type::push);
    auto& first = rig.add_peer({.to_peer_hwm = 1});
    auto& second = rig.add_peer();
    for (const char* text : {"1", "2", "3"})
        CHECK(rig.send(text).is_done());
    CHECK(first.receive_all().size() == 1);
    CHECK(second.receive_all().size() == 2);
    CHECK(rig.send("4").is_done());
    CHECK(rig.send("5").is_done());
    CHECK(first.receive_all().size() == 1);
}

TEST_CASE("an endpoint that never answered takes its share up to the high-water mark")
{
    pattern_rig rig(socket_type::push);
    for (int i = 0; i < 2; ++i)
        rig.add_peer({.initiated_here = true, .connected = false, .to_peer_hwm = 7});
    int sent = 0;
    while (rig.send("x").is_done())
        ++sent;
    CHECK(sent == 14);
}

TEST_CASE("what a peer sends to PUSH is never read, and counted when it goes")
{
    pattern_rig rig(socket_type::push);
    auto& peer = rig.add_peer({.from_peer_hwm = 2});
    peer.send("1");
    peer.send("2");
    rig.settle();
    CHECK_FALSE(rig.can_receive());
    CHECK_FALSE(peer.far().can_write());
    CHECK(rig.receive_error() == errc::not_supported);
    rig.close(peer);
    CHECK(rig.is_finished(peer));
    CHECK(rig.drops(drop_reason::unexpected_input) == 2);
}

TEST_CASE("a peer that left gets nothing more")
{
    pattern_rig rig(socket_type::push);
    auto& gone = rig.add_peer();
    auto& there = rig.add_peer();
    gone.close();  // nobody told the pattern yet
    message m("1");
    CHECK(rig->send(m).is_done());
    CHECK(there.receive());
}
