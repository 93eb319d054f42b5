#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;
using namespace std::string_literals;

TEST_CASE("ROUTER puts the sender's id before a message, and takes the addressee's off")
{
    pattern_rig rig(socket_type::router);
    auto& a = rig.add_peer({.routing_id = "A"});
    auto& b = rig.add_peer({.routing_id = "B"});
    b.send(message::of("x", "y"));
    CHECK(rig.receive() == message::of("B", "x", "y"));
    CHECK(rig.send(message::of("A", "z")).is_done());
    CHECK(a.receive() == message("z"));
    CHECK_FALSE(b.receive());
}

TEST_CASE("an empty message arrives as the id and an empty frame")
{
    pattern_rig rig(socket_type::router);
    rig.add_peer({.routing_id = "A"}).send("");
    CHECK(rig.receive() == message::of("A", ""));
}

TEST_CASE("peers without an id, or with one that may not be, get 00 and a counter")
{
    pattern_rig rig(socket_type::router, {.random_seed = 7});
    auto& none = rig.add_peer();
    auto& zero = rig.add_peer({.routing_id = "\0xxxx"s});
    auto& lengthy = rig.add_peer({.routing_id = std::string(256, 'x')});
    none.send("1");
    CHECK(rig.receive() == message::of("\0\0\0\0\7"s, "1"));
    zero.send("2");
    CHECK(rig.receive() == message::of("\0\0\0\0\x08"s, "2"));
    lengthy.send("3");
    CHECK(rig.receive() == message::of("\0\0\0\0\x09"s, "3"));
    CHECK(rig.send(message::of("\0\0\0\0\x08"s, "r")).is_done());
    CHECK(zero.receive() == message("r"));
}

TEST_CASE("a message for nobody is dropped and counted; with mandatory it is no_route")
{
    pattern_rig rig(socket_type::router);
    rig.add_peer({.routing_id = "A"});
    CHECK(rig.send(message::of("B", "x")).is_done());
    CHECK(rig.drops(drop_reason::unroutable) == 1);
    CHECK(rig.can_send());

    rig->set_options({.router_mandatory = true});
    message m = message::of("B", "x");
    CHECK(rig->send(m).code == errc::no_route);
    CHECK(m == message::of("B", "x"));
}

TEST_CASE("a message for a full peer is dropped and counted; with mandatory it blocks")
{
    pattern_rig rig(socket_type::router);
    auto& peer = rig.add_peer({.routing_id = "A", .to_peer_hwm = 1});
    CHECK(rig.send(message::of("A", "1")).is_done());
    CHECK(rig.send(message::of("A", "2")).is_done());
    CHECK(rig.drops(drop_reason::peer_full) == 1);

    rig->set_options({.router_mandatory = true});
    message m = message::of("A", "3");
    CHECK(rig->send(m).what == outcome::status::would_block);
    CHECK(m == message::of("A", "3"));
    CHECK_FALSE(rig.can_send());
    CHECK(peer.receive() == message("1"));
    rig.settle();
    CHECK(rig.writable_count() == 1);
    CHECK(rig.can_send());
    CHECK(rig->send(m).is_done());
}

TEST_CASE("a single frame has no addressee: dropped and counted, mandatory or not")
{
    for (const bool mandatory : {false, true})
    {
        pattern_rig rig(socket_type::router, {.router_mandatory = mandatory});
        auto& peer = rig.add_peer({.routing_id = "A"});
        CHECK(rig.send("A").is_done());
        CHECK(rig.drops(drop_reason::unroutable) == 1);
        CHECK_FALSE(peer.receive());
    }
}

TEST_CASE("a second peer of the same id is refused, and not promoted later")
{
    pattern_rig rig(socket_type::router);
    auto& first = rig.add_peer({.routing_id = "A"});
    auto& second = rig.add_peer({.routing_id = "A"});
    CHECK(rig.was_refused(second));
    second.send("ignored");
    CHECK_FALSE(rig.receive());
    CHECK(rig.send(message::of("A", "x")).is_done());
    CHECK(first.receive() == message("x"));
    rig.close(first);
    CHECK(rig.send(message::of("A", "x")).is_done());
    CHECK(rig.drops(drop_reason::unroutable) == 1);
}

