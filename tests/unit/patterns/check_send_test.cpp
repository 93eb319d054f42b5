#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;
using status = patterns::outcome::status;

TEST_CASE("check_send says what send would say, and sends nothing")
{
    pattern_rig rig(socket_type::push);
    CHECK(rig->check_send("x").what == status::would_block);
    auto& peer = rig.add_peer({.to_peer_hwm = 1});
    CHECK(rig->check_send("x").is_done());
    CHECK(rig->check_send("x").is_done());
    CHECK_FALSE(peer.receive());
    CHECK(rig.send("x").is_done());
    CHECK(rig->check_send("x").what == status::would_block);
}

TEST_CASE("check_send of a type that never sends: not_supported")
{
    CHECK(pattern_rig(socket_type::pull)->check_send("x").code == errc::not_supported);
    CHECK(pattern_rig(socket_type::sub)->check_send("x").code == errc::not_supported);
}

TEST_CASE("check_send out of turn: wrong_state")
{
    pattern_rig req(socket_type::req);
    CHECK(req->check_send("x").what == status::would_block);
    req.add_peer();
    CHECK(req->check_send("x").is_done());
    CHECK(req.send("x").is_done());
    CHECK(req->check_send("x").code == errc::wrong_state);
    req->set_options({.req_relaxed = true});
    CHECK(req->check_send("x").is_done());

    pattern_rig rep(socket_type::rep);
    CHECK(rep->check_send("x").code == errc::wrong_state);
    rep.add_peer().send(message::of("", "question"));
    CHECK(rep.receive() == message("question"));
    CHECK(rep->check_send("x").is_done());
}

TEST_CASE("check_send of a ROUTER looks for the route when it is mandatory, and for room there")
{
    pattern_rig rig(socket_type::router);
    rig.add_peer({.routing_id = "A", .to_peer_hwm = 1});
    rig.add_peer({.routing_id = "B"});
    CHECK(rig->check_send("nobody").is_done());
    rig->set_options({.router_mandatory = true});
    CHECK(rig->check_send("nobody").code == errc::no_route);
    CHECK(rig->check_send("A").is_done());
    CHECK(rig.send(message::of("A", "x")).is_done());
    CHECK(rig->check_send("A").what == status::would_block);
    CHECK(rig->check_send("B").is_done());
}

TEST_CASE("check_send of a STREAM looks for the peer, and for room there")
{
    pattern_rig rig(socket_type::stream);
    rig.add_peer({.connect_routing_id = "A", .to_peer_hwm = 1});
    CHECK(rig->check_send("nobody").code == errc::no_route);
    CHECK(rig->check_send("A").is_done());
    CHECK(rig.send(message::of("A", "octets")).is_done());
    CHECK(rig->check_send("A").what == status::would_block);
}

TEST_CASE(
    "check_send of a PUB waits for full subscribers of the topic when none may miss a message")
{
    pattern_rig rig(socket_type::pub, {.xpub_no_drop = true});
    auto& peer = rig.add_peer({.to_peer_hwm = 1});
    peer.subscribe("a");
    CHECK(rig.send("a").is_done());
    CHECK(rig->check_send("a").what == status::would_block);
    CHECK(rig->check_send("b").is_done());
    rig->set_options({});
    CHECK(rig->check_send("a").is_done());
}
