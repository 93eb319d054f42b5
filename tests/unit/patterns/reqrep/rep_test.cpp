#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("an envelope of any depth is taken off the request and put before the reply")
{
    for (int depth = 0; depth < 40; ++depth)
    {
        pattern_rig rig(socket_type::rep);
        auto& peer = rig.add_peer();
        message envelope;
        for (int i = 0; i < depth; ++i)
            envelope.append("id" + std::to_string(i));
        envelope.append("");

        peer.send(message(envelope).append("q").append("").append("r"));
        CHECK(rig.receive() == message::of("q", "", "r"));
        CHECK(rig.send(message::of("a", "b")).is_done());
        CHECK(peer.receive() == message(envelope).append("a").append("b"));
    }
}

TEST_CASE("a request without an empty frame, or with nothing behind it, is skipped and counted")
{
    pattern_rig rig(socket_type::rep);
    auto& peer = rig.add_peer();
    peer.send("single");
    peer.send("");
    peer.send(message::of("a", "b"));
    peer.send(message::of("a", ""));
    peer.send(message::of("", "right"));
    rig.settle();
    CHECK(rig.can_receive());
    CHECK(rig.receive() == message("right"));
    CHECK(rig.drops(drop_reason::malformed) == 4);
}

TEST_CASE("receive and send alternate, else wrong_state")
{
    pattern_rig rig(socket_type::rep);
    auto& peer = rig.add_peer();
    CHECK(rig.send("x").code == errc::wrong_state);
    CHECK_FALSE(rig.can_send());
    peer.send(message::of("", "1"));
    peer.send(message::of("", "2"));
    CHECK(rig.receive());
    CHECK(rig.can_send());
    CHECK_FALSE(rig.can_receive());
    CHECK(rig.receive_error() == errc::wrong_state);
    CHECK(rig.send("r").is_done());
    CHECK(rig.can_receive());
    CHECK(rig.receive() == message("2"));
}

TEST_CASE("looking for input between request and reply does not change where the reply goes")
{
    pattern_rig rig(socket_type::rep);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    a.send(message::of("a", "", "1"));
    CHECK(rig.receive());
    b.send(message::of("b", "", "2"));
    rig.settle();
    CHECK_FALSE(rig.can_receive());
    CHECK(rig.send("r").is_done());
    CHECK(a.receive() == message::of("a", "", "r"));
    CHECK_FALSE(b.receive());
}

TEST_CASE("a reply to a peer that left succeeds, and is counted")
{
    pattern_rig rig(socket_type::rep);
    auto& peer = rig.add_peer();
    peer.send(message::of("", "q"));
    CHECK(rig.receive());
    rig.close(peer);
    CHECK(rig.send("r").is_done());
    CHECK(rig.drops(drop_reason::peer_gone) == 1);
}

TEST_CASE("a reply to a peer that was given up succeeds, and is counted")
{
    pattern_rig rig(socket_type::rep);
    auto& peer = rig.add_peer();
    peer.send(message::of("", "q"));
    CHECK(rig.receive());
    rig.detach(peer);
    CHECK(rig.can_send());
    CHECK(rig.send("r").is_done());
    CHECK(rig.drops(drop_reason::peer_gone) == 1);
    CHECK_FALSE(peer.receive());
}

TEST_CASE("a reply to a full peer succeeds, and is counted")
{
    pattern_rig rig(socket_type::rep);
    auto& peer = rig.add_peer({.to_peer_hwm = 1});
    for (int i = 0; i < 2; ++i)
    {
        peer.send(message::of("", "q"));
        CHECK(rig.receive());
        CHECK(rig.send("r").is_done());
    }
    CHECK(rig.drops(drop_reason::peer_full) == 1);
    CHECK(peer.receive_all().size() == 1);
}

TEST_CASE("a request that was received completely is delivered after its sender left")
{
    pattern_rig rig(socket_type::rep);
    auto& peer = rig.add_peer();
    peer.send(message::of("", "q"));
    rig.close(peer);
    CHECK(rig.can_receive());
    CHECK(rig.receive() == message("q"));
    CHECK(rig.is_finished(peer));
    CHECK(rig.send("r").is_done());
    CHECK(rig.drops(drop_reason::peer_gone) == 1);
}

TEST_CASE("a request fetched from a peer that is given up is not delivered")
{
    pattern_rig rig(socket_type::rep);
    auto& peer = rig.add_peer();
    peer.send(message::of("", "q"));
    rig.settle();
    CHECK(rig.can_receive());
    rig.detach(peer);
    CHECK_FALSE(rig.can_receive());
    CHECK(rig.drops(drop_reason::disconnected) == 1);
}

TEST_CASE("requests of several peers are taken in turn")
{
    pattern_rig rig(socket_type::rep);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (int i = 0; i < 2; ++i)
    {
        a.send(message::of("", "a"));
        b.send(message::of("", "b"));
    }
    for (const char* text : {"a", "b", "a", "b"})
    {
        CHECK(rig.receive() == message(text));
        CHECK(rig.send("r").is_done());
    }
}
