// RFC 31, Exclusive Pair: PAIR, clause by clause.
#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("RFC 31: one peer at most; those that come while it is there are turned away")
{
    pattern_rig rig(socket_type::pair);
    auto& first = rig.add_peer();
    for (int i = 0; i < 3; ++i)
        CHECK(rig.was_refused(rig.add_peer()));
    CHECK_FALSE(rig.was_refused(first));
}

TEST_CASE("RFC 31: a queue each way; messages arrive whole and in order")
{
    pattern_rig rig(socket_type::pair);
    auto& peer = rig.add_peer();
    for (int i = 0; i < 20; ++i)
    {
        CHECK(rig.send(message::of(std::to_string(i), "out")).is_done());
        peer.send(message::of(std::to_string(i), "in"));
    }
    for (int i = 0; i < 20; ++i)
    {
        CHECK(peer.receive() == message::of(std::to_string(i), "out"));
        CHECK(rig.receive() == message::of(std::to_string(i), "in"));
    }
}

TEST_CASE("RFC 31: without a peer, or with a full one, the sender waits and nothing is dropped")
{
    pattern_rig rig(socket_type::pair);
    message m("kept");
    CHECK(rig->send(m).what == outcome::status::would_block);
    rig.add_peer({.to_peer_hwm = 1});
    CHECK(rig->send(m).is_done());
    message next("also kept");
    CHECK(rig->send(next).what == outcome::status::would_block);
    CHECK(next == message("also kept"));
    CHECK(rig.all_drops() == 0);
}

TEST_CASE(
    "RFC 31: a bound PAIR drops a peer's queue with the peer; messages already in stay readable")
{
    pattern_rig rig(socket_type::pair);
    auto& peer = rig.add_peer();
    CHECK(rig.send("lost with the peer").is_done());
    peer.send("arrived");
    rig.close(peer);
    CHECK(rig.receive() == message("arrived"));
    auto& next = rig.add_peer();
    CHECK_FALSE(next.receive());
}
