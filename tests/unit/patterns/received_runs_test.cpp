// Patterns whose peers' messages come several in one slot: nothing is otherwise than one by one.
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"
#include "tests/support/received_runs.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

using texts = std::vector<std::string>;

/// As a session that read all of this at once.
void send_run(fake_peer& peer, const texts& messages, pattern_rig& rig)
{
    const run_buffer buffer(frames_of(messages));
    peer.far().write_received(
        buffer.body(), buffer.octets(), static_cast<std::uint32_t>(messages.size()));
    peer.far().publish(rig.results.wakes);
    rig.settle();
}

/// The last frames of all that can be received.
texts received(pattern_rig& rig)
{
    texts all;
    while (const auto m = rig.receive())
        all.push_back(m->back().string());
    return all;
}

}  // namespace

TEST_CASE("peers are read in turn, one message each, also where their messages came together")
{
    const auto type = GENERATE(socket_type::pull, socket_type::dealer);
    pattern_rig rig(type);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    auto& c = rig.add_peer();
    send_run(a, {"a1", "a2", "a3", "a4"}, rig);
    b.send("b1");
    send_run(c, {"c1", "c2"}, rig);
    b.send("b2");
    CHECK(rig.can_receive());
    CHECK(received(rig) == texts{"a1", "b1", "c1", "a2", "b2", "c2", "a3", "a4"});
    CHECK_FALSE(rig.can_receive());
    send_run(b, {"b3"}, rig);
    CHECK(received(rig) == texts{"b3"});
}

TEST_CASE("a peer that closed is finished with after the last message of its run")
{
    const auto type = GENERATE(socket_type::pull, socket_type::pair, socket_type::sub);
    pattern_rig rig(type);
    if (type == socket_type::sub)
        CHECK_FALSE(rig->subscribe(""));
    auto& peer = rig.add_peer();
    send_run(peer, {"a", "b"}, rig);
    rig.close(peer);
    CHECK(rig.receive() == message("a"));
    CHECK_FALSE(rig.is_finished(peer));
    CHECK(rig.receive() == message("b"));
    CHECK_FALSE(rig.receive());
    CHECK(rig.is_finished(peer));
}

TEST_CASE("a peer that is given up in the middle of a run loses the rest, and that is counted")
{
    const auto type =
        GENERATE(socket_type::pull, socket_type::pair, socket_type::sub, socket_type::router);
    pattern_rig rig(type);
    if (type == socket_type::sub)
        CHECK_FALSE(rig->subscribe(""));
    auto& peer = rig.add_peer({.routing_id = "peer"});
    send_run(peer, {"a", "b", "c", "d"}, rig);
    CHECK(rig.receive());
    rig.detach(peer);
    CHECK(rig.drops(drop_reason::disconnected) == 3);
    CHECK_FALSE(rig.receive());
}

TEST_CASE("a writer is told of room at the low-water mark, in the middle of a run")
{
    pattern_rig rig(socket_type::pull);
    auto& peer = rig.add_peer({.from_peer_hwm = 4});
    send_run(peer, {"a", "b", "c", "d"}, rig);
    CHECK(peer.far().room() == 0);
    CHECK_FALSE(peer.far().can_write());
    CHECK(rig.receive());
    CHECK_FALSE(peer.far().can_write());
    CHECK(rig.receive());
    CHECK(peer.far().room() == 2);
}

TEST_CASE("PAIR receives messages of a run one by one, and passes records over")
{
    pattern_rig rig(socket_type::pair);
    auto& peer = rig.add_peer();
    peer.subscribe("not for PAIR");
    send_run(peer, {"a", std::string(100, 'b')}, rig);
    peer.subscribe("neither");
    send_run(peer, {"c"}, rig);
    CHECK(rig.can_receive());
    CHECK(received(rig) == texts{"a", std::string(100, 'b'), "c"});
    CHECK_FALSE(rig.can_receive());
}

