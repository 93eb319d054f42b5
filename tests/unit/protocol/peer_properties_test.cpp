#include <ferry/peer_properties.hpp>

#include <optional>
#include <thread>
#include <vector>

#include <ferry/detail/peer_references.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/protocol/allocation_count.hpp"

using ferry::peer_handle;
using ferry::peer_properties;
using ferry::test::allocation_count;

namespace
{

peer_handle make_peer()
{
    return peer_handle(peer_properties::list{{"Identity", "A"}});
}

/// More peers than a thread keeps spare references to.
std::vector<peer_handle> make_many_peers()
{
    std::vector<peer_handle> peers;
    for (std::size_t i = 0; i < 4 * ferry::detail::thread_cache::max_peers; ++i)
        peers.push_back(make_peer());
    return peers;
}

}  // namespace

TEST_CASE("a handle is empty or leads to properties, and so do its copies")
{
    const peer_handle none;
    CHECK(!none);
    CHECK(none.get() == nullptr);

    peer_handle peer = make_peer();
    const peer_handle copy = peer;
    CHECK(copy.get() == peer.get());
    CHECK(copy->find("Identity") == "A");
    CHECK((*copy).find("identity").data() == nullptr);
    const peer_handle moved = std::move(peer);
    CHECK(moved.get() == copy.get());
    peer = none;
    CHECK(!peer);
    peer = moved;
    CHECK(peer->all().size() == 1);
}

TEST_CASE("properties are there as long as one of any number of copies is")
{
    for (const std::size_t count : {1, 2, 31, 32, 33, 64, 65, 200})
    {
        const peer_handle last = make_peer();
        for (int round = 0; round < 3; ++round)
            std::vector<peer_handle>(count, last).clear();
        CHECK(last->find("Identity") == "A");
    }
}

TEST_CASE("properties without a handle go when the thread meets other peers")
{
    const std::vector<peer_handle> others = make_many_peers();
    const auto use_one = [&others] {
        peer_handle gone = make_peer();
        const std::vector<peer_handle> copies(100, gone);
        for (const peer_handle& other : others)
            const peer_handle copy = other;
    };
    use_one();  // what was kept before is gone now
    const allocation_count count;
    use_one();
    CHECK(count.number() != 0);
    CHECK(count.number_freed() == count.number());
}

TEST_CASE("more peers than a thread keeps spare references to are counted correctly, too")
{
    std::vector<peer_handle> peers = make_many_peers();
    for (int round = 0; round < 3; ++round)
    {
        const std::vector<peer_handle> copies = peers;
        for (const peer_handle& copy : copies)
            CHECK(copy->find("Identity") == "A");
    }
}

TEST_CASE("references taken in one thread may be dropped in another")
{
    const peer_handle peer = make_peer();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([peer] {
            for (int i = 0; i < 100; ++i)
            {
                std::vector<peer_handle> copies(50, peer);
                std::thread([&copies] { copies.resize(10); }).join();
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(peer->find("Identity") == "A");
}

TEST_CASE("a handle may outlive what its thread kept")
{
    struct holder
    {
        std::optional<peer_handle> peer;
        ~holder()
        {
            const peer_handle copy = *peer;
            CHECK(copy->find("Identity") == "A");
        }
    };
    std::thread([] {
        thread_local holder held;  // constructed before the thread keeps anything, destroyed after
        held.peer = make_peer();
        const std::vector<peer_handle> copies(100, *held.peer);
    }).join();
}

TEST_CASE("a thread without memory to keep anything counts every reference")
{
    const peer_handle peer = make_peer();
    std::thread([&peer] {
        const ferry::test::failing_allocations failing(0);
        const peer_handle copy = peer;
        const peer_handle another = copy;
        CHECK(another.get() == peer.get());
    }).join();
}
