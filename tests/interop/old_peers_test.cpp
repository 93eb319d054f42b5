// Peers of the old days, written by hand: ZMTP 1.0 (libzmq 2.x) and ZMTP 2.0 (libzmq 3.2).

#include <ferry/ferry.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/places.hpp"

using namespace ferry;
using namespace ferry::test;
using namespace std::chrono_literals;

namespace
{

message take(ferry::socket& socket)
{
    std::optional<message> m = socket.receive_for(patience);
    if (!m)
        throw std::runtime_error("no message came");
    return std::move(*m);
}

// A Ferry socket and a peer by hand, connected either way.
class old_encounter
{
public:
    old_encounter(socket_type type, bool ferry_binds, socket_options options = {})
        : here(context_, type, std::move(options)), peer(meet(ferry_binds))
    {
    }

private:
    raw_peer meet(bool ferry_binds)
    {
        if (ferry_binds)
            return raw_peer::connect(here.bind("tcp://127.0.0.1:*"));
        here.connect(listener_.endpoint());
        return listener_.accept();
    }

    context context_;
    raw_listener listener_;

public:
    ferry::socket here;
    raw_peer peer;
};

// ZMTP 1.0 has no greeting: an identity frame, then traffic. The ten octets that every newer peer
// begins with are a frame of its own to such a peer: a long one that holds the identity.
raw_frame introduce_1_0(raw_peer& peer, std::string_view identity = {})
{
    peer.send(wire::frame_1_0(0, identity));
    return peer.read_frame_1_0();
}

// ZMTP 2.0: signature, revision 1, socket type; then an identity frame.
std::string introduce_2_0(raw_peer& peer, socket_type type, std::string_view identity = {})
{
    peer.send(wire::signature());
    CHECK(peer.read(10) == wire::signature());
    peer.send(wire::integer(1, 1) + wire::integer(static_cast<unsigned>(type), 1));
    std::string rest = peer.read(2);
    peer.send(wire::frame(wire::last, identity));
    CHECK(peer.read_frame() == raw_frame{wire::last, ""});
    return rest;
}

}  // namespace

