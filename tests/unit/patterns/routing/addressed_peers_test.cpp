#include "patterns/routing/addressed_peers.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;
using ferry::patterns::addressed_peers;

namespace
{

struct rig
{
    fake_peer& add(const std::string& id, const patterns::attachment& how = {})
    {
        peers.push_back(std::make_unique<fake_peer>(peer_setup{.to_peer_hwm = 1}, results.wakes));
        all.add(peers.back()->near_shared(), how);
        if (!id.empty())
            CHECK(all.identify(peers.back()->near(), id));
        return *peers.back();
    }
    std::optional<message> receive()
    {
        message m;
        return all.receive(m) ? std::optional(m) : std::nullopt;
    }
    bool is_finished(const fake_peer& peer) const
    {
        return std::count(results.finished.begin(), results.finished.end(), peer.near_shared()) ==
            1;
    }

    patterns::effects results;
    addressed_peers all{7, results};
    std::vector<std::unique_ptr<fake_peer>> peers;
};

}  // namespace

TEST_CASE("a peer is found by its id, and its messages come with it")
{
    rig r;
    fake_peer& a = r.add("A");
    fake_peer& b = r.add("B");
    CHECK(r.all.find("A") == &a.near());
    CHECK(r.all.id_of(b.near()) == "B");
    CHECK(r.all.find("C") == nullptr);
    b.send("x");
    r.all.readable(b.near());
    CHECK(r.all.has_input());
    CHECK(r.receive() == message::of("B", "x"));
    CHECK_FALSE(r.all.has_input());
}

TEST_CASE("an id is one peer's, until that peer is gone")
{
    rig r;
    fake_peer& first = r.add("A");
    fake_peer& second = r.add("");
    CHECK_FALSE(r.all.identify(second.near(), "A"));
    CHECK(r.all.id_of(second.near()).empty());
    r.all.detach(first.near());
    CHECK(r.all.identify(second.near(), "A"));
    CHECK(r.all.find("A") == &second.near());
}

TEST_CASE("a peer without an id is neither sent to nor received from")
{
    rig r;
    CHECK(r.all.empty());
    fake_peer& peer = r.add("");
    CHECK_FALSE(r.all.empty());
    peer.send("x");
    r.all.readable(peer.near());
    CHECK_FALSE(r.receive());
    CHECK_FALSE(r.all.any_has_room());
    CHECK(r.all.identify(peer.near(), "A"));
    CHECK(r.all.any_has_room());
    CHECK(r.receive() == message::of("A", "x"));
}

TEST_CASE("there is room while one peer has some")
{
    rig r;
    fake_peer& a = r.add("A");
    fake_peer& b = r.add("B");
    for (fake_peer* peer : {&a, &b})
    {
        CHECK(r.all.any_has_room());
        peer->near().send("x", r.results.wakes);
    }
    CHECK_FALSE(r.all.any_has_room());
}

TEST_CASE("a peer that closed is not found, and forgotten when it is drained")
{
    rig r;
    fake_peer& peer = r.add("A");
    peer.send("last");
    peer.close();
    CHECK(r.all.find("A") == nullptr);
    CHECK(r.all.owner_of("A") == &peer.near());
    r.all.peer_closed(peer.near());
    CHECK(r.all.owner_of("A") == nullptr);
    CHECK(r.all.contains(peer.near()));
    CHECK(r.receive() == message::of("A", "last"));
    CHECK_FALSE(r.all.contains(peer.near()));
    CHECK(r.is_finished(peer));
}

TEST_CASE("a peer that closed before it had an id is finished at once")
{
    rig r;
    fake_peer& peer = r.add("");
    peer.send("never received");
    peer.close();
    r.all.peer_closed(peer.near());
    CHECK(r.is_finished(peer));
    CHECK(r.all.empty());
    CHECK_FALSE(r.receive());
}

TEST_CASE("a refused peer is forgotten, and what was unread is dropped")
{
    rig r;
    fake_peer& peer = r.add("A");
    peer.send("unread");
    r.all.refuse(peer.near());
    CHECK(r.results.refused.size() == 1);
    CHECK(r.results.drops[std::size_t(drop_reason::disconnected)] == 1);
    CHECK_FALSE(r.all.contains(peer.near()));
    CHECK(r.all.owner_of("A") == nullptr);
}

TEST_CASE("an empty message is a raw peer's notice: with the second one an accepted peer is gone")
{
    for (const bool raw : {false, true})
        for (const bool initiated_here : {false, true})
        {
            rig r;
            fake_peer& peer = r.add("A", {.initiated_here = initiated_here, .is_raw = raw});
            for (int notices = 1; notices <= 2; ++notices)
            {
                peer.send("");
                r.all.readable(peer.near());
                CHECK(r.receive() == message::of("A", ""));
                const bool is_gone = raw && !initiated_here && notices == 2;
                CHECK((r.all.find("A") == nullptr) == is_gone);
            }
            CHECK(r.all.is_raw(peer.near()) == raw);
        }
}
