// A pipe whose writer encodes small messages while its reader watches.
#include <string>
#include <vector>

#include <ferry/detail/encoded_run.hpp>
#include <ferry/detail/message_access.hpp>

#include "patterns/pipe.hpp"
#include "tests/support/catch.hpp"

using namespace ferry;
using namespace ferry::patterns;
using detail::encoded_run;
using detail::message_access;
using detail::message_role;

namespace
{

struct listener final : pipe_owner
{
    void on_readable(pipe_end&) noexcept override { heard += 'r'; }
    void on_writable(pipe_end&) noexcept override { heard += 'w'; }
    void on_peer_closed(pipe_end&) noexcept override { heard += 'c'; }
    void finish_writing(pipe_end& end) noexcept override { end.forget_run(); }
    std::string heard;
};

struct ends
{
    explicit ends(const pipe_options& options = {}) : pipes(make_pipe(options))
    {
        pipes.a->set_owner(owner_a);
        pipes.b->set_owner(owner_b);
    }
    pipe_end& a() const { return *pipes.a; }
    pipe_end& b() const { return *pipes.b; }
    bool send(message m)
    {
        const bool sent = a().try_send(m, wakes);
        wakes.run();
        return sent;
    }
    // The texts of what is there, and how many slots it took to hold them.
    std::vector<std::string> read_all()
    {
        std::vector<std::string> texts;
        slots = 0;
        message m;
        const auto add = [&texts](const message& one) { texts.push_back(one.back().string()); };
        while (b().read(m, wakes))
        {
            ++slots;
            if (message_access::role(m) == message_role::encoded)
                encoded_run::for_each(m, add);
            else
                add(m);
        }
        wakes.run();
        return texts;
    }

