// The greeting: encode, decode octet by octet, versions, downgrade.
#include "protocol/greeting.hpp"

#include <string>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"

using namespace ferry::protocol;
using ferry::protocol_errc;
using ferry::socket_type;
using ferry::test::greeting;
using ferry::test::join;
using ferry::test::octet_vector;
using ferry::test::octets;
using ferry::test::to_text;

namespace
{

/// An exchange, what it said so far, and how much it took.
struct exchange
{
    explicit exchange(const own_greeting& own = {}) : subject(own) { hear(); }

    void take(const octet_vector& in)
    {
        taken += subject.receive(in);
        hear();
    }
    void take_one_by_one(const octet_vector& in)
    {
        for (const std::byte each : in)
            take({each});
    }
    void hear()
    {
        const auto output = subject.take_output();
        said.insert(said.end(), output.begin(), output.end());
    }

    greeting_exchange subject;
    octet_vector said;
    std::size_t taken = 0;
};

const octet_vector signature = octets("ff 00*7 01 7f");

}  // namespace

TEST_CASE("our greeting to a 3.x peer has 64 octets (RFC 37 'Greeting')")
{
    const auto ours = encode_greeting({});

    CHECK(octet_vector(ours.begin(), ours.end()) ==
        octets("ff 00 00 00 00 00 00 00 01 7f 03 01 4e 55 4c 4c 00*16 00*32"));
}

TEST_CASE("the padding carries the routing id's size plus one: a 1.0 peer reads a frame header "
          "(edge case 5)")
{
    const auto ours = encode_greeting({.routing_id_size = 0x0102});

    CHECK(to_text(std::span(ours).first(10)) == "ff 00 00 00 00 00 00 01 03 7f");
}

TEST_CASE("a mechanism's name is padded with zeros and never longer than 20 octets")
{
    const std::string long_name(30, 'M');
    const auto ours = encode_greeting({.mechanism = long_name});

    CHECK(to_text(std::span(ours).subspan(12, 22)) == to_text(octets("4d*20 00 00")));
}

TEST_CASE("we speak in stages: signature, major version, the rest, each as far as the peer has "
          "shown itself (edge case 7)")
{
    exchange e;
    CHECK(e.said == signature);

    const auto peer = greeting();
    for (std::size_t i = 0; i < peer.size(); ++i)
    {
        const std::size_t expected = i < 10 ? 10 : i < 11 ? 11 : 64;
        CHECK(e.said.size() == expected);
        e.take({peer[i]});
    }
    CHECK(e.said == greeting());
    CHECK(e.subject.is_complete());
    CHECK_FALSE(e.subject.error());
}

TEST_CASE("a greeting glued to READY is taken to its last octet and not beyond (edge case 1)")
{
    exchange e;
    e.take(join(greeting(), octets("04 19 05 'READY'")));

    CHECK(e.taken == 64);
    CHECK(e.subject.is_complete());
    CHECK(e.said == greeting());
}

TEST_CASE("a greeting cut at any octet leads to the same end (edge case 1)")
{
    const auto peer = greeting();
    for (std::size_t cut = 0; cut <= peer.size(); ++cut)
    {
        const auto middle = peer.begin() + static_cast<std::ptrdiff_t>(cut);
        exchange e;
        e.take({peer.begin(), middle});
        e.take({middle, peer.end()});

        CHECK(e.subject.is_complete());
        CHECK(e.subject.peer().speaks == dialect::zmtp_3_1);
        CHECK(e.said == greeting());
    }
}

TEST_CASE("major and minor decide what is spoken (edge case 6)")
{
    struct expectation
    {
        unsigned major;
        unsigned minor;
        dialect speaks;
        zmtp_version version;
    };
    const expectation expectations[] = {
        {2, 0, dialect::zmtp_3_1, {3, 1}},  // as libzmq, against the RFC's letter
        {2, 9, dialect::zmtp_3_1, {3, 1}},
        {3, 0, dialect::zmtp_3_0, {3, 0}},
        {3, 1, dialect::zmtp_3_1, {3, 1}},
        {3, 2, dialect::zmtp_3_1, {3, 2}},
        {3, 255, dialect::zmtp_3_1, {3, 255}},
        {4, 0, dialect::zmtp_3_1, {4, 0}},
        {255, 255, dialect::zmtp_3_1, {255, 255}},
    };
    for (const auto& expected : expectations)
    {
        exchange e;
        e.take_one_by_one(greeting(expected.major, expected.minor));

        CHECK(e.subject.is_complete());
        CHECK(e.subject.peer().speaks == expected.speaks);
        CHECK(e.subject.peer().version == expected.version);
        CHECK(e.said == greeting());
    }
}

TEST_CASE("announcing 3.0 ourselves, we speak 3.0 with everyone of 3.x")
{
    exchange e({.minor_version = 0});
    e.take(greeting(3, 1));

    CHECK(e.said == greeting(3, 0));
    CHECK(e.subject.peer().speaks == dialect::zmtp_3_0);
    CHECK(e.subject.peer().version == zmtp_version{3, 1});
}

TEST_CASE("padding, the other bits of 7F, as-server and filler mean nothing (edge cases 4 and 9)")
{
    for (const char* peer : {"ff ff*8 7f 03 01 'NULL' 00*16 01 ff*31",
             "ff 00*8 ff 03 01 'NULL' 00*16 01 00*31", "ff 12*8 01 03 01 'NULL' 00*16 ff*32"})
    {
        exchange e;
        e.take(octets(peer));
        CHECK(e.subject.is_complete());
        CHECK(e.subject.peer().speaks == dialect::zmtp_3_1);
    }
}