TEST_CASE("a ZMTP 1.0 PUSH is pulled from, at every size that encodes differently")
{
    const bool ferry_binds = GENERATE(true, false);
    CAPTURE(ferry_binds);
    old_encounter met(socket_type::pull, ferry_binds);
    CHECK(introduce_1_0(met.peer).body.empty());
    met.peer.send(wire::frame_1_0(wire::last, "hello"));
    met.peer.send(wire::frame_1_0(wire::more, "a") + wire::frame_1_0(wire::more, "") +
        wire::frame_1_0(wire::last, "b"));
    CHECK(take(met.here) == "hello");
    CHECK(take(met.here) == message::of("a", "", "b"));
    for (const std::size_t size : {0u, 1u, 252u, 253u, 254u, 255u, 256u, 100'000u})
    {
        met.peer.send(wire::frame_1_0(wire::last, std::string(size, 'x')));
        CHECK((take(met.here) == message(std::string(size, 'x'))));
    }
}

TEST_CASE("a ZMTP 1.0 PULL is pushed to, at every size that encodes differently")
{
    const bool ferry_binds = GENERATE(true, false);
    CAPTURE(ferry_binds);
    old_encounter met(socket_type::push, ferry_binds);
    introduce_1_0(met.peer);
    met.here.send(message::of("a", "", "b"));
    CHECK(met.peer.read_frame_1_0() == raw_frame{wire::more, "a"});
    CHECK(met.peer.read_frame_1_0() == raw_frame{wire::more, ""});
    CHECK(met.peer.read_frame_1_0() == raw_frame{wire::last, "b"});
    for (const std::size_t size : {0u, 1u, 252u, 253u, 254u, 255u, 256u, 100'000u})
    {
        met.here.send(std::string(size, 'x'));
        CHECK((met.peer.read_frame_1_0() == raw_frame{wire::last, std::string(size, 'x')}));
    }
}

TEST_CASE("a ZMTP 1.0 peer's identity is its routing id")
{
    old_encounter met(socket_type::router, true);
    introduce_1_0(met.peer, "old friend");
    met.peer.send(wire::frame_1_0(wire::last, "hello"));
    CHECK(take(met.here) == message::of("old friend", "hello"));
    met.here.send(message::of("old friend", "hello yourself"));
    CHECK(met.peer.read_frame_1_0() == raw_frame{wire::last, "hello yourself"});
}

TEST_CASE("our own routing id reaches a ZMTP 1.0 peer")
{
    old_encounter met(socket_type::dealer, true, {.routing_id = "alice"});
    CHECK(introduce_1_0(met.peer).body == "alice");
}

TEST_CASE("a ZMTP 1.0 REQ is answered, and a ZMTP 1.0 REP is asked")
{
    const bool ferry_binds = GENERATE(true, false);
    CAPTURE(ferry_binds);
    old_encounter answering(socket_type::rep, ferry_binds);
    introduce_1_0(answering.peer);
    answering.peer.send(wire::frame_1_0(wire::more, "") + wire::frame_1_0(wire::last, "question"));
    CHECK(take(answering.here) == "question");
    answering.here.send("answer");
    CHECK(answering.peer.read_frame_1_0() == raw_frame{wire::more, ""});
    CHECK(answering.peer.read_frame_1_0() == raw_frame{wire::last, "answer"});

    old_encounter asking(socket_type::req, ferry_binds);
    introduce_1_0(asking.peer);
    CHECK(asking.here.wait_for_peers(1, patience));
    asking.here.send("question");
    CHECK(asking.peer.read_frame_1_0() == raw_frame{wire::more, ""});
    CHECK(asking.peer.read_frame_1_0() == raw_frame{wire::last, "question"});
    asking.peer.send(wire::frame_1_0(wire::more, "") + wire::frame_1_0(wire::last, "answer"));
    CHECK(take(asking.here) == "answer");
}

TEST_CASE("a ZMTP 1.0 subscriber cannot say what it wants, and gets everything")
{
    const socket_type type = GENERATE(socket_type::pub, socket_type::xpub);
    CAPTURE(to_string(type));
    old_encounter met(type, true);
    introduce_1_0(met.peer);
    CHECK(met.here.wait_for_subscribers(1, "anything", patience));
    if (type == socket_type::xpub)
        CHECK(take(met.here) == "\1");
    met.here.send(message::of("topic", "body"));
    CHECK(met.peer.read_frame_1_0() == raw_frame{wire::more, "topic"});
    CHECK(met.peer.read_frame_1_0() == raw_frame{wire::last, "body"});
}

TEST_CASE("a ZMTP 1.0 publisher sends everything, and the subscriber keeps what it wants")
{
    const bool ferry_binds = GENERATE(true, false);
    CAPTURE(ferry_binds);
    old_encounter met(socket_type::sub, ferry_binds);
    introduce_1_0(met.peer);
    met.here.subscribe("a");
    CHECK(met.peer.read_frame_1_0() == raw_frame{wire::last, "\1a"});  // ignored by a real one
    met.peer.send(wire::frame_1_0(wire::last, "b") + wire::frame_1_0(wire::more, "a") +
        wire::frame_1_0(wire::last, "body"));
    CHECK(take(met.here) == message::of("a", "body"));
}

TEST_CASE("a ZMTP 1.0 peer may send octet by octet")
{
    old_encounter met(socket_type::pull, true);
    const std::string octets = wire::frame_1_0(0, "") + wire::frame_1_0(wire::more, "one") +
        wire::frame_1_0(wire::last, std::string(300, 'x'));
    for (const char octet : octets)
        met.peer.send(std::string_view(&octet, 1));
    CHECK(take(met.here) == message::of("one", std::string(300, 'x')));
}

TEST_CASE("a frame of length zero ends a ZMTP 1.0 connection, and nothing else (RFC 13)")
{
    old_encounter met(socket_type::pull, true);
    introduce_1_0(met.peer);
    met.peer.send(wire::hex("00"));
    CHECK(met.peer.wait_for_end());
}

TEST_CASE("a ZMTP 2.0 peer is greeted in its own way: signature, revision, our type")
{
    const bool ferry_binds = GENERATE(true, false);
    CAPTURE(ferry_binds);
    old_encounter met(socket_type::pull, ferry_binds);
    const std::string rest = introduce_2_0(met.peer, socket_type::push);
    CHECK(rest[0] == '\3');
    CHECK(rest[1] == static_cast<char>(socket_type::pull));
    met.peer.send(wire::frame(wire::more, "a") + wire::frame(wire::last, std::string(300, 'b')));
    CHECK(take(met.here) == message::of("a", std::string(300, 'b')));
}

TEST_CASE("a ZMTP 2.0 PULL is pushed to")
{
    const bool ferry_binds = GENERATE(true, false);
    CAPTURE(ferry_binds);
    old_encounter met(socket_type::push, ferry_binds);
    introduce_2_0(met.peer, socket_type::pull);
    for (const std::size_t size : {0u, 255u, 256u, 100'000u})
    {
        met.here.send(message::of("part", std::string(size, 'x')));
        CHECK(met.peer.read_frame() == raw_frame{wire::more, "part"});
        CHECK((met.peer.read_frame() == raw_frame{wire::last, std::string(size, 'x')}));
    }
}

TEST_CASE("a ZMTP 2.0 subscriber subscribes by messages, and so do we with a ZMTP 2.0 publisher")
{
    old_encounter publishing(socket_type::xpub, true);
    introduce_2_0(publishing.peer, socket_type::sub);
    publishing.peer.send(wire::frame(wire::last, "\1topic"));
    CHECK(take(publishing.here) == "\1topic");
    publishing.here.send("unwanted");
    publishing.here.send("topic 1");
    CHECK(publishing.peer.read_frame() == raw_frame{wire::last, "topic 1"});

    old_encounter subscribing(socket_type::sub, false);
    subscribing.here.subscribe("topic");
    introduce_2_0(subscribing.peer, socket_type::pub);
    CHECK(subscribing.peer.read_frame() == raw_frame{wire::last, "\1topic"});
    subscribing.peer.send(wire::frame(wire::last, "topic 1"));
    CHECK(take(subscribing.here) == "topic 1");
    subscribing.here.unsubscribe("topic");
    CHECK(subscribing.peer.read_frame() == raw_frame{wire::last, std::string("\0topic", 6)});
}

TEST_CASE("long topics are framed rightly for a ZMTP 2.0 publisher")
{
    const auto size = GENERATE(253u, 254u, 255u, 256u, 1000u);
    CAPTURE(size);
    old_encounter met(socket_type::sub, false);
    met.here.subscribe(std::string(size, 't'));
    introduce_2_0(met.peer, socket_type::pub);
    CHECK((met.peer.read_frame() == raw_frame{wire::last, "\1" + std::string(size, 't')}));
}

TEST_CASE("a ZMTP 2.0 DEALER's identity is its routing id")
{
    old_encounter met(socket_type::router, true);
    introduce_2_0(met.peer, socket_type::dealer, "old friend");
    met.peer.send(wire::frame(wire::last, "hello"));
    CHECK(take(met.here) == message::of("old friend", "hello"));
    met.here.send(message::of("old friend", "hello yourself"));
    CHECK(met.peer.read_frame() == raw_frame{wire::last, "hello yourself"});
}

TEST_CASE("a command from a ZMTP 2.0 peer is passed over")
{
    old_encounter met(socket_type::pull, true);
    introduce_2_0(met.peer, socket_type::push);
    met.peer.send(wire::command("PING", wire::integer(0, 2)));
    met.peer.send(wire::frame(wire::last, "after it"));
    CHECK(take(met.here) == "after it");
}

TEST_CASE("a ZMTP 3.0 publisher is subscribed to by messages, a ZMTP 3.1 publisher by commands")
{
    const unsigned minor = GENERATE(0u, 1u, 2u);
    CAPTURE(minor);
    old_encounter met(socket_type::sub, false);
    met.here.subscribe("topic");
    met.peer.handshake("PUB", minor);
    if (minor == 0)
        CHECK(met.peer.read_frame() == raw_frame{wire::last, "\1topic"});
    else
        CHECK(met.peer.read_frame() == raw_frame{wire::is_command, "\11SUBSCRIBEtopic"});
    met.here.unsubscribe("topic");
    if (minor == 0)
        CHECK(met.peer.read_frame() == raw_frame{wire::last, std::string("\0topic", 6)});
    else
        CHECK(met.peer.read_frame() == raw_frame{wire::is_command, "\6CANCELtopic"});
}

TEST_CASE("an XSUB's subscriptions are commands to a ZMTP 3.1 publisher, messages to older ones")
{
    const unsigned minor = GENERATE(0u, 1u);
    CAPTURE(minor);
    old_encounter met(socket_type::xsub, false);
    met.peer.handshake("PUB", minor);
    CHECK(met.here.wait_for_peers(1, patience));
    met.here.send("\1topic");
    if (minor == 0)
        CHECK(met.peer.read_frame() == raw_frame{wire::last, "\1topic"});
    else
        CHECK(met.peer.read_frame() == raw_frame{wire::is_command, "\11SUBSCRIBEtopic"});
}

TEST_CASE("a publisher takes subscriptions as commands and as messages, from any version")
{
    const unsigned minor = GENERATE(0u, 1u);
    const bool as_command = GENERATE(true, false);
    CAPTURE(minor, as_command);
    old_encounter met(socket_type::xpub, true);
    met.peer.handshake("SUB", minor);
    if (as_command)
        met.peer.send(wire::command("SUBSCRIBE", "topic"));
    else
        met.peer.send(wire::frame(wire::last, "\1topic"));
    CHECK(take(met.here) == "\1topic");
    if (as_command)
        met.peer.send(wire::command("CANCEL", "topic"));
    else
        met.peer.send(wire::frame(wire::last, std::string("\0topic", 6)));
    CHECK(take(met.here) == message(std::string("\0topic", 6)));
}
