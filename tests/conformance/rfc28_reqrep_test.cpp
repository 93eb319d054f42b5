// RFC 28, Request-Reply: REQ, REP, DEALER and ROUTER, clause by clause.
#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

std::string texts(fake_peer& peer)
{
    std::string all;
    for (const message& m : peer.receive_all())
        all += m.back().string();
    return all;
}

}  // namespace

TEST_CASE("RFC 28 'REQ': any number of peers; outgoing requests round-robin over them")
{
    pattern_rig rig(socket_type::req);
    std::vector<fake_peer*> peers;
    for (int i = 0; i < 3; ++i)
        peers.push_back(&rig.add_peer());
    for (std::size_t i = 0; i < 6; ++i)
    {
        CHECK(rig.send(std::to_string(i)).is_done());
        fake_peer& asked = *peers[i % 3];
        CHECK(asked.receive() == message::of("", std::to_string(i)));
        asked.send(message::of("", "r"));
        CHECK(rig.receive());
    }
}

TEST_CASE("RFC 28 'REQ': an empty delimiter goes before the request and comes off the reply")
{
    pattern_rig rig(socket_type::req);
    auto& peer = rig.add_peer();
    CHECK(rig.send(message::of("one", "", "three")).is_done());
    CHECK(peer.receive() == message::of("", "one", "", "three"));
    peer.send(message::of("", "one", "", "three"));
    CHECK(rig.receive() == message::of("one", "", "three"));
}

TEST_CASE("RFC 28 'REQ': without a peer the sender waits, and no message is discarded")
{
    pattern_rig rig(socket_type::req);
    message m("kept");
    CHECK_FALSE(rig.can_send());
    CHECK(rig->send(m).what == outcome::status::would_block);
    CHECK(m == message("kept"));
    CHECK(rig.all_drops() == 0);
}

TEST_CASE("RFC 28 'REQ': replies come from the last asked peer only; others are discarded silently")
{
    pattern_rig rig(socket_type::req);
    auto& first = rig.add_peer();
    auto& second = rig.add_peer();
    CHECK(rig.send("1").is_done());
    first.send(message::of("", "r1"));
    CHECK(rig.receive());
    CHECK(rig.send("2").is_done());
    first.send(message::of("", "late"));
    second.send(message::of("", "r2"));
    CHECK(rig.receive() == message("r2"));
}

TEST_CASE("RFC 28 'REP': requests are fair-queued")
{
    pattern_rig rig(socket_type::rep);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (int i = 0; i < 3; ++i)
        a.send(message::of("", "a"));
    b.send(message::of("", "b"));
    std::string order;
    while (auto m = rig.receive())
    {
        order += m->front().text();
        CHECK(rig.send("r").is_done());
    }
    CHECK(order == "abaa");
}

TEST_CASE("RFC 28 'REP': all address frames up to the delimiter are kept, and lead the reply back")
{
    pattern_rig rig(socket_type::rep);
    auto& peer = rig.add_peer();
    peer.send(message::of("hop 2", "hop 1", "", "question"));
    CHECK(rig.receive() == message("question"));
    CHECK(rig.send("answer").is_done());
    CHECK(peer.receive() == message::of("hop 2", "hop 1", "", "answer"));
}

TEST_CASE(
    "RFC 28 'REP': one reply at most goes to the requester; if it is gone the reply is discarded")
{
    pattern_rig rig(socket_type::rep);
    auto& peer = rig.add_peer();
    peer.send(message::of("", "q"));
    CHECK(rig.receive());
    rig.close(peer);
    CHECK(rig.send("r").is_done());
    CHECK(rig.send("r").code == errc::wrong_state);
    CHECK(rig.drops(drop_reason::peer_gone) == 1);
}

TEST_CASE("RFC 28 'DEALER': outgoing round-robin, incoming fair-queued, messages unchanged")
{
    pattern_rig rig(socket_type::dealer);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (int i = 0; i < 4; ++i)
        CHECK(rig.send(std::to_string(i)).is_done());
    CHECK(texts(a) == "02");
    CHECK(texts(b) == "13");
    a.send("a");
    a.send("a");
    b.send("b");
    std::string order;
    while (auto m = rig.receive())
        order += m->front().text();
    CHECK(order == "aba");
}

TEST_CASE("RFC 28 'DEALER': it waits when no peer has room, and discards nothing")
{
    pattern_rig rig(socket_type::dealer);
    rig.add_peer({.to_peer_hwm = 1});
    CHECK(rig.send("1").is_done());
    CHECK(rig.send("2").what == outcome::status::would_block);
    CHECK(rig.all_drops() == 0);
}

TEST_CASE("RFC 28 'ROUTER': each peer is known by an id, its own or a generated one, unique here")
{
    pattern_rig rig(socket_type::router);
    auto& named = rig.add_peer({.routing_id = "name"});
    auto& first = rig.add_peer();
    auto& second = rig.add_peer();
    for (auto* peer : {&named, &first, &second})
        peer->send("x");
    CHECK(rig.receive()->front() == "name");
    const auto a = rig.receive()->front().string();
    const auto b = rig.receive()->front().string();
    CHECK(a != b);
    CHECK((!a.empty() && !b.empty()));
}

TEST_CASE(
    "RFC 28 'ROUTER': the id leads an incoming message, and chooses the peer of an outgoing one")
{
    pattern_rig rig(socket_type::router);
    auto& a = rig.add_peer({.routing_id = "A"});
    auto& b = rig.add_peer({.routing_id = "B"});
    a.send(message::of("", "q"));
    CHECK(rig.receive() == message::of("A", "", "q"));
    CHECK(rig.send(message::of("B", "", "r")).is_done());
    CHECK(b.receive() == message::of("", "r"));
    CHECK_FALSE(a.receive());
}

TEST_CASE("RFC 28 'ROUTER': what cannot be routed, or finds its peer full, is discarded silently")
{
    pattern_rig rig(socket_type::router);
    rig.add_peer({.routing_id = "A", .to_peer_hwm = 1});
    for (const char* to : {"nobody", "A", "A"})
        CHECK(rig.send(message::of(to, "x")).is_done());
    CHECK(rig.drops(drop_reason::unroutable) == 1);
    CHECK(rig.drops(drop_reason::peer_full) == 1);
}
