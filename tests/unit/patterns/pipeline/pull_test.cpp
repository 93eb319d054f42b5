#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("PULL receives of all peers in turn, messages whole")
{
    pattern_rig rig(socket_type::pull);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (int i = 0; i < 2; ++i)
    {
        a.send(message::of("a", std::to_string(i)));
        b.send(message::of("b", std::to_string(i)));
    }
    CHECK(rig.receive() == message::of("a", "0"));
    CHECK(rig.receive() == message::of("b", "0"));
    CHECK(rig.receive() == message::of("a", "1"));
    CHECK(rig.receive() == message::of("b", "1"));
    CHECK_FALSE(rig.receive());
}

TEST_CASE("PULL never sends")
{
    pattern_rig rig(socket_type::pull);
    rig.add_peer();
    CHECK(rig.send("x").code == errc::not_supported);
    CHECK_FALSE(rig.can_send());
}

TEST_CASE("what a peer sent before it left is delivered")
{
    pattern_rig rig(socket_type::pull);
    auto& peer = rig.add_peer();
    peer.send("1");
    rig.close(peer);
    CHECK_FALSE(rig.is_finished(peer));
    CHECK(rig.can_receive());
    CHECK(rig.receive() == message("1"));
    CHECK(rig.is_finished(peer));
}

TEST_CASE("a conflating PULL sees the newest message only")
{
    pattern_rig rig(socket_type::pull);
    auto& peer = rig.add_peer({.conflate = true});
    for (const char* text : {"1", "2", "3"})
        peer.send(text);
    CHECK(rig.receive() == message("3"));
    CHECK_FALSE(rig.receive());
    peer.send("4");
    CHECK(rig.receive() == message("4"));
}
