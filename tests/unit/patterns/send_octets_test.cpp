// Octets sent without a message around them: where that works, and where a message has to be made.
#include <string>
#include <string_view>
#include <vector>

#include <ferry/detail/encoded_run.hpp>

#include "patterns/routing/distributor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

using texts = std::vector<std::string>;

const std::string large(5000, 'L');

std::span<const std::byte> octets_in(std::string_view text)
{
    return std::as_bytes(std::span(text));
}

bool send_octets(pattern_rig& rig, std::string_view text)
{
    rig.settle();
    const bool sent = rig->send_octets(octets_in(text));
    rig.settle();
    return sent;
}

/// What a peer finds, runs taken apart.
texts got(fake_peer& peer, patterns::wake_list& wakes)
{
    texts all;
    const auto add = [&all](const message& m) { all.push_back(m.front().string()); };
    for (message m; peer.far().read(m, wakes);)
        if (message_access::role(m) == message_role::encoded)
            detail::encoded_run::for_each(m, add);
        else if (message_access::is_data(m))
            add(m);
    return all;
}

texts got(fake_peer& peer, pattern_rig& rig)
{
    texts all = got(peer, rig.results.wakes);
    rig.settle();
    return all;
}

}  // namespace

// --- PUSH and DEALER -----------------------------------------------------------------------------

TEST_CASE("octets go to the peers in turn, together with messages")
{
    const auto type = GENERATE(socket_type::push, socket_type::dealer);
    pattern_rig rig(type);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    const texts sent{"1", "", std::string(50, '3'), std::string(51, '4'), large, "6"};
    for (const std::string& text : sent)
        CHECK(send_octets(rig, text));
    CHECK(rig.send("7").is_done());
    CHECK(send_octets(rig, "8"));
    CHECK(got(a, rig) == texts{sent[0], sent[2], sent[4], "7"});
    CHECK(got(b, rig) == texts{sent[1], sent[3], sent[5], "8"});
}

TEST_CASE("octets are not sent where nobody is, nor to a peer without room, nor where it conflates")
{
    const auto type = GENERATE(socket_type::push, socket_type::dealer);
    pattern_rig rig(type);
    CHECK_FALSE(send_octets(rig, "nobody"));
    auto& peer = rig.add_peer({.to_peer_hwm = 1});
    CHECK(send_octets(rig, "first"));
    CHECK_FALSE(send_octets(rig, "second"));
    CHECK_FALSE(rig.send("second").is_done());
    CHECK(got(peer, rig) == texts{"first"});
    CHECK(send_octets(rig, "third"));
    rig.close(peer);
    CHECK_FALSE(send_octets(rig, "closed"));
    CHECK(rig.all_drops() == 0);

    pattern_rig conflating(type);
    auto& newest = conflating.add_peer({.conflate = true});
    CHECK_FALSE(send_octets(conflating, "a"));
    CHECK(conflating.send("b").is_done());
    CHECK(got(newest, conflating) == texts{"b"});
}

TEST_CASE("to a peer that takes encoded messages small octets go in runs, large ones beside them")
{
    const auto type = GENERATE(socket_type::push, socket_type::dealer);
    pattern_rig rig(type);
    auto& peer = rig.add_peer({.to_peer_hwm = 6});
    CHECK(peer.far().begin_watch(100, true));
    for (const std::string& text : {std::string("a"), std::string(), std::string(2048, 'b'), large})
        CHECK(send_octets(rig, text));
    CHECK(rig.send("c").is_done());
    CHECK(send_octets(rig, "d"));
    CHECK_FALSE(send_octets(rig, "no room"));
    CHECK(peer.near().unread_by_peer() == 6);
    CHECK(peer.far().unread() == 3);
    CHECK(got(peer, rig) == texts{"a", "", std::string(2048, 'b'), large, "c", "d"});
    CHECK(peer.near().unread_by_peer() == 0);
    CHECK(send_octets(rig, "e"));
    CHECK(got(peer, rig) == texts{"e"});
}

TEST_CASE("octets to a pipe that counts are counted as messages are")
{
    patterns::effects results;
    const auto pipe = patterns::make_pipe({.count = true});
    const auto model = patterns::make_pipe({.count = true});
    for (const std::string& text : {std::string("a"), std::string(), std::string(300, 'b'), large})
    {
        CHECK(pipe.a->try_send_octets(octets_in(text), results.wakes));
        model.a->send(text, results.wakes);
    }
    CHECK(pipe.a->written()->messages == 4);
    CHECK(pipe.a->written()->octets == model.a->written()->octets);
    CHECK(pipe.a->most_unread() == 4);
}

TEST_CASE("octets of a pattern that has to look at its messages are refused, and nothing happens")
{
    const auto type =
        GENERATE(socket_type::req, socket_type::rep, socket_type::router, socket_type::pair,
            socket_type::pull, socket_type::sub, socket_type::xsub, socket_type::stream);
    pattern_rig rig(type);
    auto& peer = rig.add_peer();
    (void)got(peer, rig);
    CHECK_FALSE(send_octets(rig, "x"));
    CHECK(got(peer, rig).empty());
    CHECK(rig.all_drops() == 0);
}

// --- PUB and XPUB --------------------------------------------------------------------------------

