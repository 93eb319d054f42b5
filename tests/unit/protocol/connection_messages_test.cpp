// next_message and next_messages beside next_event: whatever a driver asks first, it hears the same.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <ferry/detail/message_access.hpp>
#include <ferry/error.hpp>

#include "protocol/connection.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/received_runs.hpp"
#include "tests/unit/protocol/allocation_count.hpp"

using namespace ferry;
using namespace ferry::protocol;
using namespace ferry::test;
using namespace std::chrono_literals;
using ferry::detail::message_access;
using ferry::detail::message_role;

namespace
{

constexpr time_point start{std::chrono::hours{1}};

/// What a driver asks for first, by the number of the call.
using habit = bool (*)(int call);

struct heard
{
    event_kind kind;
    message_role role;
    message body;
    std::error_code error;
    friend bool operator==(const heard&, const heard&) = default;
};

/// One connection and the order of what it said.
struct driver
{
    /// `most`: of messages that it asks for at once, before anything else.
    driver(const connection_options& options, habit asks, std::uint32_t most = 0)
        : subject(options, start), habit_(asks), most_(most)
    {
    }

    void receive(std::span<const std::byte> piece)
    {
        const auto copy = std::make_unique<std::byte[]>(piece.size());
        std::copy(piece.begin(), piece.end(), copy.get());
        subject.receive({copy.get(), piece.size()}, start);
        drain();
    }
    void drain()
    {
        for (event out;;)
        {
            if (const whole_messages run = subject.next_messages(most_); run.count != 0)
                for (message& m : messages_of(run.octets, run.count))
                    log.push_back({event_kind::message, message_role::data, std::move(m), {}});
            if (message m("what was there before"); habit_(calls_++) && subject.next_message(m))
            {
                log.push_back({event_kind::message, message_access::role(m), std::move(m), {}});
                continue;
            }
            if (subject.next_event(out) == event_kind::none)
                return;
            const bool is_message = out.kind == event_kind::message;
            log.push_back(
                {out.kind, is_message ? message_access::role(out.body) : message_role::data,
                    is_message ? std::move(out.body) : message(), out.error});
        }
    }

    connection subject;
    std::vector<heard> log;

private:
    habit habit_;
    std::uint32_t most_;
    int calls_ = 0;
};

const habit habits[] = {
    [](int) { return true; },
    [](int call) { return call % 2 == 0; },
    [](int call) { return call % 3 == 1; },
};

message frames(int count)
{
    message m;
    for (int i = 0; i < count; ++i)
        m.append(std::string(static_cast<std::size_t>(i), 'f'));
    return m;
}

octet_vector encoded(const message& m)
{
    octet_vector all;
    std::size_t left = m.size();
    for (const frame_view part : m)
        all = join(all, frame(--left != 0 ? 1 : 0, part.string()));
    return all;
}

void is_heard_alike(const connection_options& options, const octet_vector& all)
{
    for (std::size_t cut = 0; cut <= all.size(); ++cut)
    {
        driver model(options, [](int) { return false; });
        model.receive(std::span(all).first(cut));
        model.receive(std::span(all).subspan(cut));
        for (const habit each : habits)
            for (const std::uint32_t most : {0U, 1U, 3U, UINT32_MAX})
            {
                driver subject(options, each, most);
                subject.receive(std::span(all).first(cut));
                subject.receive(std::span(all).subspan(cut));
                const bool is_same = subject.log == model.log;
                CHECK(is_same);
            }
    }
}

}  // namespace

TEST_CASE(
    "next_message, next_messages and next_event in any order tell the same, wherever the stream "
    "is cut")
{
    const auto handshake = join(greeting(), ready("SUB"));
    const auto messages = join(frame(0, "one"), frame(0, std::string(64, 'x')),
        encoded(message::of("12345", "", std::string(64, 'y'))), frame(0, std::string(300, 'z')),
        octets("02 00*7 01 'a' f8 01 'b' 00 00"));
    const auto commands = join(command("PING", octets("00 0a 'c'")), frame(0, "after a PING"),
        command("SUBSCRIBE", octets_of("topic")), frame(1, "before"),
        command("PING", octets("00 00")), frame(0, "behind"), command("JOIN"), frame(0, "last"));
    is_heard_alike({.type = socket_type::xpub}, join(handshake, messages, commands, messages));
}

TEST_CASE("messages of many frames are told alike, wherever they are cut")
{
    octet_vector all = join(greeting(), ready("PUSH"));
    for (const int count : {2, 7, 8, 9, 17})
        all = join(all, encoded(frames(count)));
    is_heard_alike({.type = socket_type::pull}, all);
}

TEST_CASE("limits end a connection alike, whichever is asked")
{
    const auto handshake = join(greeting(), ready("PUSH"), frame(0, "ok"));
    const connection_options options{
        .type = socket_type::pull, .max_message_size = 4, .max_message_frames = 3};
    for (const auto& last : {frame(0, "abcd"), frame(0, "abcde"), octets("02 7f ff*7"),
             encoded(message::of("ab", "cd")), encoded(message::of("ab", "cde")),
             encoded(frames(3)), encoded(message::of("", "", "", "")), octets("05 00"),
             octets("04 01 00"), octets("02 ff*8")})
        is_heard_alike(options, join(handshake, last, frame(0, "x")));
    is_heard_alike({.type = socket_type::pull, .max_message_frames = 0}, handshake);
}

TEST_CASE("peers of ZMTP 1.0 are heard alike")
{
    is_heard_alike({.type = socket_type::pull},
        octets("01 00 02 00 'a' 02 01 'b' 01 00 ff 00*7 02 00 'c' 01 00"));
}