TEST_CASE("with handover the new peer takes the id, and what the old one had sent is delivered")
{
    pattern_rig rig(socket_type::router, {.router_handover = true});
    auto& old = rig.add_peer({.routing_id = "A"});
    old.send("1");
    old.send("2");
    auto& fresh = rig.add_peer({.routing_id = "A"});
    CHECK(rig.was_refused(old));
    CHECK_FALSE(rig.was_refused(fresh));
    fresh.send("3");
    CHECK(rig.can_receive());
    CHECK(rig.receive() == message::of("A", "1"));
    CHECK(rig.receive() == message::of("A", "2"));
    CHECK(rig.receive() == message::of("A", "3"));
    CHECK(rig.send(message::of("A", "x")).is_done());
    CHECK(fresh.receive() == message("x"));
    CHECK(rig.all_drops() == 0);
}

TEST_CASE("subscription records that the old peer of a handover left unread are no messages")
{
    pattern_rig rig(socket_type::router, {.router_handover = true});
    rig.add_peer({.routing_id = "A"}).subscribe("topic");
    rig.add_peer({.routing_id = "A"});
    CHECK_FALSE(rig.can_receive());
}

TEST_CASE("the id of a peer that left is free at once, while its messages can still be read")
{
    pattern_rig rig(socket_type::router, {.router_mandatory = true});
    auto& old = rig.add_peer({.routing_id = "A"});
    old.send("last words");
    rig.close(old);
    CHECK(rig.send(message::of("A", "x")).code == errc::no_route);
    auto& fresh = rig.add_peer({.routing_id = "A"});
    CHECK(rig.results.refused.empty());
    CHECK(rig.receive() == message::of("A", "last words"));
    CHECK(rig.is_finished(old));
    CHECK(rig.send(message::of("A", "x")).is_done());
    CHECK(fresh.receive() == message("x"));
}

TEST_CASE("a peer that leaves between two calls is no_route, not full")
{
    pattern_rig rig(socket_type::router, {.router_mandatory = true});
    auto& peer = rig.add_peer({.routing_id = "A"});
    peer.close();
    message m = message::of("A", "x");
    CHECK(rig->send(m).code == errc::no_route);
}

TEST_CASE("before it is connected a peer has no id, unless the application chose one")
{
    pattern_rig rig(socket_type::router);
    rig.add_peer({.routing_id = "A", .initiated_here = true, .connected = false});
    auto& chosen = rig.add_peer({.routing_id = "said",
        .connect_routing_id = "B",
        .initiated_here = true,
        .connected = false});
    CHECK(rig.send(message::of("A", "x")).is_done());
    CHECK(rig.drops(drop_reason::unroutable) == 1);
    CHECK(rig.send(message::of("B", "queued")).is_done());
    rig.connect(chosen);
    CHECK(chosen.receive() == message("queued"));
    chosen.send("x");
    CHECK(rig.receive() == message::of("B", "x"));
}

TEST_CASE("a peer keeps its id when it connects again, whatever it says then")
{
    pattern_rig rig(socket_type::router, {.random_seed = 0});
    auto& peer = rig.add_peer({.initiated_here = true});
    rig.disconnect(peer);
    rig->connected(peer.near(), {"other", socket_type::dealer});
    peer.send("x");
    CHECK(rig.receive() == message::of("\0\0\0\0\0"s, "x"));
}

TEST_CASE("ROUTER probes each connection")
{
    pattern_rig rig(socket_type::router, {.probe_router = true});
    auto& peer = rig.add_peer({.routing_id = "A"});
    CHECK(peer.receive() == message(""));
    auto& refused = rig.add_peer({.routing_id = "A"});
    CHECK_FALSE(refused.receive());
}

TEST_CASE("messages of a given-up peer are counted, and its id is free")
{
    pattern_rig rig(socket_type::router);
    auto& peer = rig.add_peer({.routing_id = "A"});
    peer.send("1");
    rig.detach(peer);
    CHECK(rig.drops(drop_reason::disconnected) == 1);
    rig.add_peer({.routing_id = "A"});
    CHECK(rig.results.refused.empty());
}

