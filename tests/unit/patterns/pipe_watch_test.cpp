// A pipe whose reader looks by itself for a while.
#include <string>

#include "patterns/pipe.hpp"
#include "tests/support/catch.hpp"

using namespace ferry;
using namespace ferry::patterns;

namespace
{

struct listener final : pipe_owner
{
    void on_readable(pipe_end&) noexcept override { heard += 'r'; }
    void on_writable(pipe_end&) noexcept override { heard += 'w'; }
    void on_peer_closed(pipe_end&) noexcept override { heard += 'c'; }
    void finish_writing(pipe_end& end) noexcept override
    {
        heard += 'f';
        told_about = &end;
    }
    std::string heard;
    const pipe_end* told_about = nullptr;
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
    void send(int count)
    {
        for (int i = 0; i < count; ++i)
            a().send("x", wakes);
        wakes.run();
    }
    int read_all()
    {
        int count = 0;
        while (b().read(m, wakes))
            ++count;
        wakes.run();
        return count;
    }

    pipe_pair pipes;
    std::shared_ptr<listener> owner_a = std::make_shared<listener>();
    std::shared_ptr<listener> owner_b = std::make_shared<listener>();
    wake_list wakes;
    message m;
};

}  // namespace

TEST_CASE("a reader that watches is told once per batch, and does not sleep when it finds nothing")
{
    ends p;
    CHECK(p.b().begin_watch(10));
    CHECK(p.b().is_watched());
    CHECK_FALSE(p.a().is_watched());
    p.send(9);
    CHECK(p.owner_b->heard.empty());
    p.send(1);
    CHECK(p.owner_b->heard == "r");
    CHECK(p.read_all() == 10);
    CHECK(p.b().peek(p.wakes) == nullptr);
    CHECK_FALSE(p.b().can_read());
    p.send(9);
    CHECK(p.owner_b->heard == "r");
    CHECK(p.read_all() == 9);
    p.send(10);
    CHECK(p.owner_b->heard == "rr");
}

TEST_CASE("messages sent before the watch do not count for its first batch")
{
    ends p;
    p.send(50);
    CHECK(p.b().begin_watch(10));
    p.send(9);
    CHECK(p.owner_b->heard == "r");  // the first of the fifty
    p.send(1);
    CHECK(p.owner_b->heard == "rr");
}

TEST_CASE("several messages in one publication are one note")
{
    ends p;
    CHECK(p.b().begin_watch(3));
    for (int i = 0; i < 10; ++i)
        p.a().write("x");
    p.a().publish(p.wakes);
    p.a().publish(p.wakes);
    p.wakes.run();
    CHECK(p.owner_b->heard == "r");
}

TEST_CASE("half of the high-water mark is the largest batch that counts, and one the smallest")
{
    ends p({.a_to_b_hwm = 7});
    CHECK(p.b().begin_watch(1000));
    p.send(4);
    CHECK(p.owner_b->heard == "r");

    ends one;
    CHECK(one.b().begin_watch(0));
    one.send(1);
    CHECK(one.owner_b->heard == "r");
}

TEST_CASE("a queue that is full has told its watching reader, at any mark and from any position")
{
    for (std::size_t hwm = 1; hwm < 12; ++hwm)
        for (std::size_t batch = 1; batch < 14; ++batch)
            for (int before = 0; before < 12; ++before)
            {
                ends p({.a_to_b_hwm = hwm});
                p.b().begin_watch(batch);
                for (int i = 0; i < before; ++i)
                {
                    p.send(1);
                    p.read_all();
                }
                p.owner_b->heard.clear();
                while (p.a().can_write())
                    p.send(1);
                CHECK(!p.owner_b->heard.empty());
                CHECK(p.read_all() > static_cast<int>(hwm / 2));
                CHECK(p.owner_a->heard == "w");
            }
}

TEST_CASE("a mark that is lowered during a watch lowers the batch")
{
    ends p;
    CHECK(p.b().begin_watch(100));
    p.a().set_send_hwm(6);
    p.send(3);
    CHECK(p.owner_b->heard == "r");
    p.b().set_receive_hwm(2, p.wakes);
    p.send(1);
    CHECK(p.owner_b->heard == "rr");
}

TEST_CASE("a watch begun asleep needs no wake-up, and none comes")
{
    ends p;
    CHECK_FALSE(p.b().can_read());
    CHECK(p.b().begin_watch(10));
    p.send(1);
    CHECK(p.owner_b->heard.empty());
    CHECK(p.b().can_read());
}

TEST_CASE("after the watch the writing end's owner has finished, and the reader sleeps as ever")
{
    ends p;
    CHECK(p.b().begin_watch(10));
    p.send(1);
    p.b().end_watch();
    CHECK_FALSE(p.b().is_watched());
    CHECK(p.owner_a->heard == "f");
    CHECK(p.owner_a->told_about == &p.a());
    CHECK(p.read_all() == 1);
    p.send(2);
    CHECK(p.owner_b->heard == "r");
    CHECK(p.read_all() == 2);

    p.b().end_watch();  // there is none
    CHECK(p.owner_a->heard == "f");
}

TEST_CASE("a watch without an owner at the writing end ends all the same")
{
    ends p;
    p.a().set_owner({});
    CHECK(p.b().begin_watch(10));
    p.b().end_watch();
    CHECK(p.read_all() == 0);
    p.send(1);
    CHECK(p.owner_b->heard == "r");
}

TEST_CASE("a pipe that conflates, and a closed end, are not watched")
{
    ends p({.conflate = true});
    CHECK_FALSE(p.b().begin_watch(10));
    CHECK_FALSE(p.b().is_watched());
    p.send(1);
    CHECK(p.owner_b->heard == "r");

    ends closed;
    closed.b().close(closed.wakes);
    CHECK_FALSE(closed.b().begin_watch(10));
}

TEST_CASE("a writer refused at the mark of a watched pipe is woken as ever")
{
    ends p({.a_to_b_hwm = 4});
    CHECK(p.b().begin_watch(100));
    p.send(4);
    CHECK_FALSE(p.a().can_write());
    CHECK(p.read_all() == 4);
    CHECK(p.owner_a->heard == "w");
    CHECK(p.a().can_write());
}

TEST_CASE("the end of a watched pipe's other end is told, and what it sent is there")
{
    ends p;
    CHECK(p.b().begin_watch(100));
    p.send(3);
    p.a().close(p.wakes);
    p.wakes.run();
    CHECK(p.owner_b->heard == "c");
    CHECK(p.read_all() == 3);
    CHECK(p.b().peer_is_closed());
    p.b().end_watch();
    CHECK(p.read_all() == 0);
}
