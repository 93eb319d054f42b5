#include "patterns/routing/distributor.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <ferry/detail/encoded_run.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/pattern_rig.hpp"

using namespace ferry;
using namespace ferry::test;
using ferry::patterns::distributor;

namespace
{

struct rig
{
    explicit rig(std::size_t count, std::size_t hwm = 1000)
    {
        for (std::size_t i = 0; i < count; ++i)
        {
            peers.push_back(
                std::make_unique<fake_peer>(peer_setup{.to_peer_hwm = hwm}, results.wakes));
            out.attach(peers.back()->near_shared());
        }
    }
    std::string who_got(message m)
    {
        out.send(std::move(m), results);
        std::string who;
        for (std::size_t i = 0; i < peers.size(); ++i)
            for (const message& got : peers[i]->receive_all())
                who += std::to_string(i) + got.front().string();
        return who;
    }
    std::uint64_t drops(drop_reason why) const { return results.drops[std::size_t(why)]; }

    patterns::effects results;
    distributor out;
    std::vector<std::unique_ptr<fake_peer>> peers;
};

}  // namespace

TEST_CASE("those that match get one copy each, however often they match")
{
    rig r(4);
    for (const std::size_t i : {1, 3, 1})
        r.out.match(r.peers[i]->near());
    CHECK(r.out.matching() == 2);
    CHECK(r.who_got("x") == "1x3x");
}

TEST_CASE("of those that match, one alone may be kept, and one that does not is none")
{
    rig r(3);
    r.out.match(r.peers[0]->near());
    r.out.match(r.peers[2]->near());
    r.out.keep_only(r.peers[2]->near());
    CHECK(r.who_got("x") == "2x");
    r.out.keep_only(r.peers[1]->near());
    CHECK(r.out.matching() == 0);
    CHECK(r.who_got("y").empty());
}

TEST_CASE("inverted, all the others get it")
{
    for (unsigned set = 0; set < 32; ++set)
    {
        rig r(5);
        std::string others;
        for (std::size_t i = 0; i < 5; ++i)
            if ((set >> i & 1) != 0)
                r.out.match(r.peers[i]->near());
            else
                others += std::to_string(i) + "x";
        r.out.invert();
        CHECK(r.who_got("x") == others);
    }
}

TEST_CASE("copies share a large body")
{
    rig r(3);
    r.out.match_all();
    r.out.send(std::string(1000, 'x'), r.results);
    const auto first = r.peers[0]->receive();
    const auto second = r.peers[1]->receive();
    CHECK(first->front().data() == second->front().data());
}

TEST_CASE(
    "a full pipe misses messages until its reader reaches the low-water mark, not one message")
{
    rig r(1, 4);
    r.out.match_all();
    for (int i = 0; i < 6; ++i)
        r.out.send("x", r.results);
    CHECK(r.drops(drop_reason::subscriber_full) == 2);
    CHECK_FALSE(r.out.all_have_room());
    CHECK(r.peers[0]->receive());
    r.out.send("x", r.results);
    CHECK(r.drops(drop_reason::subscriber_full) == 3);
    CHECK(r.peers[0]->receive());
    r.out.send("x", r.results);
    CHECK(r.drops(drop_reason::subscriber_full) == 3);
}

TEST_CASE("a pipe whose peer is gone keeps nobody waiting")
{
    rig r(2);
    r.peers[0]->close();
    r.out.match_all();
    CHECK(r.out.all_have_room());
    CHECK(r.who_got("x") == "1x");
    CHECK(r.drops(drop_reason::disconnected) == 1);
}

TEST_CASE("a detached pipe gets nothing")
{
    rig r(3);
    r.out.detach(r.peers[1]->near());
    r.out.detach(r.peers[1]->near());
    r.out.match_all();
    CHECK(r.who_got("x") == "0x2x");
}

// --- to readers that take encoded messages -------------------------------------------------------

