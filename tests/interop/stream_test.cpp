// STREAM: what libzmq's does, Ferry's does, and they understand each other's octets.

#include "tests/interop/speaker.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

/// Octets of one peer, in as many messages as they come.
std::string take_octets(speaker& from, speaker& other, const std::string& id, std::size_t size)
{
    std::string all;
    while (all.size() < size)
    {
        const frames parts = take(from, other);
        REQUIRE(parts.size() == 2);
        REQUIRE(parts[0] == id);
        REQUIRE_FALSE(parts[1].empty());
        all += parts[1];
    }
    return all;
}

}  // namespace

TEST_CASE("Ferry's STREAM and libzmq's exchange octets, whoever binds")
{
    const bool ferry_binds = GENERATE(true, false);
    const std::string transport = GENERATE(as<std::string>{}, "tcp", "ipc");
    CAPTURE(ferry_binds, transport);
    encounter both(socket_type::stream, socket_type::stream);
    both.join(ferry_binds, transport);
    const frames here = take(both.here, both.there);
    const frames there = take(both.there, both.here);
    REQUIRE(here.size() == 2);
    CHECK(here[0].size() == 5);
    CHECK(here[1].empty());
    CHECK(there[0].size() == 5);
    CHECK(there[1].empty());

    for (const std::size_t size : {1u, 100u, 8192u, 1'000'000u})
    {
        give(both.here, both.there, {here[0], std::string(size, 'f')});
        CHECK((take_octets(both.there, both.here, there[0], size) == std::string(size, 'f')));
        give(both.there, both.here, {there[0], std::string(size, 'z')});
        CHECK((take_octets(both.here, both.there, here[0], size) == std::string(size, 'z')));
    }

    const bool ferry_leaves = GENERATE(true, false);
    CAPTURE(ferry_leaves);
    speaker& leaving = ferry_leaves ? static_cast<speaker&>(both.here) : both.there;
    speaker& left = ferry_leaves ? static_cast<speaker&>(both.there) : both.here;
    const frames& of_leaving = ferry_leaves ? here : there;
    const frames& of_left = ferry_leaves ? there : here;
    give(leaving, left, {of_leaving[0], "good-bye"});
    give(leaving, left, {of_leaving[0], ""});
    CHECK(take_octets(left, leaving, of_left[0], 8) == "good-bye");
    CHECK(take(left, leaving) == of_left);
    CHECK_FALSE(leaving.try_send({of_leaving[0], "x"}));
    if (ferry_leaves == ferry_binds)  // the other one connects again
        CHECK(take(leaving, left)[0] != of_leaving[0]);
    else
        CHECK_FALSE(leaving.receive_for(20ms));
}

namespace
{

/// What a program sees of a STREAM that listens while a raw peer comes, talks, asks to be let go or
/// leaves: ids by the order in which they came.
frames story_of(speaker& server, const std::string& endpoint)
{
    frames story;
    frames ids;
    const auto note = [&] {
        const frames parts = take(server, server);
        auto known = std::find(ids.begin(), ids.end(), parts[0]);
        if (known == ids.end())
            known = ids.insert(ids.end(), parts[0]);
        story.push_back(std::to_string(known - ids.begin()) + ": " + parts[1]);
    };
    const auto say = [&](const std::string& octets) {
        story.push_back(server.try_send({ids.back(), octets}) ? "sent" : "not sent");
    };
    {
        raw_peer peer = raw_peer::connect(endpoint);
        note();
        peer.send("question");
        note();
        say("answer");
        story.push_back(peer.read(6));
        peer.send("thanks");
        note();
    }
    note();
    raw_peer half = raw_peer::connect(endpoint);
    note();
    half.finish_sending();
    note();
    raw_peer closed = raw_peer::connect(endpoint);
    note();
    say("last");
    say("");
    say("too late");
    story.push_back(closed.read(4));
    story.push_back(server.receive_for(20ms) ? "more" : "no more");
    story.push_back(closed.wait_for_end() ? "closed" : "open");
    return story;
}

}  // namespace

TEST_CASE("raw peers are told of by Ferry's STREAM as by libzmq's")
{
    encounter both(socket_type::stream, socket_type::stream);
    const frames here = story_of(both.here, both.here.bind("tcp://127.0.0.1:*"));
    const frames there = story_of(both.there, both.there.bind("tcp://127.0.0.1:*"));
    CHECK(here == there);
    CHECK(here.size() == 15);
}