TEST_CASE("SUB takes what it wants out of a run, and counts the rest")
{
    pattern_rig rig(socket_type::sub);
    CHECK_FALSE(rig->subscribe("a"));
    auto& peer = rig.add_peer();
    send_run(peer, {"a1", "b1", "", "a2", "b2"}, rig);
    send_run(peer, {"c"}, rig);
    CHECK(rig.can_receive());
    CHECK(received(rig) == texts{"a1", "a2"});
    CHECK(rig.drops(drop_reason::not_subscribed) == 4);
    CHECK(peer.near().dropped() == 4);
    CHECK(peer.far().unread_by_peer() == 0);
}

TEST_CASE("subscriptions that change in the middle of a run count from there on")
{
    pattern_rig rig(socket_type::sub);
    CHECK_FALSE(rig->subscribe("a"));
    auto& peer = rig.add_peer();
    send_run(peer, {"a1", "b1", "a2", "b2", "a3", "b3"}, rig);
    CHECK(rig.receive() == message("a1"));
    CHECK(rig.can_receive());  // a2 is fetched, and looked at again
    CHECK_FALSE(rig->unsubscribe("a"));
    CHECK_FALSE(rig->subscribe("b"));
    CHECK(received(rig) == texts{"b2", "b3"});
    CHECK(rig.drops(drop_reason::not_subscribed) == 3);
}

TEST_CASE("inverted, SUB takes the others")
{
    pattern_rig rig(socket_type::sub, {.invert_matching = true});
    CHECK_FALSE(rig->subscribe("a"));
    auto& peer = rig.add_peer();
    send_run(peer, {"a1", "b1", "a2"}, rig);
    CHECK(received(rig) == texts{"b1"});
}

TEST_CASE("XSUB receives every message of a run that matches")
{
    pattern_rig rig(socket_type::xsub);
    auto& peer = rig.add_peer();
    CHECK(rig.send("\1a").is_done());
    send_run(peer, {"a1", "a2"}, rig);
    CHECK(received(rig) == texts{"a1", "a2"});
}

TEST_CASE("ROUTER puts the peer's id before each message of a run")
{
    pattern_rig rig(socket_type::router);
    auto& peer = rig.add_peer({.routing_id = "me"});
    send_run(peer, {"a", "", "b"}, rig);
    for (const char* text : {"a", "", "b"})
        CHECK(rig.receive() == message::of("me", text));
    CHECK_FALSE(rig.receive());
}

TEST_CASE("ROUTER inherits the rest of a run from a connection that a new one takes over from")
{
    pattern_rig rig(socket_type::router, {.router_handover = true});
    auto& old = rig.add_peer({.routing_id = "me"});
    send_run(old, {"a", "b", "c"}, rig);
    CHECK(rig.receive() == message::of("me", "a"));
    rig.add_peer({.routing_id = "me"});
    CHECK(rig.was_refused(old));
    CHECK(rig.receive() == message::of("me", "b"));
    CHECK(rig.receive() == message::of("me", "c"));
    CHECK_FALSE(rig.receive());
}

TEST_CASE("REP and REQ find no envelope in messages of one frame, and count each")
{
    const auto type = GENERATE(socket_type::rep, socket_type::req);
    pattern_rig rig(type);
    auto& peer = rig.add_peer();
    if (type == socket_type::req)
        CHECK(rig.send("request").is_done());
    send_run(peer, {"a", "b", "c"}, rig);
    CHECK_FALSE(rig.receive());
    CHECK(rig.all_drops() == 3);
}

TEST_CASE("XPUB takes subscriptions and messages of its user out of a run")
{
    pattern_rig rig(socket_type::xpub);
    auto& peer = rig.add_peer();
    send_run(peer, {"\1topic", "user's", "\1other"}, rig);
    CHECK(rig->subscribers("topic") == 1);
    CHECK(received(rig) == texts{"\1topic", "user's", "\1other"});
}

TEST_CASE("PUB takes subscriptions out of a run, and counts what else is in it")
{
    pattern_rig rig(socket_type::pub);
    auto& peer = rig.add_peer();
    send_run(peer, {"\1topic", "unexpected"}, rig);
    CHECK(rig->subscribers("topic") == 1);
    CHECK(rig.drops(drop_reason::unexpected_input) == 1);
}
