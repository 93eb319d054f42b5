// RFC 29, Publish-Subscribe: PUB, SUB, XPUB and XSUB, clause by clause.
#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

TEST_CASE("RFC 29 'PUB': it never receives, and a message that nobody wants is dropped")
{
    pattern_rig rig(socket_type::pub);
    rig.add_peer();
    CHECK(rig.send("x").is_done());
    CHECK(rig.drops(drop_reason::no_subscriber) == 1);
    CHECK(rig.receive_error() == errc::not_supported);
}

TEST_CASE("RFC 29 'PUB': subscriptions are prefixes of octets at the front of the message")
{
    pattern_rig rig(socket_type::pub);
    auto& peer = rig.add_peer();
    peer.subscribe(std::string("\0\xff", 2));
    CHECK(rig.send(std::string("\0\xff\1", 3)).is_done());
    CHECK(rig.send(std::string("\0", 1)).is_done());
    CHECK(rig.send("\xff").is_done());
    CHECK(peer.receive_all().size() == 1);
}

TEST_CASE("RFC 29 'PUB': it does not block, and drops what a full subscriber would get")
{
    pattern_rig rig(socket_type::pub);
    auto& peer = rig.add_peer({.to_peer_hwm = 3});
    peer.subscribe("");
    for (int i = 0; i < 10; ++i)
    {
        CHECK(rig.can_send());
        CHECK(rig.send("x").is_done());
    }
    CHECK(peer.receive_all().size() == 3);
    CHECK(rig.drops(drop_reason::subscriber_full) == 7);
}

TEST_CASE("RFC 29 'PUB': the queue to a peer that it connects to outlasts the connection")
{
    pattern_rig rig(socket_type::pub);
    auto& peer = rig.add_peer({.initiated_here = true});
    peer.subscribe("");
    rig.disconnect(peer);
    CHECK(rig.send("meanwhile").is_done());
    rig.connect(peer);
    CHECK(peer.receive() == message("meanwhile"));
}

TEST_CASE("RFC 29 'SUB': it never sends, and receives nothing without a subscription")
{
    pattern_rig rig(socket_type::sub);
    auto& peer = rig.add_peer();
    peer.send("x");
    CHECK(rig.send("x").code == errc::not_supported);
    CHECK_FALSE(rig.receive());
}

TEST_CASE("RFC 29 'SUB': its subscriptions go to all publishers, those that come later too")
{
    pattern_rig rig(socket_type::sub);
    auto& early = rig.add_peer();
    CHECK_FALSE(rig->subscribe("t"));
    auto& late = rig.add_peer();
    CHECK(early.records() == std::vector<std::string>{"+t"});
    CHECK(late.records() == std::vector<std::string>{"+t"});
}

TEST_CASE("RFC 29 'SUB': incoming messages are fair-queued and filtered")
{
    pattern_rig rig(socket_type::sub);
    CHECK_FALSE(rig->subscribe("a"));
    CHECK_FALSE(rig->subscribe("b"));
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (const char* text : {"a", "x", "a"})
        a.send(text);
    for (const char* text : {"b", "b"})
        b.send(text);
    std::string order;
    while (auto m = rig.receive())
        order += m->front().text();
    CHECK(order == "abba");
}

TEST_CASE("RFC 29 'SUB': a subscription made twice is given up by cancelling it twice")
{
    pattern_rig rig(socket_type::sub);
    auto& peer = rig.add_peer();
    CHECK_FALSE(rig->subscribe("t"));
    CHECK_FALSE(rig->subscribe("t"));
    CHECK_FALSE(rig->unsubscribe("t"));
    peer.send("t");
    CHECK(rig.receive());
    CHECK_FALSE(rig->unsubscribe("t"));
    peer.send("t");
    CHECK_FALSE(rig.receive());
}

TEST_CASE("RFC 29 'XPUB': subscriptions and their ends are received as messages of 01 and 00")
{
    pattern_rig rig(socket_type::xpub);
    auto& peer = rig.add_peer();
    peer.subscribe("t");
    peer.cancel("t");
    CHECK(rig.receive() == message("\1t"));
    CHECK(rig.receive() == message(std::string("\0t", 2)));
}

TEST_CASE(
    "RFC 29 'XSUB': messages of 01 and 00 subscribe and unsubscribe; others go out as they are")
{
    pattern_rig rig(socket_type::xsub);
    auto& peer = rig.add_peer();
    CHECK(rig.send("\1t").is_done());
    CHECK(rig.send(std::string("\0t", 2)).is_done());
    CHECK(peer.records() == std::vector<std::string>{"+t", "-t"});
    CHECK(rig.send("\2t").is_done());
    CHECK(peer.receive() == message("\2t"));
}

TEST_CASE("RFC 29: XPUB and XSUB make a forwarder: what one tells the other means the same again")
{
    pattern_rig xpub(socket_type::xpub);
    pattern_rig xsub(socket_type::xsub);
    auto& subscriber = xpub.add_peer();
    auto& publisher = xsub.add_peer();
    for (const char* topic : {"a", "b"})
        subscriber.subscribe(topic);
    xpub.settle();
    subscriber.cancel("a");
    while (auto m = xpub.receive())
        CHECK(xsub.send(std::move(*m)).is_done());
    CHECK(publisher.records() == std::vector<std::string>{"+a", "+b", "-a"});
    publisher.send("b1");
    publisher.send("a1");
    while (auto m = xsub.receive())
        CHECK(xpub.send(std::move(*m)).is_done());
    CHECK(subscriber.receive() == message("b1"));
    CHECK_FALSE(subscriber.receive());
}
