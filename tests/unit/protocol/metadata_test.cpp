// Property lists, read and written.
#include "protocol/metadata.hpp"

#include <string>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"

using namespace ferry::protocol;
using ferry::peer_properties;
using ferry::protocol_errc;
using ferry::socket_type;
using ferry::test::join;
using ferry::test::octet_vector;
using ferry::test::octets;
using ferry::test::property;

TEST_CASE("a property list is read in order, with values of any octets (RFC 37 'Metadata')")
{
    const auto list = octets("0b 'Socket-Type' 00 00 00 06 'DEALER' 08 'Identity' 00 00 00 00"
                             " 03 'X-b' 00 00 00 02 00 ff");
    const auto parsed = parse_metadata(list);

    CHECK_FALSE(parsed.error);
    CHECK(parsed.properties ==
        peer_properties::list{
            {"Socket-Type", "DEALER"}, {"Identity", ""}, {"X-b", std::string("\0\xff", 2)}});
}

TEST_CASE("an empty list is a list")
{
    const auto parsed = parse_metadata({});

    CHECK_FALSE(parsed.error);
    CHECK(parsed.properties.empty());
}

TEST_CASE("a list cut inside a property is malformed, one cut between two is not")
{
    const auto first = property("Socket-Type", "SUB");
    const auto whole = join(first, property("X-a", "1"));
    for (std::size_t cut = 0; cut <= whole.size(); ++cut)
    {
        const octet_vector part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
        const bool between = cut == 0 || cut == first.size() || cut == whole.size();
        const auto parsed = parse_metadata(part);
        CHECK(!parsed.error == between);
        if (!between)
            CHECK(parsed.error == protocol_errc::malformed_metadata);
    }
}

TEST_CASE("one stray octet after the last property is an error (edge case 28)")
{
    const auto parsed = parse_metadata(join(property("X-a", "1"), octets("00")));

    CHECK(parsed.error == protocol_errc::malformed_metadata);
    CHECK(parsed.properties.empty());
}

TEST_CASE("a name of length zero is accepted, as is one with unusual characters (edge case 28)")
{
    const auto parsed = parse_metadata(join(property("", "v"), property("a b\xff", "")));

    CHECK(parsed.properties == peer_properties::list{{"", "v"}, {"a b\xff", ""}});
}

TEST_CASE("a value length beyond the list is refused before anything is allocated for it")
{
    CHECK(parse_metadata(octets("01 'a' ff ff ff ff 'v'")).error ==
        protocol_errc::malformed_metadata);
    CHECK(parse_metadata(octets("01 'a' 7f ff ff ff")).error == protocol_errc::malformed_metadata);
}

TEST_CASE("a list of more properties than anyone needs is refused")
{
    const octet_vector enough(max_properties * 5);  // no name, no value

    CHECK(parse_metadata(enough).properties.size() == max_properties);
    CHECK(parse_metadata(join(enough, octets("00*5"))).error == protocol_errc::handshake_too_large);
}

TEST_CASE("of properties with one name, lookups take the first and the routing id the last")
{
    const peer_properties::list list{{"Identity", "a"}, {"X", "1"}, {"Identity", "b"}, {"X", "2"}};

    CHECK(find_first(list, "X") == "1");
    CHECK(find_last(list, "Identity") == "b");
    CHECK_FALSE(find_first(list, "Y"));
    CHECK_FALSE(find_last(list, "Y"));
}

TEST_CASE("names of properties count upper and lower case (edge case 27)")
{
    const peer_properties::list list{{"socket-type", "SUB"}, {"IDENTITY", "a"}};

    CHECK_FALSE(find_first(list, "Socket-Type"));
    CHECK_FALSE(find_last(list, "Identity"));
    CHECK(suits(list, socket_type::req));
}

TEST_CASE("a peer without a Socket-Type suits, one with an unknown or other type does not "
          "(edge case 27)")
{
    CHECK(suits({}, socket_type::push));
    CHECK(suits({{"Socket-Type", "PULL"}}, socket_type::push));
    CHECK_FALSE(suits({{"Socket-Type", "pull"}}, socket_type::push));
    CHECK_FALSE(suits({{"Socket-Type", "PUB"}}, socket_type::push));
    CHECK_FALSE(suits({{"Socket-Type", "CLIENT"}}, socket_type::push));
    CHECK_FALSE(suits({{"Socket-Type", ""}}, socket_type::push));
}

TEST_CASE("every Socket-Type of a list must suit")
{
    CHECK_FALSE(suits({{"Socket-Type", "PULL"}, {"Socket-Type", "PUB"}}, socket_type::push));
    CHECK_FALSE(suits({{"Socket-Type", "PUB"}, {"Socket-Type", "PULL"}}, socket_type::push));
}

TEST_CASE("REQ, DEALER and ROUTER announce an Identity, empty or not; nobody else does "
          "(edge case 29)")
{
    for (int i = 0; i <= static_cast<int>(socket_type::xsub); ++i)
    {
        const auto type = static_cast<socket_type>(i);
        const bool announces =
            type == socket_type::req || type == socket_type::dealer || type == socket_type::router;
        const auto bare = parse_metadata(encode_metadata(type, "", {})).properties;
        CHECK(find_first(bare, "Socket-Type") == to_string(type));
        CHECK(find_first(bare, "Identity").has_value() == announces);

        const auto named = parse_metadata(encode_metadata(type, "id", {})).properties;
        CHECK(find_first(named, "Identity").value_or("none") == (announces ? "id" : "none"));
    }
}

TEST_CASE("our own list is written as real peers write it (octets seen on the wire)")
{
    CHECK(encode_metadata(socket_type::sub, "ignored", {}) ==
        octets("0b 53 6f 63 6b 65 74 2d 54 79 70 65 00 00 00 03 53 55 42"));
    CHECK(encode_metadata(socket_type::router, "R", {}) ==
        octets("0b 'Socket-Type' 00 00 00 06 'ROUTER' 08 'Identity' 00 00 00 01 52"));
}

TEST_CASE("further properties follow in the order given; names that cannot travel are left out")
{
    const std::string long_name(256, 'n');
    const std::string longest_name(255, 'n');

    CHECK(encode_metadata(
              socket_type::push, "", {{"X-b", "1"}, {"", "x"}, {long_name, "x"}, {"X-a", "2"}}) ==
        join(property("Socket-Type", "PUSH"), property("X-b", "1"), property("X-a", "2")));
    CHECK(parse_metadata(encode_metadata(socket_type::push, "", {{longest_name, "v"}}))
              .properties.back()
              .first == longest_name);
}
