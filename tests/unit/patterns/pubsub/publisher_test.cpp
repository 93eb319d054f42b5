#include "patterns/pubsub/publisher.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("numbers of peers that left are used again, and stand for the new peer only")
{
    patterns::effects results;
    patterns::publisher publisher({}, results, nullptr);
    std::vector<std::unique_ptr<fake_peer>> peers;
    for (int round = 0; round < 20; ++round)
    {
        peers.push_back(std::make_unique<fake_peer>(peer_setup{}, results.wakes));
        publisher.attach(peers.back()->near_shared());
        CHECK(publisher.subscribers("topic") == 0);
        peers.back()->subscribe("topic");
        publisher.drain(peers.back()->near());
        CHECK(publisher.subscribers("topic") == 1);
        publisher.detach(peers.back()->near());
        CHECK_FALSE(publisher.contains(peers.back()->near()));
    }
}

TEST_CASE("what a peer subscribed to before it was attached counts")
{
    patterns::effects results;
    patterns::publisher publisher({}, results, nullptr);
    fake_peer peer({}, results.wakes);
    peer.subscribe("topic");
    publisher.attach(peer.near_shared());
    CHECK(publisher.subscribers("topic") == 1);
}