TEST_CASE("all 20 octets of the mechanism must be the same (edge case 8)")
{
    for (const char* name : {"'PLAIN' 00*15", "'NULL' 00*15 01", "'NULL' 20*16", "'null' 00*16",
             "00*20", "'NUL' 00*17"})
    {
        exchange e;
        e.take(join(signature, octets("03 01"), octets(name), octets("00*32")));
        CHECK(e.subject.error() == protocol_errc::mechanism_mismatch);
        CHECK_FALSE(e.subject.is_complete());
    }
}

TEST_CASE("a peer of another mechanism than ours is refused, one of ours is not")
{
    exchange refused({.mechanism = "CURVE", .admits_old_peers = false});
    refused.take(greeting());
    CHECK(refused.subject.error() == protocol_errc::mechanism_mismatch);

    exchange accepted({.mechanism = "CURVE", .admits_old_peers = false});
    accepted.take(greeting(3, 1, "CURVE"));
    CHECK(accepted.subject.is_complete());
}

TEST_CASE("revision 1 is ZMTP 2.0: we answer with our socket type, and no more "
          "(edge cases 6 and 7; RFC 37 'Version Negotiation')")
{
    exchange e({.type = socket_type::dealer});
    e.take_one_by_one(join(signature, octets("01")));
    CHECK(e.said == join(signature, octets("03 05")));
    CHECK_FALSE(e.subject.is_complete());

    e.take(octets("06 00 00"));
    CHECK(e.taken == 12);
    CHECK(e.subject.is_complete());
    CHECK(e.subject.peer().speaks == dialect::zmtp_2_0);
    CHECK(e.subject.peer().version == zmtp_version{2, 0});
    CHECK(e.subject.peer().type == socket_type::router);
    CHECK(e.said == join(signature, octets("03 05")));
}

TEST_CASE("the socket type of a 2.0 peer is noted, not judged (edge case 105)")
{
    for (unsigned octet = 0; octet < 256; ++octet)
    {
        exchange e({.type = socket_type::router});
        e.take(join(signature, octets("01"), octet_vector{std::byte(octet)}));

        CHECK(e.subject.is_complete());
        CHECK(e.subject.peer().type.has_value() == (octet <= 10));
        if (octet <= 10)
            CHECK(e.subject.peer().type == static_cast<socket_type>(octet));
    }
}

TEST_CASE("revision 0 has the greeting of 2.0 and the frames of 1.0")
{
    exchange e({.type = socket_type::pull});
    e.take(join(signature, octets("00 08 01 00")));

    CHECK(e.taken == 12);
    CHECK(e.subject.peer().speaks == dialect::zmtp_revision_0);
    CHECK(e.subject.first_frame().empty());
    CHECK(e.said == join(signature, octets("03 07")));
}

TEST_CASE("a first octet other than FF is the first frame of a 1.0 peer, whatever it looks like "
          "(edge case 2)")
{
    for (unsigned octet = 0; octet < 255; ++octet)
    {
        exchange e;
        e.take({std::byte(octet), std::byte{0x54}, std::byte{0x54}, std::byte{0x50}});

        CHECK(e.taken == 1);
        CHECK(e.subject.is_complete());
        CHECK(e.subject.peer().speaks == dialect::zmtp_1_0);
        CHECK(e.subject.peer().version == zmtp_version{1, 0});
        CHECK(e.subject.first_frame().size() == 1);
        CHECK(e.said == signature);
    }
}

TEST_CASE("FF with the lowest bit of octet 9 clear is a long first frame of a 1.0 peer "
          "(edge case 3)")
{
    const auto peer = octets("ff 00*7 06 00 'hello'");
    for (std::size_t cut = 0; cut <= peer.size(); ++cut)
    {
        exchange e;
        e.take({peer.begin(), peer.begin() + static_cast<std::ptrdiff_t>(cut)});
        CHECK(e.subject.is_complete() == (cut >= 10));
        CHECK(e.taken == std::min<std::size_t>(cut, 10));
        CHECK(e.said == signature);
        CHECK(
            to_text(e.subject.first_frame()) == (cut < 10 ? "" : "ff 00 00 00 00 00 00 00 06 00"));
    }
}

TEST_CASE("where security is asked for, peers of 1.0 and 2.0 are refused as soon as they show "
          "(edge case 10)")
{
    for (const char* peer : {"01", "ff 00*8 00", "ff 00*8 7f 00", "ff 00*8 7f 01"})
    {
        exchange e({.mechanism = "CURVE", .admits_old_peers = false});
        e.take(octets(peer));
        CHECK(e.subject.error() == protocol_errc::unsupported_version);
        CHECK_FALSE(e.subject.is_complete());
    }
}

TEST_CASE("after the end, and after an error, nothing more is taken or said")
{
    exchange complete;
    complete.take(greeting());
    complete.take(octets("04 00"));
    CHECK(complete.taken == 64);
    CHECK(complete.said.size() == 64);

    exchange failed;
    failed.take(greeting(3, 1, "PLAIN"));
    failed.take(octets("04 00"));
    CHECK(failed.taken == 64);
    CHECK(failed.subject.first_frame().empty());
}

TEST_CASE("a peer that stops after any part of its greeting keeps us waiting, without an error")
{
    const auto peer = greeting();
    for (std::size_t cut = 0; cut < peer.size(); ++cut)
    {
        exchange e;
        e.take({peer.begin(), peer.begin() + static_cast<std::ptrdiff_t>(cut)});
        CHECK_FALSE(e.subject.is_complete());
        CHECK_FALSE(e.subject.error());
    }
}
