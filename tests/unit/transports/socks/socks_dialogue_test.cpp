// The dialogue with a SOCKS 5 proxy, octet by octet.
#include "transports/socks/socks_dialogue.hpp"

#include <algorithm>

#include <ferry/error.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"

using namespace ferry::test;
using namespace ferry::transports;
using ferry::proxy_errc;

namespace
{

const socks_target ipv4{socks_target::kind::ipv4, std::string("\x7f\0\0\x01", 4), 5555};
const socks_target name{socks_target::kind::name, "example.org", 80};

octet_vector take_output(socks_dialogue& dialogue)
{
    const auto output = dialogue.output();
    octet_vector said(output.begin(), output.end());
    dialogue.sent(output.size());
    CHECK(dialogue.output().empty());
    return said;
}

/// Everything the dialogue takes of these octets, `step` at a time, whatever it says meanwhile; and its error.
std::error_code feed(
    socks_dialogue& dialogue, std::span<const std::byte> octets, std::size_t step = 1)
{
    while (!octets.empty() && !dialogue.is_over())
    {
        dialogue.sent(dialogue.output().size());
        const std::size_t size = std::min({step, octets.size(), dialogue.wanted()});
        REQUIRE(size > 0);
        if (const auto error = dialogue.received(octets.first(size)))
            return error;
        octets = octets.subspan(size);
    }
    CHECK(octets.empty());
    return {};
}

}  // namespace

TEST_CASE("without a name, no authentication is offered, and the target is asked for (RFC 1928)")
{
    socks_dialogue dialogue({ipv4, "", "a password does not matter"});
    CHECK(take_output(dialogue) == octets("05 01 00"));
    CHECK(dialogue.wanted() == 2);
    CHECK(!dialogue.received(octets("05 00")));
    CHECK(take_output(dialogue) == octets("05 01 00 01 7f 00 00 01 15 b3"));
    CHECK(dialogue.wanted() == 5);
    CHECK(!dialogue.received(octets("05 00 00 01 0a")));
    CHECK(dialogue.wanted() == 5);
    CHECK(!dialogue.is_over());
    CHECK(!dialogue.received(octets("00 00 01 04 38")));
    CHECK(dialogue.is_over());
    CHECK(dialogue.wanted() == 0);
    CHECK(dialogue.output().empty());
}

TEST_CASE("with a name, it and the password are all that is offered (RFC 1929)")
{
    socks_dialogue dialogue({name, "me", "secret"});
    CHECK(take_output(dialogue) == octets("05 01 02"));
    CHECK(!dialogue.received(octets("05 02")));
    CHECK(take_output(dialogue) == octets("01 02 'me' 06 'secret'"));
    CHECK(dialogue.wanted() == 2);
    CHECK(!dialogue.received(octets("01 00")));
    CHECK(take_output(dialogue) == octets("05 01 00 03 0b 'example.org' 00 50"));
    CHECK(!feed(dialogue, octets("05 00 00 01 00*4 00 00")));
    CHECK(dialogue.is_over());
}