namespace
{

/// As a socket that publishes.
struct writing_owner final : patterns::pipe_owner
{
    void on_readable(patterns::pipe_end&) noexcept override {}
    void on_writable(patterns::pipe_end&) noexcept override { ++writable; }
    void on_peer_closed(patterns::pipe_end&) noexcept override {}
    void finish_writing(patterns::pipe_end& end) noexcept override { end.forget_run(); }
    int writable = 0;
};

/// Peers that watch, and what they should get.
struct flood : rig
{
    explicit flood(std::size_t count, std::size_t hwm = 1000) : rig(count, hwm), expected(count)
    {
        for (const auto& peer : peers)
        {
            peer->near().set_owner(owner);
            CHECK(peer->far().begin_watch(10, true));
        }
    }
    void send(const message& m, const std::set<std::size_t>& to)
    {
        out.match_none();
        for (const std::size_t i : to)
            out.match(peers[i]->near());
        out.send(message(m), results);
        for (const std::size_t i : to)
            expected[i].push_back(m);
        results.wakes.run();
    }
    void send_to_all(const message& m)
    {
        out.match_all();
        out.send(message(m), results);
        for (auto& each : expected)
            each.push_back(m);
        results.wakes.run();
    }
    /// What a reader finds, as it lies there.
    std::vector<message> items(std::size_t i)
    {
        std::vector<message> all;
        message m;
        while (peers[i]->far().read(m, results.wakes))
            all.push_back(std::move(m));
        results.wakes.run();
        return all;
    }
    /// Whether a reader gets what it should: neither more, nor less, nor in another order.
    bool is_right(std::size_t i)
    {
        std::vector<message> got;
        for (const message& item : items(i))
            if (message_access::role(item) == message_role::encoded)
                detail::encoded_run::for_each(
                    item, [&got](message&& m) { got.push_back(std::move(m)); });
            else
                got.push_back(item);
        const bool is_same = got == expected[i] && peers[i]->near().unread_by_peer() == 0;
        expected[i].clear();
        return is_same;
    }
    bool are_right()
    {
        bool right = true;
        for (std::size_t i = 0; i < peers.size(); ++i)
            right = is_right(i) && right;
        return right;
    }

    std::shared_ptr<writing_owner> owner = std::make_shared<writing_owner>();
    std::vector<std::vector<message>> expected;
};

std::string numbered(std::size_t number, std::size_t size = 8)
{
    std::string text = std::to_string(number);
    text.resize(std::max(size, text.size()), '.');
    return text;
}

bool is_run(const message& item)
{
    return message_access::role(item) == message_role::encoded;
}

}  // namespace

TEST_CASE("messages for all reach each reader in order, however many there are in a row")
{
    for (const std::size_t peers : {1, 2, 5})
        for (std::size_t count = 1; count < 60; ++count)
        {
            flood r(peers);
            for (std::size_t i = 0; i < count; ++i)
                r.send_to_all(numbered(i, i % 3 == 0 ? 300 : 8));
            CHECK(r.are_right());
        }
}

TEST_CASE("readers that look between messages get each message once")
{
    for (std::size_t every = 1; every < 20; ++every)
    {
        flood r(3);
        for (std::size_t i = 0; i < 200; ++i)
        {
            r.send_to_all(numbered(i));
            if (i % every == 0)
                CHECK(r.is_right(0));
            if (i % (every + 3) == 0)
                CHECK(r.is_right(1));
        }
        CHECK(r.are_right());
    }
}

TEST_CASE("small messages for readers that take them encoded lie in runs, others as they are")
{
    flood r(2);
    const message list = message::of(std::string(100, 'a'), std::string(2048, 'b'));
    const message large(std::string(2049, 'x'));
    for (const message& m : {message("a"), list, large, message("b"), message("c")})
        r.send_to_all(m);
    for (std::size_t i = 0; i < 2; ++i)
    {
        const auto items = r.items(i);
        REQUIRE(items.size() == 3);
        REQUIRE((is_run(items[0]) && !is_run(items[1]) && is_run(items[2])));
        CHECK(detail::encoded_run::messages(items[0]) == 2);
        CHECK(items[1] == large);
        CHECK(detail::encoded_run::messages(items[2]) == 2);
    }
}

