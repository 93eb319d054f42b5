#include "patterns/routing/distributor.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;
using ferry::patterns::distributor;

namespace
{

struct rig
{
    explicit rig(std::size_t count, std::size_t hwm = 1000)
    {
        for (std::size_t i = 0; i < count; ++i)
        {
            peers.push_back(
                std::make_unique<fake_peer>(peer_setup{.to_peer_hwm = hwm}, results.wakes));
            out.attach(peers.back()->near_shared());
        }
    }
    std::string who_got(message m)
    {
        out.send(std::move(m), results);
        std::string who;
        for (std::size_t i = 0; i < peers.size(); ++i)
            for (const message& got : peers[i]->receive_all())
                who += std::to_string(i) + got.front().string();
        return who;
    }
    std::uint64_t drops(drop_reason why) const { return results.drops[std::size_t(why)]; }

    patterns::effects results;
    distributor out;
    std::vector<std::unique_ptr<fake_peer>> peers;
};

}  // namespace

TEST_CASE("those that match get one copy each, however often they match")
{
    rig r(4);
    for (const std::size_t i : {1, 3, 1})
        r.out.match(r.peers[i]->near());
    CHECK(r.out.matching() == 2);
    CHECK(r.who_got("x") == "1x3x");
}

TEST_CASE("inverted, all the others get it")
{
    for (unsigned set = 0; set < 32; ++set)
    {
        rig r(5);
        std::string others;
        for (std::size_t i = 0; i < 5; ++i)
            if ((set >> i & 1) != 0)
                r.out.match(r.peers[i]->near());
            else
                others += std::to_string(i) + "x";
        r.out.invert();
        CHECK(r.who_got("x") == others);
    }
}

TEST_CASE("copies share a large body")
{
    rig r(3);
    r.out.match_all();
    r.out.send(std::string(1000, 'x'), r.results);
    const auto first = r.peers[0]->receive();
    const auto second = r.peers[1]->receive();
    CHECK(first->front().data() == second->front().data());
}

TEST_CASE(
    "a full pipe misses messages until its reader reaches the low-water mark, not one message")
{
    rig r(1, 4);
    r.out.match_all();
    for (int i = 0; i < 6; ++i)
        r.out.send("x", r.results);
    CHECK(r.drops(drop_reason::subscriber_full) == 2);
    CHECK_FALSE(r.out.all_have_room());
    CHECK(r.peers[0]->receive());
    r.out.send("x", r.results);
    CHECK(r.drops(drop_reason::subscriber_full) == 3);
    CHECK(r.peers[0]->receive());
    r.out.send("x", r.results);
    CHECK(r.drops(drop_reason::subscriber_full) == 3);
}

TEST_CASE("a pipe whose peer is gone keeps nobody waiting")
{
    rig r(2);
    r.peers[0]->close();
    r.out.match_all();
    CHECK(r.out.all_have_room());
    CHECK(r.who_got("x") == "1x");
    CHECK(r.drops(drop_reason::disconnected) == 1);
}

TEST_CASE("a detached pipe gets nothing")
{
    rig r(3);
    r.out.detach(r.peers[1]->near());
    r.out.detach(r.peers[1]->near());
    r.out.match_all();
    CHECK(r.who_got("x") == "0x2x");
}