TEST_CASE("names, IPv4 and IPv6 addresses are asked for in their own forms")
{
    const std::string longest(255, 'n');
    const std::string v6 = std::string(15, '\0') + '\1';
    for (const auto& [target, expected] : {
             std::pair{socks_target{socks_target::kind::ipv6, v6, 9},
                 octets("05 01 00 04 00*15 01 00 09")},
             std::pair{socks_target{socks_target::kind::name, longest, 65'535},
                 octets("05 01 00 03 ff 6e*255 ff ff")},
         })
    {
        socks_dialogue dialogue({target, "", ""});
        (void)take_output(dialogue);
        CHECK(!dialogue.received(octets("05 00")));
        CHECK(take_output(dialogue) == expected);
    }
}

TEST_CASE("what is sent in pieces goes on where it was left")
{
    socks_dialogue dialogue({ipv4, "", ""});
    dialogue.sent(1);
    CHECK(octet_vector(dialogue.output().begin(), dialogue.output().end()) == octets("01 00"));
    dialogue.sent(2);
    CHECK(dialogue.output().empty());
}

TEST_CASE("answers may come in pieces of any size, with addresses of any kind")
{
    for (const char* address :
        {"01 7f 00 00 01", "04 00*16", "03 00", "03 0b 'example.org'", "03 ff 61*255"})
        for (const bool authenticates : {false, true})
        {
            const auto whole = octets(std::string(authenticates ? "05 02 01 00" : "05 00") +
                " 05 00 07 " + address + " 04 38");
            for (std::size_t step = 1; step <= whole.size(); ++step)
            {
                CAPTURE(address, authenticates, step);
                socks_dialogue dialogue({ipv4, authenticates ? "me" : "", ""});
                CHECK(!feed(dialogue, whole, step));
                CHECK(dialogue.is_over());
            }
        }
}

TEST_CASE("an answer cut anywhere is waited for")
{
    const auto whole = octets("05 02 01 00 05 00 00 03 04 'name' 00 50");
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
    {
        socks_dialogue dialogue({ipv4, "me", "secret"});
        CHECK(!feed(dialogue, std::span(whole).first(cut)));
        CHECK(!dialogue.is_over());
        CHECK(dialogue.wanted() > 0);
    }
}

TEST_CASE("a proxy that chooses what was not offered is not gone along with")
{
    for (unsigned method = 0; method < 256; ++method)
        for (const bool authenticates : {false, true})
        {
            socks_dialogue dialogue({ipv4, authenticates ? "me" : "", ""});
            (void)take_output(dialogue);
            const std::array answer{std::byte{5}, static_cast<std::byte>(method)};
            const auto error = dialogue.received(answer);
            if (method == (authenticates ? 2U : 0U))
                CHECK(!error);
            else
                CHECK(error == proxy_errc::no_acceptable_method);
        }
}

TEST_CASE("another version is refused with its first octet, wherever it comes")
{
    for (unsigned version = 0; version < 256; ++version)
        for (const auto& [before, expected] :
            {std::pair{"", 5U}, std::pair{"05 02", 1U}, std::pair{"05 02 01 00", 5U}})
        {
            socks_dialogue dialogue({ipv4, "me", "secret"});
            CHECK(!feed(dialogue, octets(before)));
            const std::array octet{static_cast<std::byte>(version)};
            const auto error = feed(dialogue, octet);
            if (version == expected)
                CHECK(!error);
            else
                CHECK(error == proxy_errc::not_socks);
        }
}

TEST_CASE("every status of the authentication but 0 is a refusal (RFC 1929 section 2)")
{
    for (unsigned status = 0; status < 256; ++status)
    {
        socks_dialogue dialogue({ipv4, "me", "wrong"});
        CHECK(!feed(dialogue, octets("05 02")));
        const std::array answer{std::byte{1}, static_cast<std::byte>(status)};
        const auto error = feed(dialogue, answer);
        if (status == 0)
            CHECK(!error);
        else
            CHECK(error == proxy_errc::authentication_failed);
    }
}

TEST_CASE("every reply has its error, as soon as it is read (RFC 1928 section 6)")
{
    const std::array meanings{proxy_errc::general_failure, proxy_errc::not_allowed,
        proxy_errc::network_unreachable, proxy_errc::host_unreachable,
        proxy_errc::connection_refused, proxy_errc::time_to_live_expired,
        proxy_errc::command_not_supported, proxy_errc::address_type_not_supported};
    for (unsigned reply = 1; reply < 256; ++reply)
    {
        socks_dialogue dialogue({ipv4, "", ""});
        CHECK(!feed(dialogue, octets("05 00 05")));
        const std::array octet{static_cast<std::byte>(reply)};
        const auto error = feed(dialogue, octet);
        CHECK(
            error == (reply <= meanings.size() ? meanings[reply - 1] : proxy_errc::unknown_reply));
        CHECK(dialogue.wanted() == 0);
    }
}

TEST_CASE("an address of an unknown kind cannot be read over")
{
    for (unsigned kind = 0; kind < 256; ++kind)
    {
        socks_dialogue dialogue({ipv4, "", ""});
        CHECK(!feed(dialogue, octets("05 00 05 00 00")));
        const std::array octet{static_cast<std::byte>(kind), std::byte{0}};
        const auto error = feed(dialogue, octet);
        if (kind == 1 || kind == 3 || kind == 4)
            CHECK(!error);
        else
            CHECK(error == proxy_errc::not_socks);
    }
}