TEST_CASE("after many messages for all, readers share one encoding until they miss a message")
{
    flood r(3);
    const auto places = [&r] {
        std::set<const std::byte*> all;
        for (std::size_t i = 0; i < 3; ++i)
            all.insert(r.items(i).back().front().data());
        return all.size();
    };
    r.send_to_all("x");
    CHECK(places() == 3);
    for (std::size_t i = 0; i < 20; ++i)
        r.send_to_all(numbered(i));
    (void)places();
    r.send_to_all("y");
    CHECK(places() == 1);
    r.send("z", {0, 1});
    for (std::size_t i = 0; i < 2; ++i)
        r.send_to_all("y");
    CHECK(places() == 2);
}

TEST_CASE("messages for some reach those, in order and nobody else")
{
    flood r(4);
    const std::set<std::size_t> groups[] = {{0}, {1, 2}, {0, 3}, {0, 1, 2}, {3}, {0, 1, 2, 3}};
    for (std::size_t i = 0; i < 300; ++i)
        r.send(numbered(i, i % 40), groups[i % 6]);
    CHECK(r.are_right());
}

TEST_CASE("messages for all and for some alternate, before and after encodings are shared")
{
    for (const std::size_t in_a_row : {1, 15, 16, 17, 40})
    {
        flood r(4);
        for (std::size_t i = 0; i < 400; ++i)
        {
            if (i % (in_a_row + 1) == in_a_row)
                r.send(numbered(i),
                    i % 2 == 0 ? std::set<std::size_t>{0, 2} : std::set<std::size_t>{1});
            else
                r.send_to_all(numbered(i));
            if (i % 97 == 0)
                CHECK(r.is_right(i % 4));
        }
        CHECK(r.are_right());
    }
}

TEST_CASE("readers that do not watch, or take nothing encoded, get messages among the others")
{
    flood r(4);
    r.peers[1]->far().end_watch();
    r.peers[2]->far().end_watch();
    CHECK(r.peers[2]->far().begin_watch(10));
    CHECK(r.are_right());
    for (std::size_t i = 0; i < 100; ++i)
    {
        r.send_to_all(numbered(i));
        r.send(numbered(i), {0, 1, 2});
        r.send(numbered(i), {1, 3});
    }
    for (std::size_t i = 0; i < 100; ++i)
        r.send_to_all(numbered(i));
    CHECK(r.are_right());
    for (std::size_t i = 0; i < 30; ++i)
        r.send_to_all(numbered(i));
    CHECK(std::ranges::none_of(r.items(1), is_run));
    CHECK(std::ranges::none_of(r.items(2), is_run));
    CHECK(std::ranges::all_of(r.items(0), is_run));
    CHECK(std::ranges::all_of(r.items(3), is_run));
}