    pipe_pair pipes;
    std::shared_ptr<listener> owner_a = std::make_shared<listener>();
    std::shared_ptr<listener> owner_b = std::make_shared<listener>();
    wake_list wakes;
    std::size_t slots = 0;
};

using texts = std::vector<std::string>;
const std::string large(3'000, 'L');

}  // namespace

TEST_CASE("small messages gather in one slot, and the reader is told once per batch")
{
    ends p;
    CHECK(p.b().begin_watch(10, true));
    CHECK(p.a().takes_encoded());
    for (int i = 0; i < 9; ++i)
        CHECK(p.send(std::to_string(i)));
    CHECK(p.owner_b->heard.empty());
    CHECK(p.send("9"));
    CHECK(p.owner_b->heard == "r");
    CHECK(p.read_all() == texts{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
    CHECK(p.slots == 1);
    CHECK(p.a().unread_by_peer() == 0);
}

TEST_CASE("a run is read while it grows, without a message lost or read twice")
{
    ends p;
    CHECK(p.b().begin_watch(100, true));
    CHECK(p.send("a"));
    CHECK(p.read_all() == texts{"a"});
    CHECK(p.read_all().empty());
    CHECK_FALSE(p.b().can_read());
    CHECK(p.send("b"));
    CHECK(p.send("c"));
    CHECK(p.b().can_read());
    CHECK(p.read_all() == texts{"b", "c"});
}

TEST_CASE("a large message, and a subscription, end a run and keep their places")
{
    ends p;
    CHECK(p.b().begin_watch(100, true));
    CHECK(p.send("a"));
    CHECK(p.send(large));
    CHECK(p.send("b"));
    p.a().send(message_access::subscription(message_role::subscribe, "topic"), p.wakes);
    CHECK(p.send("c"));
    CHECK(p.read_all() == texts{"a", large, "b", "topic", "c"});
    CHECK(p.slots == 5);
    CHECK(p.send("d"));
    CHECK(p.read_all() == texts{"d"});
}

TEST_CASE("large messages count for the batch together with small ones")
{
    ends p;
    CHECK(p.b().begin_watch(4, true));
    CHECK(p.send("a"));
    CHECK(p.send(large));
    CHECK(p.send("b"));
    CHECK(p.owner_b->heard.empty());
    CHECK(p.send(large));
    CHECK(p.owner_b->heard == "r");
}

TEST_CASE("the high-water mark counts messages, not runs")
{
    for (std::size_t hwm = 1; hwm < 8; ++hwm)
    {
        ends p({.a_to_b_hwm = hwm});
        CHECK(p.b().begin_watch(100, true));
        std::size_t sent = 0;
        while (p.send("x"))
            ++sent;
        CHECK(sent == hwm);
        CHECK(p.a().unread_by_peer() == hwm);
        CHECK(!p.owner_b->heard.empty());
        CHECK(p.read_all().size() == hwm);
        CHECK(p.owner_a->heard == "w");
        CHECK(p.send("y"));
    }
}

TEST_CASE("after the watch a run is read to its end, and the reader sleeps as ever")
{
    ends p;
    CHECK(p.b().begin_watch(100, true));
    CHECK(p.send("a"));
    CHECK(p.read_all() == texts{"a"});
    CHECK(p.send("b"));
    p.b().end_watch();
    CHECK_FALSE(p.a().takes_encoded());
    CHECK(p.send("c"));
    CHECK(p.read_all() == texts{"b", "c"});
    CHECK(p.owner_b->heard.empty());
    CHECK(p.send("d"));
    CHECK(p.owner_b->heard == "r");
    CHECK(p.read_all() == texts{"d"});
    CHECK(p.slots == 1);
}

TEST_CASE("a run that was read to its end does not keep its reader awake after the watch")
{
    ends p;
    CHECK(p.b().begin_watch(100, true));
    CHECK(p.send("a"));
    CHECK(p.read_all() == texts{"a"});
    p.b().end_watch();
    CHECK_FALSE(p.b().can_read());
    CHECK(p.send("b"));
    CHECK(p.owner_b->heard == "r");
    CHECK(p.read_all() == texts{"b"});
}

TEST_CASE("one watch after the other, with and without runs")
{
    ends p;
    for (int round = 0; round < 6; ++round)
    {
        CHECK(p.b().begin_watch(100, round % 3 != 1));
        CHECK(p.a().takes_encoded() == (round % 3 != 1));
        CHECK(p.send("a"));
        CHECK(p.send("b"));
        if (round % 2 == 0)
            CHECK(p.read_all() == texts{"a", "b"});
        p.b().end_watch();
        CHECK(p.send("c"));
        CHECK(p.read_all() == (round % 2 == 0 ? texts{"c"} : texts{"a", "b", "c"}));
        CHECK_FALSE(p.b().can_read());
    }
}

TEST_CASE("runs left in a pipe that both ends close are freed, and the closed end reads none")
{
    ends p;
    CHECK(p.b().begin_watch(100, true));
    CHECK(p.send("a"));
    p.a().close(p.wakes);
    CHECK_FALSE(p.send("b"));
    CHECK(p.read_all() == texts{"a"});
    p.b().close(p.wakes);
    CHECK(p.read_all().empty());
}

TEST_CASE("a message for several pipes is encoded once, and copied where it does not follow")
{
    ends p;
    ends other;
    CHECK(p.b().begin_watch(100, true));
    CHECK(other.b().begin_watch(100, true));
    detail::run_encoder encoder;
    const auto first = encoder.add(message("1"));
    const auto second = encoder.add(message("2"));
    const auto third = encoder.add(message("3"));
    for (const auto& m : {first, second, third})
        CHECK(p.a().try_send_encoded(m, true, p.wakes));
    for (const auto& m : {first, third})
        CHECK(other.a().try_send_encoded(m, false, other.wakes));
    CHECK(p.read_all() == texts{"1", "2", "3"});
    CHECK(p.slots == 1);
    CHECK(other.read_all() == texts{"1", "3"});
    CHECK(other.slots == 1);
    CHECK(other.send("4"));
    CHECK(other.read_all() == texts{"4"});
    p.b().end_watch();
    CHECK_FALSE(p.a().try_send_encoded(first, true, p.wakes));
}