TEST_CASE("the peer's properties ride along with what ROUTER delivers")
{
    pattern_rig rig(socket_type::router);
    auto& peer = rig.add_peer({.routing_id = "A"});
    peer.near().set_peer(peer_handle(peer_properties::list{{"Peer-Address", "10.0.0.1"}}));
    peer.send("x");
    CHECK(rig.receive()->property("Peer-Address") == "10.0.0.1");
}

TEST_CASE("mandatory: can_send tells of room at any peer that has an id")
{
    pattern_rig rig(socket_type::router, {.router_mandatory = true});
    CHECK_FALSE(rig.can_send());
    rig.add_peer({.connected = false});
    CHECK_FALSE(rig.can_send());
    rig.add_peer({.routing_id = "A"});
    CHECK(rig.can_send());
}

TEST_CASE("a raw peer of a ROUTER has a made-up id at once, whatever it announces")
{
    pattern_rig rig(socket_type::router, {.probe_router = true, .random_seed = 7});
    auto& raw = rig.add_peer({.routing_id = "A", .raw = true, .connected = false});
    CHECK(rig.send(message::of("\0\0\0\0\7"s, "early")).is_done());
    rig.connect(raw);
    CHECK(raw.receive() == message("early"));
    CHECK_FALSE(raw.receive());  // no probe
    raw.send("octets");
    CHECK(rig.receive() == message::of("\0\0\0\0\7"s, "octets"));
}

TEST_CASE("a ROUTER lets a raw peer go that is sent an empty frame, and no other peer")
{
    pattern_rig rig(socket_type::router);
    auto& raw = rig.add_peer({.connect_routing_id = "raw", .initiated_here = true, .raw = true});
    auto& other = rig.add_peer({.routing_id = "other"});
    raw.send("unread");
    CHECK(rig.send(message::of("raw", "last")).is_done());
    CHECK(rig.send(message::of("raw", "")).is_done());
    CHECK(rig.send(message::of("other", "")).is_done());
    CHECK(rig.was_refused(raw));
    CHECK_FALSE(rig.was_refused(other));
    CHECK_FALSE(rig.receive());
    CHECK(raw.receive() == message("last"));
    CHECK_FALSE(raw.receive());
    CHECK(other.receive() == message(""));
    CHECK(rig.send(message::of("raw", "late")).is_done());
    CHECK(rig.drops(drop_reason::unroutable) == 1);
}

TEST_CASE("what a ROUTER sends to a raw peer has two frames")
{
    pattern_rig rig(socket_type::router);
    auto& raw = rig.add_peer({.connect_routing_id = "raw", .initiated_here = true, .raw = true});
    message m = message::of("raw", "x", "y");
    CHECK(rig->send(m).code == errc::invalid_argument);
    CHECK(m == message::of("raw", "x", "y"));
    CHECK_FALSE(raw.receive());
}

TEST_CASE("a full raw peer misses a message; with mandatory it blocks, and can be let go")
{
    pattern_rig rig(socket_type::router);
    auto& raw = rig.add_peer(
        {.connect_routing_id = "raw", .initiated_here = true, .raw = true, .to_peer_hwm = 1});
    CHECK(rig.send(message::of("raw", "1")).is_done());
    CHECK(rig.send(message::of("raw", "2")).is_done());
    CHECK(rig.drops(drop_reason::peer_full) == 1);
    rig->set_options({.router_mandatory = true});
    CHECK(rig.send(message::of("raw", "3")).what == outcome::status::would_block);
    CHECK(rig.send(message::of("raw", "")).is_done());
    CHECK(rig.was_refused(raw));
    CHECK(rig.send(message::of("raw", "4")).code == errc::no_route);
}

TEST_CASE("handover takes no raw peer's id, and gives it none")
{
    pattern_rig rig(socket_type::router, {.router_handover = true});
    auto& raw = rig.add_peer({.connect_routing_id = "A", .initiated_here = true, .raw = true});
    auto& named = rig.add_peer({.routing_id = "A"});
    auto& second = rig.add_peer({.connect_routing_id = "A", .initiated_here = true, .raw = true});
    CHECK(rig.was_refused(named));
    CHECK(rig.was_refused(second));
    CHECK(rig.send(message::of("A", "x")).is_done());
    CHECK(raw.receive() == message("x"));
}
