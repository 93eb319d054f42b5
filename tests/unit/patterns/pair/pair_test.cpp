#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("messages go both ways between PAIR and its peer")
{
    pattern_rig rig(socket_type::pair);
    auto& peer = rig.add_peer();
    CHECK(rig.send(message::of("a", "b")).is_done());
    CHECK(peer.receive() == message::of("a", "b"));
    peer.send("c");
    CHECK(rig.can_receive());
    CHECK(rig.receive() == message("c"));
}

TEST_CASE("a second peer is refused, a third too; the first one stays")
{
    pattern_rig rig(socket_type::pair);
    auto& first = rig.add_peer();
    auto& second = rig.add_peer();
    CHECK(rig.was_refused(second));
    second.send("ignored");
    CHECK_FALSE(rig.receive());
    CHECK(rig.send("x").is_done());
    CHECK(first.receive());
    CHECK_FALSE(second.receive());
}

TEST_CASE("after the first peer is gone a new one is taken")
{
    pattern_rig rig(socket_type::pair);
    rig.close(rig.add_peer());
    auto& next = rig.add_peer();
    CHECK(rig.results.refused.empty());
    CHECK(rig.send("x").is_done());
    CHECK(next.receive() == message("x"));
}

TEST_CASE("what a peer sent before it left stays readable; nothing can be sent to it")
{
    pattern_rig rig(socket_type::pair);
    auto& peer = rig.add_peer();
    peer.send("1");
    peer.send("2");
    rig.close(peer);
    CHECK_FALSE(rig.is_finished(peer));
    CHECK(rig.send("x").what == outcome::status::would_block);
    CHECK(rig.receive() == message("1"));
    CHECK_FALSE(rig.is_finished(peer));
    CHECK(rig.receive() == message("2"));
    CHECK(rig.is_finished(peer));
}

TEST_CASE("a full peer blocks, and the message stays with the caller")
{
    pattern_rig rig(socket_type::pair);
    auto& peer = rig.add_peer({.to_peer_hwm = 1});
    CHECK(rig.send("1").is_done());
    message m("2");
    CHECK(rig->send(m).what == outcome::status::would_block);
    CHECK(m == message("2"));
    CHECK_FALSE(rig.can_send());
    CHECK(peer.receive());
    CHECK(rig.can_send());
}

TEST_CASE("a lost connection keeps what is queued")
{
    pattern_rig rig(socket_type::pair);
    auto& peer = rig.add_peer({.initiated_here = true});
    CHECK(rig.send("1").is_done());
    rig.disconnect(peer);
    CHECK(rig.send("2").is_done());
    rig.connect(peer);
    CHECK(peer.receive() == message("1"));
    CHECK(peer.receive() == message("2"));
}

TEST_CASE("what is unread when PAIR gives its peer up is counted")
{
    pattern_rig rig(socket_type::pair);
    auto& peer = rig.add_peer();
    peer.send("1");
    rig.detach(peer);
    CHECK(rig.drops(drop_reason::disconnected) == 1);
    CHECK_FALSE(rig.can_send());
}
