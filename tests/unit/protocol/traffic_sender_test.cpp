// Messages, subscriptions, PINGs and PONGs out, in the dialect of one connection.
#include "protocol/traffic_sender.hpp"

#include <string>
#include <utility>
#include <vector>

#include <ferry/detail/encoded_run.hpp>
#include <ferry/detail/message_access.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/pretend_security.hpp"

using namespace ferry;
using namespace ferry::protocol;
using namespace ferry::test;
using ferry::detail::message_role;

namespace
{

octet_vector said(traffic_sender& sender)
{
    octet_vector all;
    for (const auto& part : sender.output(1000))
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

octet_vector subscription(dialect speaks, message_role role, std::string_view topic)
{
    traffic_sender sender(1024);
    const bool is_1 = speaks == dialect::zmtp_1_0 || speaks == dialect::zmtp_revision_0;
    sender.encoder().set_framing(is_1 ? framing::zmtp_1 : framing::zmtp_2);
    sender.begin(speaks, nullptr);
    sender.send(detail::message_access::subscription(role, topic));
    return said(sender);
}

}  // namespace

TEST_CASE("subscriptions are commands to 3.1 peers (octets seen on the wire)")
{
    CHECK(subscription(dialect::zmtp_3_1, message_role::subscribe, "A") ==
        octets("04 0b 09 53 55 42 53 43 52 49 42 45 41"));
    CHECK(subscription(dialect::zmtp_3_1, message_role::subscribe, "") ==
        octets("04 0a 09 53 55 42 53 43 52 49 42 45"));
    CHECK(subscription(dialect::zmtp_3_1, message_role::cancel, "") ==
        octets("04 07 06 43 41 4e 43 45 4c"));
}

TEST_CASE("subscriptions are messages to 3.0 and older peers (octets seen on the wire)")
{
    for (const dialect speaks : {dialect::zmtp_3_0, dialect::zmtp_2_0})
    {
        CHECK(subscription(speaks, message_role::subscribe, "A") == octets("00 02 01 41"));
        CHECK(subscription(speaks, message_role::cancel, "A") == octets("00 02 00 41"));
        CHECK(subscription(speaks, message_role::subscribe, "") == octets("00 01 01"));
    }
    for (const dialect speaks : {dialect::zmtp_1_0, dialect::zmtp_revision_0})
    {
        CHECK(subscription(speaks, message_role::subscribe, "A") == octets("03 00 01 41"));
        CHECK(subscription(speaks, message_role::cancel, "") == octets("02 00 00"));
    }
}

TEST_CASE("long topics travel in long frames with the LONG bit set (edge case 23)")
{
    for (std::size_t size = 240; size < 260; ++size)
    {
        const std::string topic(size, 't');
        CHECK(subscription(dialect::zmtp_3_1, message_role::subscribe, topic) ==
            command("SUBSCRIBE", octets_of(topic)));
        CHECK(subscription(dialect::zmtp_3_1, message_role::cancel, topic) ==
            command("CANCEL", octets_of(topic)));
        CHECK(subscription(dialect::zmtp_3_0, message_role::subscribe, topic) ==
            frame(0, join(octets("01"), octets_of(topic))));
    }
}

TEST_CASE("a PING carries its TTL, a PONG its context")
{
    traffic_sender sender(1024);
    sender.send_ping(15);
    sender.send_pong(octets("01 02"));

    CHECK(said(sender) == octets("04 07 04 50 49 4e 47 00 0f 04 07 04 'PONG' 01 02"));
}

TEST_CASE("behind much output only the last PONG waits: PINGs of a peer that does not read cost "
          "no memory")
{
    traffic_sender sender(1024);
    sender.send(message(std::string(10'000, 'x')));
    const std::size_t before = sender.size();
    for (unsigned i = 0; i < 1000; ++i)
        sender.send_pong(integer(i, 2));
    CHECK(sender.size() == before);

    sender.written(before - 100);
    CHECK(sender.size() == 100 + 9);
    sender.written(100);
    CHECK(said(sender) == command("PONG", integer(999, 2)));
}

TEST_CASE("PONGs alone cannot pile up either")
{
    traffic_sender sender(1024);
    for (int i = 0; i < 100'000; ++i)
        sender.send_pong({});

    CHECK(sender.size() < 10'000);
}

TEST_CASE("under protection every frame travels as the body of one plain message frame")
{
    pretend_protection protection;
    traffic_sender sender(1024);
    sender.begin(dialect::zmtp_3_1, &protection);

    sender.send(message::of("a", "b"));
    sender.send_ping(0);
    sender.send(detail::message_access::subscription(message_role::subscribe, "t"));

    CHECK(said(sender) ==
        join(frame(0, hidden(1, octets_of("a"))), frame(0, hidden(0, octets_of("b"))),
            frame(0, hidden(2, command_body("PING", octets("00 00")))),
            frame(0, hidden(2, command_body("SUBSCRIBE", octets_of("t"))))));
}

TEST_CASE("under protection a subscription for a 3.0 peer is a message, as it is in the clear")
{
    pretend_protection protection;
    traffic_sender sender(1024);
    sender.begin(dialect::zmtp_3_0, &protection);
    sender.send(detail::message_access::subscription(message_role::subscribe, "t"));

    CHECK(said(sender) == frame(0, hidden(0, octets("01 't'"))));
}

TEST_CASE("a message without frames is not sent")
{
    traffic_sender sender(1024);
    sender.send(message{});

    CHECK(sender.size() == 0);
}

// --- runs of encoded messages --------------------------------------------------------------------

namespace
{

/// A pipe's reader takes these messages as one run. One chunk has room for all of them.
message run_of(const std::vector<message>& messages)
{
    detail::run_encoder maker;
    message slot;
    detail::encoded_message all;
    for (const message& m : messages)
    {
        const auto next = maker.add(m);
        REQUIRE((next && (!all || next.begin == all.end)));
        all = {next.chunk, all ? all.begin : next.begin, next.end};
    }
    detail::encoded_run::begin(slot, all);
    detail::encoded_run::extend(slot,
        {static_cast<std::uint32_t>(all.end - all.begin),
            static_cast<std::uint32_t>(messages.size())});
    return detail::encoded_run::take(slot);
}

/// Runs that are copied, and some that are referenced where they can be.
std::vector<std::vector<message>> several_runs()
{
    std::vector<message> long_run;
    for (std::size_t size = 0; size < 300; ++size)
        long_run.push_back(message::of(std::string(size % 7, 'a'), std::string(size, 'b')));
    return {{"a"}, {"", ""}, {message::of("a", "b"), "c", message::of("", "", "")},
        {std::string(254, 'd'), std::string(255, 'e'), std::string(256, 'f')},
        {message::of(std::string(2048, 'g'), "h"), std::string(2048, 'i')}, long_run};
}

constexpr dialect all_dialects[] = {dialect::zmtp_1_0, dialect::zmtp_revision_0, dialect::zmtp_2_0,
    dialect::zmtp_3_0, dialect::zmtp_3_1};

octet_vector said_of(const std::vector<message>& messages, dialect speaks, bool in_a_run,
    security::traffic_protection* protection = nullptr)
{
    traffic_sender sender(1024);
    const bool is_1 = speaks < dialect::zmtp_2_0;
    sender.encoder().set_framing(is_1 ? framing::zmtp_1 : framing::zmtp_2);
    sender.begin(speaks, protection);
    sender.send("before");
    if (in_a_run)
        sender.send(run_of(messages));
    else
        for (const message& m : messages)
            sender.send(message(m));
    sender.send_ping(7);
    sender.send("after");
    return said(sender);
}

}  // namespace

TEST_CASE("a run says the octets that its messages would say one by one, in every dialect")
{
    for (const dialect speaks : all_dialects)
        for (const auto& messages : several_runs())
        {
            const bool is_same =
                said_of(messages, speaks, true) == said_of(messages, speaks, false);
            CHECK(is_same);
        }
}

TEST_CASE("a run says the octets that its messages would say one by one, under protection")
{
    for (const dialect speaks : {dialect::zmtp_3_0, dialect::zmtp_3_1})
        for (const auto& messages : several_runs())
        {
            pretend_protection protection;
            const bool is_same = said_of(messages, speaks, true, &protection) ==
                said_of(messages, speaks, false, &protection);
            CHECK(is_same);
        }
}

TEST_CASE("a run is frames of ZMTP 2 to peers that speak them, and of ZMTP 1.0 to others")
{
    const std::vector<message> messages{message::of("a", "b"), "", "c"};
    for (const dialect speaks : {dialect::zmtp_2_0, dialect::zmtp_3_0, dialect::zmtp_3_1})
        CHECK(said_of(messages, speaks, true) ==
            octets("00 06 'before' 01 01 'a' 00 01 'b' 00 00 00 01 'c'"
                   "04 07 04 'PING' 00 07 00 05 'after'"));
    for (const dialect speaks : {dialect::zmtp_1_0, dialect::zmtp_revision_0})
        CHECK(said_of(messages, speaks, true) ==
            octets("07 00 'before' 02 01 'a' 02 00 'b' 01 00 02 00 'c' 06 00 'after'"));
}

TEST_CASE("under protection every frame of a run travels by itself")
{
    pretend_protection protection;
    traffic_sender sender(1024);
    sender.begin(dialect::zmtp_3_1, &protection);
    sender.send(run_of({message::of("a", "b"), "", std::string(300, 'c')}));

    CHECK(said(sender) ==
        join(frame(0, hidden(1, octets_of("a"))), frame(0, hidden(0, octets_of("b"))),
            frame(0, hidden(0, {})), frame(0, hidden(0, octets_of(std::string(300, 'c'))))));
}

TEST_CASE("encoded messages are taken by peers that speak ZMTP 2 or newer, without protection")
{
    for (const dialect speaks : all_dialects)
    {
        traffic_sender sender(1024);
        sender.begin(speaks, nullptr);
        CHECK(sender.takes_encoded() == (speaks >= dialect::zmtp_2_0));
        pretend_protection protection;
        sender.begin(speaks, &protection);
        CHECK_FALSE(sender.takes_encoded());
    }
}

TEST_CASE("a run is not small: send() has to do it")
{
    traffic_sender sender(1024);
    sender.begin(dialect::zmtp_3_1, nullptr);
    sender.send("before");
    message run = run_of({"a", "b"});
    CHECK_FALSE(sender.send_small(run));
    CHECK(detail::encoded_run::messages(run) == 2);
    CHECK(said(sender) == octets("00 06 'before'"));
    sender.send(std::move(run));
    CHECK(run.empty());  // NOLINT(bugprone-use-after-move): as promised
    CHECK(said(sender) == octets("00 06 'before' 00 01 'a' 00 01 'b'"));
}
