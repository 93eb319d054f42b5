#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

/// Notifications as text: "+topic " or "-topic "; anything else in brackets.
std::string news(pattern_rig& rig)
{
    std::string all;
    while (auto m = rig.receive())
    {
        const std::string text = m->front().string();
        if (m->size() == 1 && !text.empty() && (text[0] == '\1' || text[0] == '\0'))
            all += (text[0] == '\1' ? "+" : "-") + text.substr(1) + " ";
        else
            all += "[" + text + "] ";
    }
    return all;
}

}  // namespace

TEST_CASE("by default the first subscription to a topic and the end of the last one are news")
{
    pattern_rig rig(socket_type::xpub);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (auto* peer : {&a, &a, &b})
        peer->subscribe("t");
    CHECK(news(rig) == "+t ");
    a.cancel("t");
    CHECK(news(rig).empty());
    b.cancel("t");
    CHECK(news(rig) == "-t ");
}

TEST_CASE("the end of a subscription that nobody had is news; of one that only others have is not")
{
    pattern_rig rig(socket_type::xpub);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    a.cancel("t");
    CHECK(news(rig) == "-t ");
    b.subscribe("t");
    a.cancel("t");
    CHECK(news(rig) == "+t ");
}

TEST_CASE("verbose passes every subscription on, verboser every end of one, too")
{
    pattern_rig verbose(socket_type::xpub, {.xpub_verbose = true});
    pattern_rig verboser(socket_type::xpub, {.xpub_verboser = true});
    for (auto* rig : {&verbose, &verboser})
    {
        auto& a = rig->add_peer();
        auto& b = rig->add_peer();
        for (auto* peer : {&a, &a, &b})
            peer->subscribe("t");
        rig->settle();
        a.cancel("t");
        a.cancel("t");
        rig->settle();
        b.cancel("t");
    }
    CHECK(news(verbose) == "+t +t +t -t ");
    CHECK(news(verboser) == "+t +t +t -t -t -t ");
}

TEST_CASE(
    "when a peer leaves, its last subscriptions end in lexicographic order, behind what is queued")
{
    for (const bool by_peer : {true, false})
    {
        pattern_rig rig(socket_type::xpub);
        auto& leaving = rig.add_peer();
        auto& staying = rig.add_peer();
        for (const char* topic : {"b", "", "ab", "a"})
            leaving.subscribe(topic);
        rig.settle();
        staying.subscribe("a");
        rig.settle();
        if (by_peer)
            rig.close(leaving);
        else
            rig.detach(leaving);
        CHECK(news(rig) == "+b + +ab +a - -ab -b ");
        CHECK(rig.is_finished(leaving) == by_peer);
    }
}

TEST_CASE("verboser also tells of topics that others still have when a peer leaves")
{
    pattern_rig rig(socket_type::xpub, {.xpub_verboser = true});
    auto& leaving = rig.add_peer();
    auto& staying = rig.add_peer();
    leaving.subscribe("t");
    staying.subscribe("t");
    rig.close(leaving);
    CHECK(news(rig) == "+t +t -t ");
}

TEST_CASE("frames of 01 and 00 are subscriptions in any part of a message; the rest is user data")
{
    pattern_rig rig(socket_type::xpub);
    auto& peer = rig.add_peer();
    peer.send(message::of("\1C", "\1D", "x", "y"));
    peer.send(message::of("x", "\1E", "y"));
    CHECK(rig.receive() == message("\1C"));
    CHECK(rig.receive() == message("\1D"));
    CHECK(rig.receive() == message::of("x", "y"));
    CHECK(rig.receive() == message("\1E"));
    CHECK(rig.receive() == message::of("x", "y"));
    CHECK_FALSE(rig.receive());
    CHECK(rig->subscribers("E") == 1);
}

TEST_CASE("only_first_subscribe: behind a first frame that is user data everything is")
{
    pattern_rig rig(socket_type::xpub, {.only_first_subscribe = true});
    auto& peer = rig.add_peer();
    peer.send(message::of("x", "\1E"));
    peer.send(message::of("\1C", "y", "\1D"));
    CHECK(rig.receive() == message::of("x", "\1E"));
    CHECK(rig.receive() == message("\1C"));
    CHECK(rig.receive() == message("\1D"));
    CHECK(rig.receive() == message("y"));
}

