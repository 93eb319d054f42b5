#include "patterns/routing/load_balancer.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;
using ferry::patterns::load_balancer;

namespace
{

struct rig
{
    fake_peer& add(std::size_t hwm = 1000)
    {
        peers.push_back(std::make_unique<fake_peer>(peer_setup{.to_peer_hwm = hwm}, results.wakes));
        balancer.attach(peers.back()->near_shared());
        return *peers.back();
    }
    bool send(message m) { return balancer.send(m, results) != nullptr; }

    patterns::effects results;
    load_balancer balancer;
    std::vector<std::unique_ptr<fake_peer>> peers;
};

std::string text(fake_peer& peer)
{
    std::string all;
    for (const message& m : peer.receive_all())
        all += m.front().string();
    return all;
}

}  // namespace

TEST_CASE("seven messages over three pipes: 0 3 6, 1 4, 2 5 (RFC 30 'PUSH', round-robin)")
{
    rig r;
    for (int i = 0; i < 3; ++i)
        r.add();
    for (int i = 0; i < 7; ++i)
        CHECK(r.send(std::to_string(i)));
    CHECK(text(*r.peers[0]) == "036");
    CHECK(text(*r.peers[1]) == "14");
    CHECK(text(*r.peers[2]) == "25");
}

TEST_CASE("a full pipe is passed over until it is activated")
{
    rig r;
    auto& small = r.add(2);
    auto& large = r.add();
    for (int i = 0; i < 8; ++i)
        CHECK(r.send(std::to_string(i)));
    CHECK(text(small) == "02");
    CHECK(text(large) == "134567");

    CHECK(r.send("a"));
    CHECK(text(small).empty());
    r.balancer.activate(small.near());
    CHECK(r.send("b"));
    CHECK(r.send("c"));
    CHECK_FALSE(text(small).empty());
}

TEST_CASE("without a pipe that has room the message stays with the caller")
{
    rig r;
    message m("kept");
    CHECK(r.balancer.send(m, r.results) == nullptr);
    r.add(1);
    CHECK(r.balancer.has_room());
    CHECK(r.send("1"));
    CHECK_FALSE(r.balancer.has_room());
    CHECK(r.balancer.send(m, r.results) == nullptr);
    CHECK(m == message("kept"));
}

TEST_CASE("a message given to a conflating pipe replaces the unread one, and that is counted")
{
    rig r;
    r.peers.push_back(std::make_unique<fake_peer>(peer_setup{.conflate = true}, r.results.wakes));
    r.balancer.attach(r.peers[0]->near_shared());
    for (int i = 0; i < 5; ++i)
        CHECK(r.send(std::to_string(i)));
    CHECK(text(*r.peers[0]) == "4");
    CHECK(r.results.drops[std::size_t(drop_reason::conflated)] == 4);
}