TEST_CASE("octets are published to those who subscribed to a prefix of them")
{
    const auto type = GENERATE(socket_type::pub, socket_type::xpub);
    const bool watches = GENERATE(false, true);
    pattern_rig rig(type);
    auto& a = rig.add_peer();
    auto& ab = rig.add_peer();
    auto& all = rig.add_peer();
    a.subscribe("a");
    ab.subscribe("ab");
    all.subscribe("");
    rig.settle();
    if (watches)
        for (fake_peer* peer : {&a, &all})
            CHECK(peer->far().begin_watch(100, true));
    const texts sent{"ab", "a", "", "b", "a" + large};
    for (const std::string& text : sent)
        CHECK(send_octets(rig, text));
    CHECK(got(a, rig) == texts{"ab", "a", "a" + large});
    CHECK(got(ab, rig) == texts{"ab"});
    CHECK(got(all, rig) == sent);
    CHECK(rig.all_drops() == 0);
}

TEST_CASE("octets that nobody wants are dropped, and those that a peer has no room for")
{
    const auto type = GENERATE(socket_type::pub, socket_type::xpub);
    const bool watches = GENERATE(false, true);
    pattern_rig rig(type);
    CHECK(send_octets(rig, "nobody is there"));
    auto& peer = rig.add_peer({.to_peer_hwm = 2});
    auto& other = rig.add_peer();
    peer.subscribe("a");
    other.subscribe("a");
    rig.settle();
    if (watches)
        CHECK(peer.far().begin_watch(100, true));
    CHECK(send_octets(rig, "b"));
    CHECK(rig.drops(drop_reason::no_subscriber) == 2);
    for (const char* text : {"a1", "a2", "a3"})
        CHECK(send_octets(rig, text));
    CHECK(rig.drops(drop_reason::subscriber_full) == 1);
    CHECK(peer.near().dropped() == 1);
    CHECK(got(peer, rig) == texts{"a1", "a2"});
    CHECK(got(other, rig) == texts{"a1", "a2", "a3"});
    rig.detach(other);
    for (const char* text : {"a4", "a5", "a6"})
        CHECK(send_octets(rig, text));
    CHECK(rig.drops(drop_reason::subscriber_full) == 2);
    peer.close();
    CHECK(send_octets(rig, "a7"));
    CHECK(rig.drops(drop_reason::disconnected) + rig.drops(drop_reason::no_subscriber) == 3);
}

TEST_CASE("where nothing may be dropped, octets wait for room at every peer")
{
    const bool watches = GENERATE(false, true);
    pattern_rig rig(socket_type::xpub, {.xpub_no_drop = true});
    auto& narrow = rig.add_peer({.to_peer_hwm = 1});
    auto& wide = rig.add_peer();
    for (fake_peer* peer : {&narrow, &wide})
    {
        peer->subscribe("");
        if (watches)
            CHECK(peer->far().begin_watch(100, true));
    }
    rig.settle();
    CHECK(send_octets(rig, "a"));
    CHECK_FALSE(send_octets(rig, "b"));
    CHECK(got(narrow, rig) == texts{"a"});
    CHECK(got(wide, rig) == texts{"a"});
    CHECK(send_octets(rig, "c"));
    CHECK(rig.all_drops() == 0);
}

TEST_CASE("octets replace the newest message at a peer that conflates")
{
    pattern_rig rig(socket_type::pub);
    auto& newest = rig.add_peer({.conflate = true});
    newest.subscribe("");
    rig.settle();
    for (const char* text : {"a", "b", "c"})
        CHECK(send_octets(rig, text));
    CHECK(got(newest, rig) == texts{"c"});
    CHECK(rig.drops(drop_reason::conflated) == 2);
}

TEST_CASE("octets reach pipes of every kind at once, encoded or not, and each in order")
{
    patterns::effects results;
    patterns::distributor out;
    std::vector<std::unique_ptr<fake_peer>> peers;
    for (const peer_setup& setup : {peer_setup{}, peer_setup{}, peer_setup{.to_peer_hwm = 2},
             peer_setup{.conflate = true}, peer_setup{}})
    {
        peers.push_back(std::make_unique<fake_peer>(setup, results.wakes));
        out.attach(peers.back()->near_shared());
    }
    for (const std::size_t i : {0, 2, 4})
        CHECK(peers[i]->far().begin_watch(1000, true));
    peers[4]->close();
    texts sent;
    for (int i = 0; i < 100; ++i)
    {
        sent.push_back(std::to_string(i) + std::string(static_cast<std::size_t>(i), '.'));
        out.match_all();
        CHECK(out.send_octets(octets_in(sent.back()), results));
        results.wakes.run();
    }
    CHECK(got(*peers[0], results.wakes) == sent);
    CHECK(got(*peers[1], results.wakes) == sent);
    CHECK(got(*peers[2], results.wakes) == texts{sent[0], sent[1]});
    CHECK(got(*peers[3], results.wakes) == texts{sent[99]});
    const auto drops = [&](drop_reason why) { return results.drops[std::size_t(why)]; };
    CHECK(drops(drop_reason::subscriber_full) == 98);
    CHECK(drops(drop_reason::conflated) == 99);
    CHECK(drops(drop_reason::disconnected) == 100);
}

TEST_CASE("a distributor sends no octets where nobody matches, nor where nobody takes them encoded")
{
    patterns::effects results;
    patterns::distributor out;
    fake_peer peer({}, results.wakes);
    out.attach(peer.near_shared());
    out.match_none();
    CHECK_FALSE(out.send_octets(octets_in("x"), results));
    out.match_all();
    CHECK_FALSE(out.send_octets(octets_in("x"), results));
    CHECK(peer.far().begin_watch(10, true));
    CHECK(out.send_octets(octets_in("y"), results));
    CHECK(got(peer, results.wakes) == texts{"y"});
}
