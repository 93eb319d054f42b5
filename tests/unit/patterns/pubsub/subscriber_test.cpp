#include "patterns/pubsub/subscriber.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a publisher is told from connected to disconnected, and never twice for one attachment")
{
    patterns::effects results;
    patterns::subscriber subscriber(results);
    fake_peer peer({}, results.wakes);
    subscriber.attach(peer.near_shared());
    subscriber.attach(peer.near_shared());
    subscriber.subscribe("a");
    CHECK(peer.records().empty());
    subscriber.connected(peer.near());
    subscriber.subscribe("b");
    CHECK(peer.records() == std::vector<std::string>{"+a", "+b"});
    subscriber.disconnected(peer.near());
    subscriber.unsubscribe("a");
    CHECK(peer.records().empty());
    subscriber.connected(peer.near());
    CHECK(peer.records() == std::vector<std::string>{"+b"});
}