TEST_CASE("large messages keep their places between small ones, and are shared")
{
    flood r(3);
    for (std::size_t i = 0; i < 200; ++i)
    {
        r.send_to_all(numbered(i));
        if (i % 5 == 0)
            r.send_to_all(numbered(i, 2049 + i));
        if (i % 7 == 0)
            r.send_to_all(message::of(numbered(i), numbered(i, 20'000), ""));
        if (i % 11 == 0)
            r.send_to_all(message::of(numbered(i), numbered(i, 256), numbered(i, 2048)));
        if (i % 50 == 0)
            CHECK(r.are_right());
    }
    CHECK(r.are_right());
    r.send_to_all(numbered(0, 3000));
    CHECK(r.items(0).at(0).front().data() == r.items(1).at(0).front().data());
}

TEST_CASE(
    "a message with a deleter reaches readers of encoded ones as it is, and is destroyed once")
{
    struct counting_deleter
    {
        int* calls;
        void operator()(void*, std::size_t) const noexcept { ++*calls; }
    };
    std::vector<std::byte> memory(10, std::byte{'m'});
    int calls = 0;
    flood r(3);
    for (std::size_t i = 0; i < 20; ++i)
        r.send_to_all("x");
    r.send_to_all(message::adopt(std::span(memory), counting_deleter{&calls}));
    r.send_to_all("y");
    CHECK(calls == 0);
    for (std::size_t i = 0; i < 3; ++i)
    {
        CHECK(calls == 0);
        r.expected[i][20] = "mmmmmmmmmm";
        CHECK(r.is_right(i));
    }
    CHECK(calls == 1);
}

TEST_CASE("a full pipe of encoded messages misses further ones, and each is counted")
{
    flood r(3, 40);
    for (std::size_t i = 0; i < 60; ++i)
    {
        r.send_to_all(numbered(i));
        CHECK(r.is_right(0));
        CHECK(r.is_right(2));
        CHECK(r.drops(drop_reason::subscriber_full) == (i < 40 ? 0 : i - 39));
        CHECK(r.out.all_have_room() == (i < 39));
    }
    r.expected[1].resize(40);
    CHECK(r.peers[1]->near().unread_by_peer() == 40);
    CHECK(r.is_right(1));
    CHECK(r.owner->writable == 1);
    CHECK(r.out.all_have_room());
    r.send_to_all("again");
    CHECK(r.are_right());
    CHECK(r.drops(drop_reason::subscriber_full) == 20);
}

TEST_CASE("the last of the pipes that match may be the full one")
{
    for (std::size_t full = 0; full < 3; ++full)
    {
        flood r(3, 30);
        for (std::size_t i = 0; i < 35; ++i)
        {
            r.send_to_all(numbered(i));
            for (std::size_t reader = 0; reader < 3; ++reader)
                if (reader != full)
                    CHECK(r.is_right(reader));
        }
        CHECK(r.drops(drop_reason::subscriber_full) == 5);
        r.expected[full].resize(30);
        CHECK(r.are_right());
    }
}

TEST_CASE("messages in a run count one by one: half of them read make room for as many")
{
    flood r(1, 8);
    for (std::size_t i = 0; i < 4; ++i)
        r.send_to_all(numbered(i));
    CHECK(r.is_right(0));
    for (std::size_t i = 0; i < 10; ++i)
        r.send_to_all(numbered(i));
    CHECK(r.drops(drop_reason::subscriber_full) == 2);
    r.expected[0].resize(8);
    CHECK(r.is_right(0));
}

TEST_CASE("a reader of encoded messages that is gone keeps nobody waiting")
{
    flood r(3);
    for (std::size_t i = 0; i < 30; ++i)
        r.send_to_all(numbered(i));
    r.peers[1]->close();
    for (std::size_t i = 0; i < 30; ++i)
        r.send_to_all(numbered(i));
    CHECK(r.out.all_have_room());
    CHECK(r.drops(drop_reason::disconnected) == 30);
    CHECK(r.is_right(0));
    CHECK(r.is_right(2));
}

TEST_CASE("runs outlive the distributor")
{
    flood r(2);
    {
        distributor gone;
        for (const auto& peer : r.peers)
            gone.attach(peer->near_shared());
        for (std::size_t i = 0; i < 200; ++i)
        {
            gone.match_all();
            gone.send(numbered(i, 900), r.results);
            for (auto& each : r.expected)
                each.emplace_back(numbered(i, 900));
        }
    }
    CHECK(r.are_right());
}

TEST_CASE("whoever matches, watches and reads at any time, each reader gets its messages in order")
{
    constexpr std::size_t sizes[] = {0, 1, 8, 50, 51, 100, 255, 256, 1000, 2048, 2049, 20'000};
    for (unsigned seed = 0; seed < 60; ++seed)
    {
        std::mt19937 random(seed);
        const std::size_t count = 1 + random() % 5;
        flood r(count, 0);
        for (std::size_t i = 0; i < 600; ++i)
        {
            message m = numbered(i);
            for (std::size_t frames = random() % 3; frames != 0; --frames)
                m.append(std::string(sizes[random() % (random() % 10 == 0 ? 12 : 9)], 'x'));
            std::set<std::size_t> to;
            for (std::size_t peer = 0; peer < count; ++peer)
                if (random() % 2 == 0)
                    to.insert(peer);
            if (i / 40 % 2 == seed % 2)
                r.send_to_all(m);
            else
                r.send(m, to);
            const std::size_t one = random() % count;
            if (random() % 20 == 0)
                CHECK(r.is_right(one));
            if (random() % 60 == 0)
                r.peers[one]->far().end_watch();
            else if (random() % 60 == 0)
                CHECK(r.peers[one]->far().begin_watch(1 + random() % 20, random() % 4 != 0));
        }
        CHECK(r.are_right());
        CHECK(r.results.drops == patterns::effects().drops);
    }
}