TEST_CASE("user data of peers is delivered, empty messages too, with the peer's properties")
{
    pattern_rig rig(socket_type::xpub);
    auto& peer = rig.add_peer();
    peer.near().set_peer(peer_handle(peer_properties::list{{"Peer-Address", "here"}}));
    peer.send("");
    peer.send(message::of("\1t", "x"));
    CHECK(rig.receive() == message(""));
    CHECK(rig.receive()->property("Peer-Address") == "here");
    CHECK(rig.receive()->property("Peer-Address") == "here");
}

TEST_CASE(
    "manual: nothing applies by itself; subscribe acts for the peer whose wish was received last")
{
    pattern_rig rig(socket_type::xpub, {.xpub_manual = true});
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    CHECK(rig->subscribe("x") == errc::wrong_state);
    a.subscribe("t");
    b.subscribe("t");
    rig.settle();
    CHECK(rig->subscribers("t") == 0);

    CHECK(rig.receive() == message("\1t"));
    CHECK_FALSE(rig->subscribe("for a"));
    CHECK(rig.receive() == message("\1t"));
    CHECK_FALSE(rig->subscribe("for b"));
    CHECK(rig.send("for a").is_done());
    CHECK(a.receive() == message("for a"));
    CHECK_FALSE(b.receive());
    CHECK_FALSE(rig->unsubscribe("for b"));
    CHECK(rig->subscribers("for b") == 0);
}

namespace
{

/// A manual XPUB with the last value's option, and two peers that have subscribed to "a".
struct last_value_rig : pattern_rig
{
    explicit last_value_rig(pattern_options options = {})
        : pattern_rig(socket_type::xpub, with_last_value(options))
    {
        for (fake_peer* peer : {&first, &second})
            ask(*peer, "a");
    }
    static pattern_options with_last_value(pattern_options options)
    {
        options.xpub_manual = true;
        options.xpub_manual_last_value = true;
        return options;
    }
    void ask(fake_peer& peer, const std::string& topic)
    {
        peer.subscribe(topic);
        settle();
        CHECK(receive());
        CHECK_FALSE((*this)->subscribe(topic));
    }
    /// "1" and "2" for the peers that got it.
    std::string who_gets(message m)
    {
        CHECK(send(std::move(m)).is_done());
        return std::string(first.receive() ? "1" : "") + (second.receive() ? "2" : "");
    }

    fake_peer& first = add_peer();
    fake_peer& second = add_peer();
};

}  // namespace

TEST_CASE("last value: after subscribe, the next message is for that peer alone")
{
    last_value_rig rig;
    CHECK(rig->subscribers("a") == 1);
    CHECK(rig.who_gets(message::of("a", "the last value")) == "2");
    CHECK(rig->subscribers("a") == 2);
    CHECK(rig.who_gets("a") == "12");
    rig.ask(rig.first, "b");
    CHECK(rig.who_gets("a") == "1");
    CHECK(rig.who_gets("a") == "12");
}

TEST_CASE("last value: the next message counts, whatever it is about")
{
    last_value_rig rig;
    CHECK(rig.who_gets("nobody's topic").empty());
    CHECK(rig.who_gets("a") == "12");
}

TEST_CASE("last value: neither a wish that was not granted, nor unsubscribe, is a subscription")
{
    last_value_rig rig;
    CHECK(rig.who_gets("a") == "2");
    rig.first.subscribe("b");
    CHECK(rig.receive());
    CHECK(rig.who_gets("a") == "12");
    CHECK_FALSE(rig->unsubscribe("a"));
    CHECK(rig.who_gets("a") == "2");
}

TEST_CASE("last value: a peer that leaves before the message takes nothing with it")
{
    last_value_rig rig;
    rig.detach(rig.second);
    CHECK(rig.who_gets("a") == "1");
}

