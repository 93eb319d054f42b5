#include "patterns/routing/delivery.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a probe is an empty message, and left out where there is no room for it")
{
    patterns::effects results;
    fake_peer peer({.to_peer_hwm = 1}, results.wakes);
    patterns::send_probe(peer.near(), results);
    patterns::send_probe(peer.near(), results);
    CHECK(peer.receive_all() == std::vector{message("")});
}

TEST_CASE("discarding what is unread counts data, not subscription records")
{
    patterns::effects results;
    fake_peer peer({}, results.wakes);
    peer.send("1");
    peer.subscribe("topic");
    peer.send("2");
    patterns::discard_unread(peer.near(), drop_reason::disconnected, results);
    CHECK(results.drops[std::size_t(drop_reason::disconnected)] == 2);
    CHECK(results.discarded.size() == 2);
    CHECK(peer.near().unread() == 0);
}
