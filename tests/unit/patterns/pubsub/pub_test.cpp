#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("a message goes to those who subscribed to a prefix of its first frame, once each")
{
    pattern_rig rig(socket_type::pub);
    auto& a = rig.add_peer();
    auto& ab = rig.add_peer();
    auto& nothing = rig.add_peer();
    a.subscribe("a");
    ab.subscribe("a");
    ab.subscribe("ab");
    rig.settle();
    CHECK(rig->subscribers("abc") == 2);
    CHECK(rig.send(message::of("abc", "xyz")).is_done());
    CHECK(rig.send(message::of("xyz", "abc")).is_done());
    CHECK(a.receive_all() == std::vector{message::of("abc", "xyz")});
    CHECK(ab.receive_all() == std::vector{message::of("abc", "xyz")});
    CHECK(nothing.receive_all().empty());
    CHECK(rig.drops(drop_reason::no_subscriber) == 1);
}

TEST_CASE("the empty topic matches everything, also an empty message")
{
    pattern_rig rig(socket_type::pub);
    auto& peer = rig.add_peer();
    peer.subscribe("");
    CHECK(rig.send("").is_done());
    CHECK(rig.send("x").is_done());
    CHECK(peer.receive_all().size() == 2);
}

TEST_CASE("subscribed twice and cancelled once is not subscribed")
{
    pattern_rig rig(socket_type::pub);
    auto& peer = rig.add_peer();
    peer.subscribe("a");
    peer.subscribe("a");
    peer.cancel("a");
    rig.settle();
    CHECK(rig->subscribers("a") == 0);
}

TEST_CASE(
    "messages that start with 01 and 00 are subscriptions as well; others are discarded and counted")
{
    pattern_rig rig(socket_type::pub);
    auto& peer = rig.add_peer();
    peer.send("\1a");
    peer.send("user data");
    rig.settle();
    CHECK(rig->subscribers("a") == 1);
    CHECK(rig.drops(drop_reason::unexpected_input) == 1);
    peer.send(std::string("\0a", 2));
    rig.settle();
    CHECK(rig->subscribers("a") == 0);
}

TEST_CASE(
    "a subscriber at its high-water mark misses messages, the others do not, and send succeeds")
{
    pattern_rig rig(socket_type::pub);
    auto& slow = rig.add_peer({.to_peer_hwm = 2});
    auto& fast = rig.add_peer();
    slow.subscribe("");
    fast.subscribe("");
    for (int i = 0; i < 5; ++i)
        CHECK(rig.send("x").is_done());
    CHECK(slow.receive_all().size() == 2);
    CHECK(fast.receive_all().size() == 5);
    CHECK(rig.drops(drop_reason::subscriber_full) == 3);
}

TEST_CASE(
    "no_drop: a full subscriber of the topic blocks the message for all; of another topic it does not")
{
    pattern_rig rig(socket_type::pub, {.xpub_no_drop = true});
    auto& slow = rig.add_peer({.to_peer_hwm = 1});
    auto& fast = rig.add_peer();
    slow.subscribe("a");
    fast.subscribe("");
    CHECK(rig.send("a").is_done());
    message m("a");
    CHECK(rig->send(m).what == outcome::status::would_block);
    CHECK(m == message("a"));
    CHECK(rig.can_send());
    CHECK(rig.send("b").is_done());
    CHECK(fast.receive_all().size() == 2);
    CHECK(slow.receive());
    rig.settle();
    CHECK(rig.writable_count() == 1);
    CHECK(rig->send(m).is_done());
}

TEST_CASE("with inverted matching a message goes to those who did not ask for it")
{
    pattern_rig rig(socket_type::pub, {.invert_matching = true});
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    a.subscribe("a");
    b.subscribe("b");
    CHECK(rig.send("a").is_done());
    CHECK_FALSE(a.receive());
    CHECK(b.receive() == message("a"));
}

TEST_CASE("a peer that left has no subscriptions any more, nor has its successor")
{
    pattern_rig rig(socket_type::pub);
    auto& peer = rig.add_peer();
    peer.subscribe("a");
    rig.close(peer);
    CHECK(rig.is_finished(peer));
    rig.add_peer();
    CHECK(rig->subscribers("a") == 0);
}

TEST_CASE(
    "subscriptions outlive a lost connection, so that messages queue; a new connection starts without")
{
    pattern_rig rig(socket_type::pub);
    auto& peer = rig.add_peer({.initiated_here = true});
    peer.subscribe("a");
    rig.disconnect(peer);
    CHECK(rig.send("a1").is_done());
    CHECK(rig->subscribers("a") == 1);
    rig.connect(peer);
    CHECK(rig->subscribers("a") == 0);
    CHECK(peer.receive() == message("a1"));
    peer.subscribe("b");
    CHECK(rig.send("b").is_done());
    CHECK(peer.receive() == message("b"));
}

TEST_CASE("PUB takes no part in manual mode, and never receives")
{
    pattern_rig rig(socket_type::pub, {.xpub_manual = true});
    auto& peer = rig.add_peer();
    peer.subscribe("a");
    rig.settle();
    CHECK(rig->subscribers("a") == 1);
    CHECK(rig->subscribe("a") == errc::not_supported);
    CHECK(rig.receive_error() == errc::not_supported);
    CHECK_FALSE(rig.can_receive());
}

TEST_CASE("copies for many subscribers share one large body")
{
    pattern_rig rig(socket_type::pub);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    a.subscribe("");
    b.subscribe("");
    CHECK(rig.send(std::string(5000, 'x')).is_done());
    CHECK(a.receive()->front().data() == b.receive()->front().data());
}