TEST_CASE("next_message has nothing to say before next_event told the first message")
{
    connection subject({.type = socket_type::pull}, start);
    message m;
    CHECK_FALSE(subject.next_message(m));
    const auto all = join(greeting(), ready("PUSH"), frame(0, "one"), frame(0, "two"));
    subject.receive(all, start);
    CHECK_FALSE(subject.next_message(m));
    event out;
    CHECK(subject.next_event(out) == event_kind::ready);
    CHECK_FALSE(subject.next_message(m));
    CHECK(subject.next_event(out) == event_kind::message);
    CHECK(subject.next_message(m));
    CHECK(m == message("two"));
    CHECK_FALSE(subject.next_message(m));
    CHECK(subject.next_event(out) == event_kind::none);
}

TEST_CASE("messages of data that lie there whole come at once, where the connection found them")
{
    connection subject({.type = socket_type::pull}, start);
    CHECK(subject.next_messages(10).count == 0);
    const auto before = join(greeting(), ready("PUSH"), frame(0, "one"));
    const auto all = join(before, frame(0, "two"), frame(0, "three"), command("PING"));
    subject.receive(all, start);
    CHECK(subject.next_messages(10).count == 0);
    event out;
    CHECK(subject.next_event(out) == event_kind::ready);
    CHECK(subject.next_event(out) == event_kind::message);
    const whole_messages run = subject.next_messages(10);
    CHECK(run.count == 2);
    CHECK(run.octets.data() == all.data() + before.size());
    CHECK(subject.unconsumed() == command("PING").size());
    CHECK(subject.next_messages(10).count == 0);
}

TEST_CASE("what next_message replaces is gone, its role too")
{
    driver peer({.type = socket_type::pull}, [](int) { return false; });
    peer.receive(join(greeting(), ready("PUSH"), frame(0, "first")));
    const auto next = frame(0, "data");
    peer.subject.receive(next, start);
    message m = message_access::subscription(message_role::cancel, std::string(100, 't'));
    CHECK(peer.subject.next_message(m));
    CHECK(m == message("data"));
    CHECK(message_access::role(m) == message_role::data);
}

TEST_CASE("a message taken by next_message stops the countdown that a PING before it began")
{
    for (const bool is_followed : {false, true})
    {
        driver peer({.type = socket_type::pull}, habits[0]);
        peer.receive(join(greeting(), ready("PUSH"), frame(0, "one")));
        const auto ping = command("PING", octets("00 0a"));
        peer.receive(is_followed ? join(ping, frame(0, "two"), frame(0, "three")) : ping);
        CHECK(peer.subject.deadline().has_value() != is_followed);
        CHECK(peer.log.size() == (is_followed ? 4 : 2));
    }
}

TEST_CASE("memory that next_message lacks ends the connection")
{
    const auto all = join(
        frame(0, std::string(5000, 'a')), encoded(message::of("a", std::string(5000, 'b'), "c")));
    for (std::size_t at : {std::size_t{0}, std::size_t{5009}})
    {
        driver peer({.type = socket_type::pull}, [](int) { return false; });
        peer.receive(join(greeting(), ready("PUSH"), frame(0, "one")));
        peer.subject.receive(std::span(all).subspan(at), start);
        message m;
        {
            const failing_allocations failing(0);
            CHECK_FALSE(peer.subject.next_message(m));
        }
        event out;
        CHECK(peer.subject.next_event(out) == event_kind::closed);
        CHECK(out.error == errc::out_of_memory);
        CHECK_FALSE(peer.subject.next_message(m));
        CHECK(peer.subject.next_event(out) == event_kind::none);
    }
}

TEST_CASE("messages of one frame and of a few cost no allocation beyond their bodies'")
{
    driver peer({.type = socket_type::pull}, [](int) { return false; });
    peer.receive(join(greeting(), ready("PUSH"), frame(0, "one")));
    const auto all = join(frame(0, std::string(50, 'a')), encoded(message::of("id", "", "body")));
    peer.subject.receive(all, start);
    const allocation_count count;
    message m;
    CHECK(peer.subject.next_message(m));
    CHECK(peer.subject.next_message(m));
    CHECK(m == message::of("id", "", "body"));
    CHECK(count.number() == 0);
}

// --- what a connection holds ---------------------------------------------------------------------

TEST_CASE("a connection whose handshake is done and that fell silent holds little memory")
{
    constexpr std::ptrdiff_t most = 1024;
    const auto from_peer = join(greeting(),
        ready("DEALER",
            join(property("Identity", std::string(100, 'i')),
                property("X-Much", std::string(1000, 'v')))));
    for (int warm_up = 0; warm_up < 2; ++warm_up)
    {
        const allocation_count count;
        connection subject({.type = socket_type::router,
                               .routing_id = std::string(200, 'r'),
                               .properties = {{"X-Ours", std::string(1000, 'o')}},
                               .heartbeat = {.interval = 1s}},
            start);
        {
            event out;
            subject.receive(from_peer, start);
            while (subject.next_event(out) != event_kind::none)
                continue;
        }
        for (int i = 0; i < 1000; ++i)
            subject.send(message(std::string(100, 'x')));
        while (subject.output_size() != 0)
        {
            std::size_t size = 0;
            for (const auto& part : subject.next_output())
                size += part.size();
            subject.written(size);
        }
        subject.shrink();
        const auto held = count.held() + static_cast<std::ptrdiff_t>(sizeof subject);
        if (warm_up == 1)  // the first one fills the pool of bodies
            CHECK(held <= most);
        subject.send("it still works");
        CHECK(subject.output_size() == 16);
    }
}