TEST_CASE("last value: with no_drop, the message waits for room at that peer")
{
    pattern_rig rig(socket_type::xpub,
        {.xpub_manual = true, .xpub_manual_last_value = true, .xpub_no_drop = true});
    auto& roomy = rig.add_peer();
    auto& full = rig.add_peer({.to_peer_hwm = 1});
    for (fake_peer* peer : {&roomy, &full})
    {
        peer->subscribe("a");
        CHECK(rig.receive());
        CHECK_FALSE(rig->subscribe("a"));
        CHECK(rig.send("a").is_done());
    }
    full.subscribe("ab");
    CHECK(rig.receive());
    CHECK_FALSE(rig->subscribe("ab"));
    CHECK(rig->check_send("a").what == outcome::status::would_block);
    CHECK(rig.send("a").what == outcome::status::would_block);
    CHECK(full.receive());
    CHECK(rig.send("a").is_done());
    CHECK(full.receive());
    CHECK(roomy.receive_all().size() == 1);
}

TEST_CASE("last value: it is for a manual XPUB that was told so")
{
    for (const bool last_value : {false, true})
    {
        pattern_rig rig(
            socket_type::xpub, {.xpub_manual = !last_value, .xpub_manual_last_value = last_value});
        auto& one = rig.add_peer();
        auto& other = rig.add_peer();
        for (fake_peer* peer : {&one, &other})
        {
            peer->subscribe("a");
            rig.settle();
            if (!last_value && rig.receive())
                CHECK_FALSE(rig->subscribe("a"));
        }
        CHECK(rig.send("a").is_done());
        CHECK(one.receive());
        CHECK(other.receive());
    }
}

TEST_CASE("manual: when a peer leaves, the end of what it asked for is told")
{
    pattern_rig rig(socket_type::xpub, {.xpub_manual = true});
    auto& peer = rig.add_peer();
    peer.subscribe("b");
    peer.subscribe("a");
    CHECK(rig.receive());
    CHECK_FALSE(rig->subscribe("made up"));
    rig.close(peer);
    CHECK(news(rig) == "+a -a -b ");
    CHECK(rig->subscribers("made up") == 0);
    CHECK_FALSE(rig->subscribe("too late"));
    CHECK(rig->subscribers("too late") == 0);
}

TEST_CASE("the welcome message is the first that a new peer gets, on every connection")
{
    pattern_rig rig(socket_type::xpub, {.xpub_welcome_message = "hello"});
    auto& peer = rig.add_peer({.initiated_here = true, .connected = false});
    CHECK_FALSE(peer.receive());
    rig.connect(peer);
    peer.subscribe("");
    CHECK(rig.send("x").is_done());
    CHECK(peer.receive() == message("hello"));
    CHECK(peer.receive() == message("x"));
    rig.disconnect(peer);
    rig.connect(peer);
    CHECK(peer.receive() == message("hello"));
}

TEST_CASE("a connection that comes back has lost its subscriptions, and that is told")
{
    pattern_rig rig(socket_type::xpub);
    auto& peer = rig.add_peer({.initiated_here = true});
    peer.subscribe("t");
    CHECK(news(rig) == "+t ");
    rig.disconnect(peer);
    CHECK(news(rig).empty());
    rig.connect(peer);
    CHECK(news(rig) == "-t ");
}

TEST_CASE(
    "a peer that floods XPUB with user data is left waiting, and goes on when the news are read")
{
    pattern_rig rig(socket_type::xpub);
    auto& peer = rig.add_peer({.from_peer_hwm = 0});
    for (int i = 0; i < 5000; ++i)
        peer.send("x");
    rig.settle();
    CHECK(peer.far().unread_by_peer() == 4000);
    int received = 0;
    while (rig.receive())
        ++received;
    CHECK(received == 5000);
    peer.subscribe("t");
    CHECK(news(rig) == "+t ");
}

TEST_CASE(
    "a peer that was left waiting and leaves: everything it sent is delivered, and it is finished")
{
    pattern_rig rig(socket_type::xpub);
    auto& peer = rig.add_peer({.from_peer_hwm = 0});
    for (int i = 0; i < 1500; ++i)
        peer.send("x");
    rig.close(peer);
    CHECK(rig.is_finished(peer));
    int received = 0;
    while (rig.receive())
        ++received;
    CHECK(received == 1500);
}
