#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;
using namespace std::string_literals;

namespace
{

const std::string first_id = "\0\0\0\0\7"s;
const std::string second_id = "\0\0\0\0\x08"s;

}  // namespace

TEST_CASE("STREAM puts the sender's made-up id before a message, and takes the addressee's off")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    b.send("x");
    CHECK(rig.receive() == message::of(second_id, "x"));
    CHECK(rig.send(message::of(first_id, "y")).is_done());
    CHECK(a.receive() == message("y"));
    CHECK_FALSE(b.receive());
}

TEST_CASE("an empty message, by which a connection tells of itself, comes with the id as well")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    rig.add_peer().send("");
    CHECK(rig.receive() == message::of(first_id, ""));
}

TEST_CASE("what a peer announces is no id")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    rig.add_peer({.routing_id = "A"}).send("x");
    CHECK(rig.receive() == message::of(first_id, "x"));
}

TEST_CASE("a STREAM's peer has its id before it is connected, and while it is not")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    auto& peer = rig.add_peer({.initiated_here = true, .connected = false});
    CHECK(rig->last_connect_routing_id() == first_id);
    CHECK(rig.send(message::of(first_id, "early")).is_done());
    rig.connect(peer);
    CHECK(peer.receive() == message("early"));
    rig.disconnect(peer);
    CHECK(rig.send(message::of(first_id, "between")).is_done());
    CHECK(peer.receive() == message("between"));
}

TEST_CASE("the id of the last connect is not that of an accepted peer")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    CHECK(rig->last_connect_routing_id().empty());
    rig.add_peer();
    CHECK(rig->last_connect_routing_id().empty());
    rig.add_peer({.initiated_here = true});
    CHECK(rig->last_connect_routing_id() == second_id);
    rig.add_peer({.connect_routing_id = "printer", .initiated_here = true});
    CHECK(rig->last_connect_routing_id() == "printer");
}

TEST_CASE("a STREAM's connect may choose the id, and a second one of that name is refused")
{
    pattern_rig rig(socket_type::stream);
    auto& first = rig.add_peer({.connect_routing_id = "printer", .initiated_here = true});
    auto& second = rig.add_peer({.connect_routing_id = "printer", .initiated_here = true});
    CHECK(rig.was_refused(second));
    CHECK_FALSE(rig.was_refused(first));
    CHECK(rig.send(message::of("printer", "x")).is_done());
    CHECK(first.receive() == message("x"));
    second.send("ignored");
    CHECK_FALSE(rig.receive());
}

TEST_CASE("a STREAM's message for nobody is no_route, and stays with the caller")
{
    pattern_rig rig(socket_type::stream);
    message m = message::of("who", "x");
    CHECK(rig->send(m).code == errc::no_route);
    CHECK(m == message::of("who", "x"));
    message farewell = message::of("who", "");
    CHECK(rig->send(farewell).code == errc::no_route);
    CHECK(rig.can_send());
    CHECK(rig.all_drops() == 0);
}

TEST_CASE("a STREAM's messages have two frames")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    auto& peer = rig.add_peer();
    for (message m : {message(first_id), message::of(first_id, "x", "y")})
    {
        const message before = m;
        CHECK(rig->send(m).code == errc::invalid_argument);
        CHECK(m == before);
    }
    CHECK_FALSE(peer.receive());
}

TEST_CASE("a full peer makes a STREAM wait, the others do not")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    auto& full = rig.add_peer({.to_peer_hwm = 1});
    auto& other = rig.add_peer({.to_peer_hwm = 1});
    CHECK(rig.send(message::of(first_id, "1")).is_done());
    message m = message::of(first_id, "2");
    CHECK(rig->send(m).what == outcome::status::would_block);
    CHECK(m == message::of(first_id, "2"));
    CHECK(rig.can_send());
    CHECK(rig.send(message::of(second_id, "3")).is_done());
    CHECK_FALSE(rig.can_send());
    CHECK(full.receive() == message("1"));
    rig.settle();
    CHECK(rig.writable_count() == 1);
    CHECK(rig.can_send());
    CHECK(rig->send(m).is_done());
    CHECK(other.receive() == message("3"));
}

TEST_CASE("an empty second frame lets the peer go: what was sent stays, what was unread does not")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    auto& peer = rig.add_peer({.to_peer_hwm = 1});
    peer.send("unread");
    CHECK(rig.send(message::of(first_id, "last")).is_done());
    CHECK(rig.send(message::of(first_id, "")).is_done());
    CHECK(rig.was_refused(peer));
    CHECK(rig.drops(drop_reason::disconnected) == 1);
    CHECK_FALSE(rig.receive());
    CHECK(peer.receive() == message("last"));
    CHECK_FALSE(peer.receive());
    CHECK(rig.send(message::of(first_id, "x")).code == errc::no_route);
}

TEST_CASE("a STREAM's peer that closed is sent nothing more, but what it sent is received")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    auto& peer = rig.add_peer();
    peer.send("1");
    peer.send("");
    rig.close(peer);
    CHECK(rig.send(message::of(first_id, "x")).code == errc::no_route);
    CHECK_FALSE(rig.is_finished(peer));
    CHECK(rig.receive() == message::of(first_id, "1"));
    CHECK(rig.receive() == message::of(first_id, ""));
    CHECK(rig.is_finished(peer));
    CHECK_FALSE(rig.can_receive());
}

TEST_CASE("with its second notice an accepted peer is gone, one that was connected to is not")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    for (const bool initiated_here : {false, true})
    {
        auto& peer = rig.add_peer({.initiated_here = initiated_here});
        const std::string& id = initiated_here ? second_id : first_id;
        peer.send("");
        CHECK(rig.receive() == message::of(id, ""));
        CHECK(rig.send(message::of(id, "x")).is_done());
        peer.send("");
        CHECK(rig.receive() == message::of(id, ""));
        const errc expected = initiated_here ? errc{} : errc::no_route;
        CHECK(rig.send(message::of(id, "x")).code == expected);
    }
}

TEST_CASE("a STREAM reads its peers in turn")
{
    pattern_rig rig(socket_type::stream, {.random_seed = 7});
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (const char* text : {"1", "2"})
    {
        a.send(text);
        b.send(text);
    }
    CHECK(rig.receive() == message::of(first_id, "1"));
    CHECK(rig.receive() == message::of(second_id, "1"));
    CHECK(rig.receive() == message::of(first_id, "2"));
    CHECK(rig.receive() == message::of(second_id, "2"));
}
