#include "patterns/routing/fair_queue.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;
using ferry::patterns::fair_queue;

namespace
{

struct rig
{
    fake_peer& add()
    {
        peers.push_back(std::make_unique<fake_peer>(peer_setup{}, results.wakes));
        queue.attach(peers.back()->near_shared());
        return *peers.back();
    }
    std::string receive_all()
    {
        std::string all;
        message m;
        while (queue.receive(m, results) != nullptr)
            all += m.front().string() + " ";
        return all;
    }

    patterns::effects results;
    fair_queue queue;
    std::vector<std::unique_ptr<fake_peer>> peers;
};

}  // namespace

TEST_CASE("one message of each pipe in turn, while it has any (RFC 28 'DEALER', fair-queuing)")
{
    rig r;
    for (const char* name : {"a", "b", "c"})
    {
        auto& peer = r.add();
        for (int i = 0; i < 3; ++i)
            peer.send(name + std::to_string(i));
        r.queue.activate(peer.near());
    }
    CHECK(r.receive_all() == "a0 b0 c0 a1 b1 c1 a2 b2 c2 ");
}

TEST_CASE("a pipe that ran empty stands aside until it is activated")
{
    rig r;
    auto& peer = r.add();
    message m;
    CHECK(r.queue.receive(m, r.results) == nullptr);
    peer.send("x");
    CHECK(r.queue.receive(m, r.results) == nullptr);
    r.queue.activate(peer.near());
    CHECK(r.queue.has_input(r.results));
    CHECK(r.queue.receive(m, r.results) == &peer.near());
}

TEST_CASE("a pipe with input is active from its attachment on")
{
    rig r;
    r.peers.push_back(std::make_unique<fake_peer>(peer_setup{}, r.results.wakes));
    r.peers[0]->send("early");
    r.queue.attach(r.peers[0]->near_shared());
    CHECK(r.receive_all() == "early ");
}

TEST_CASE("a pipe closed by its peer is finished when it is drained, and not before")
{
    rig r;
    auto& peer = r.add();
    peer.send("1");
    peer.send("2");
    peer.close();
    r.queue.peer_closed(peer.near(), r.results);
    message m;
    CHECK(r.queue.receive(m, r.results) != nullptr);
    CHECK(r.results.finished.empty());
    CHECK(r.queue.receive(m, r.results) != nullptr);
    REQUIRE(r.results.finished.size() == 1);
    CHECK(r.results.finished[0] == peer.near_shared());
    CHECK_FALSE(r.queue.contains(peer.near()));
}

TEST_CASE("a pipe closed by its peer with nothing to read is finished at once")
{
    rig r;
    auto& peer = r.add();
    peer.close();
    r.queue.peer_closed(peer.near(), r.results);
    CHECK(r.results.finished.size() == 1);
}

TEST_CASE("what is unread on a detached pipe is counted")
{
    rig r;
    auto& peer = r.add();
    peer.send("1");
    peer.send("2");
    r.queue.detach(peer.near(), r.results);
    CHECK(r.results.drops[std::size_t(drop_reason::disconnected)] == 2);
    CHECK(r.results.discarded.size() == 2);
    CHECK(r.queue.size() == 0);
}

TEST_CASE("subscription records are skipped: only publishers understand them")
{
    rig r;
    auto& peer = r.add();
    peer.subscribe("topic");
    peer.send("data");
    r.queue.activate(peer.near());
    CHECK(r.receive_all() == "data ");
}

TEST_CASE("late wake-ups of unknown pipes are ignored")
{
    rig r;
    auto& peer = r.add();
    r.queue.detach(peer.near(), r.results);
    r.queue.activate(peer.near());
    r.queue.peer_closed(peer.near(), r.results);
    r.queue.detach(peer.near(), r.results);
    CHECK(r.results.finished.empty());
}

TEST_CASE("everything unread can be thrown away at once")
{
    rig r;
    for (int i = 0; i < 3; ++i)
    {
        auto& peer = r.add();
        for (int j = 0; j <= i; ++j)
            peer.send("x");
        r.queue.activate(peer.near());
    }
    r.queue.discard_all(drop_reason::stale_reply, r.results);
    CHECK(r.results.drops[std::size_t(drop_reason::stale_reply)] == 6);
    CHECK_FALSE(r.queue.has_input(r.results));
}
