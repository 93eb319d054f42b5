#include <cstring>

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

std::string host_order(std::uint32_t id)
{
    std::string text(sizeof id, '\0');
    std::memcpy(text.data(), &id, sizeof id);
    return text;
}

}  // namespace

TEST_CASE("a request goes out behind an empty frame, and its reply comes in without one")
{
    pattern_rig rig(socket_type::req);
    auto& peer = rig.add_peer();
    CHECK(rig.send(message::of("a", "b")).is_done());
    CHECK(peer.receive() == message::of("", "a", "b"));
    peer.send(message::of("", "c", "d"));
    CHECK(rig.can_receive());
    CHECK(rig.receive() == message::of("c", "d"));
}

TEST_CASE("send and receive alternate, else wrong_state, and the message stays with the caller")
{
    pattern_rig rig(socket_type::req);
    auto& peer = rig.add_peer();
    CHECK(rig.receive_error() == errc::wrong_state);
    CHECK_FALSE(rig.can_receive());
    CHECK(rig.send("1").is_done());
    message m("2");
    CHECK(rig->send(m).code == errc::wrong_state);
    CHECK(m == message("2"));
    CHECK_FALSE(rig.can_send());
    peer.send(message::of("", "r"));
    CHECK(rig.receive());
    CHECK(rig.receive_error() == errc::wrong_state);
    CHECK(rig.can_send());
}

TEST_CASE("replies without an envelope, and with nothing behind it, are skipped and counted")
{
    pattern_rig rig(socket_type::req);
    auto& peer = rig.add_peer();
    CHECK(rig.send("q").is_done());
    peer.send("no envelope");
    peer.send("");
    peer.send(message::of("id", "", "envelope of two"));
    peer.send(message::of("", "right"));
    CHECK(rig.can_receive());
    CHECK(rig.receive() == message("right"));
    CHECK(rig.drops(drop_reason::malformed) == 3);
}

TEST_CASE("a reply from a peer that was not asked is skipped and counted")
{
    pattern_rig rig(socket_type::req);
    auto& asked = rig.add_peer();
    auto& other = rig.add_peer();
    CHECK(rig.send("q").is_done());
    other.send(message::of("", "wrong"));
    CHECK_FALSE(rig.can_receive());
    CHECK(rig.drops(drop_reason::stale_reply) == 1);
    asked.send(message::of("", "right"));
    CHECK(rig.receive() == message("right"));
}

TEST_CASE(
    "with correlate, requests have ids in host order, from the seed on, and replies repeat them")
{
    pattern_rig rig(socket_type::req, {.req_correlate = true, .random_seed = 41});
    auto& peer = rig.add_peer();
    CHECK(rig.send("q").is_done());
    CHECK(peer.receive() == message::of(host_order(42), "", "q"));
    peer.send(message::of(host_order(41), "", "stale"));
    peer.send(message::of("", "without id"));
    peer.send(message::of(host_order(42), "not empty", "x"));
    peer.send(message::of(host_order(42), "", "right"));
    CHECK(rig.receive() == message("right"));
    CHECK(rig.drops(drop_reason::stale_reply) == 1);
    CHECK(rig.drops(drop_reason::malformed) == 2);
    CHECK(rig.send("q").is_done());
    CHECK(peer.receive() == message::of(host_order(43), "", "q"));
}

TEST_CASE("relaxed, a new request gives the old one up")
{
    pattern_rig rig(
        socket_type::req, {.req_correlate = true, .req_relaxed = true, .random_seed = 0});
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    CHECK(rig.send("1").is_done());
    CHECK(rig.can_send());
    CHECK(rig.send("2").is_done());
    CHECK(a.receive());
    CHECK(b.receive());
    a.send(message::of(host_order(1), "", "late"));
    b.send(message::of(host_order(2), "", "right"));
    CHECK(rig.receive() == message("right"));
    CHECK(rig.drops(drop_reason::stale_reply) == 1);
}

TEST_CASE("a new request throws away everything received before it, also what was fetched")
{
    pattern_rig rig(socket_type::req, {.req_relaxed = true});
    auto& peer = rig.add_peer();
    CHECK(rig.send("1").is_done());
    peer.send(message::of("", "stale 1"));
    peer.send(message::of("", "stale 2"));
    rig.settle();
    CHECK(rig.can_receive());
    CHECK(rig.send("2").is_done());
    CHECK_FALSE(rig.can_receive());
    CHECK(rig.drops(drop_reason::stale_reply) == 2);
}

TEST_CASE("a request that found no peer changes nothing")
{
    pattern_rig rig(socket_type::req);
    message m("q");
    CHECK(rig->send(m).what == outcome::status::would_block);
    CHECK(m == message("q"));
    CHECK(rig.receive_error() == errc::wrong_state);
    auto& peer = rig.add_peer();
    CHECK(rig->send(m).is_done());
    CHECK(peer.receive() == message::of("", "q"));
}

TEST_CASE("requests go to the peers in turn")
{
    pattern_rig rig(socket_type::req);
    auto& a = rig.add_peer();
    auto& b = rig.add_peer();
    for (auto* peer : {&a, &b, &a})
    {
        CHECK(rig.send("q").is_done());
        CHECK(peer->receive());
        peer->send(message::of("", "r"));
        CHECK(rig.receive());
    }
}

TEST_CASE("a reply that came before its peer left is delivered")
{
    pattern_rig rig(socket_type::req);
    auto& peer = rig.add_peer();
    CHECK(rig.send("q").is_done());
    peer.send(message::of("", "r"));
    rig.close(peer);
    CHECK(rig.receive() == message("r"));
    CHECK(rig.is_finished(peer));
}

TEST_CASE("when the asked peer is given up its reply is too, and REQ goes on waiting")
{
    pattern_rig rig(socket_type::req);
    auto& peer = rig.add_peer();
    CHECK(rig.send("q").is_done());
    peer.send(message::of("", "r"));
    rig.settle();
    CHECK(rig.can_receive());
    rig.detach(peer);
    CHECK_FALSE(rig.can_receive());
    CHECK(rig.drops(drop_reason::disconnected) == 1);
    auto& next = rig.add_peer();
    next.send(message::of("", "not asked"));
    CHECK_FALSE(rig.receive());
    CHECK(rig.send("again").code == errc::wrong_state);
}
