// A pipe into which messages are put as they came, several in one slot.
#include <string>
#include <vector>

#include <ferry/detail/message_access.hpp>
#include <ferry/detail/received_run.hpp>

#include "patterns/pipe.hpp"
#include "patterns/routing/delivery.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/received_runs.hpp"

using namespace ferry;
using namespace ferry::patterns;
using detail::message_access;
using detail::message_role;
using detail::received_run;
using test::frames_of;
using test::run_buffer;

namespace
{

struct listener final : pipe_owner
{
    void on_readable(pipe_end&) noexcept override { heard += 'r'; }
    void on_writable(pipe_end&) noexcept override { heard += 'w'; }
    void on_peer_closed(pipe_end&) noexcept override { heard += 'c'; }
    void finish_writing(pipe_end&) noexcept override {}
    std::string heard;
};

using texts = std::vector<std::string>;

/// What a session does at end a, and a socket at end b.
struct ends
{
    explicit ends(const pipe_options& options = {}) : pipes(make_pipe(options))
    {
        pipes.a->set_owner(owner_a);
        pipes.b->set_owner(owner_b);
    }
    pipe_end& a() const { return *pipes.a; }
    pipe_end& b() const { return *pipes.b; }
    void write(const texts& messages) const
    {
        const run_buffer buffer(frames_of(messages));
        a().write_received(
            buffer.body(), buffer.octets(), static_cast<std::uint32_t>(messages.size()));
    }
    void publish()
    {
        a().publish(wakes);
        wakes.run();
    }
    void send(const texts& messages)
    {
        write(messages);
        publish();
    }
    /// Empty: there is none.
    std::string read()
    {
        message m;
        const bool got = b().read(m, wakes);
        wakes.run();
        return got ? m.front().string() : "";
    }
    texts read_all()
    {
        texts all;
        for (std::string next = read(); !next.empty(); next = read())
            all.push_back(next);
        return all;
    }

    pipe_pair pipes;
    std::shared_ptr<listener> owner_a = std::make_shared<listener>();
    std::shared_ptr<listener> owner_b = std::make_shared<listener>();
    wake_list wakes;
};

}  // namespace

TEST_CASE("messages of a run are read one by one, in order among others")
{
    ends p;
    p.a().send("first", p.wakes);
    p.send({"a", std::string(300, 'b'), "c"});
    p.a().send(message::of("two", "frames"), p.wakes);
    p.send({"d"});
    CHECK(p.read_all() == texts{"first", "a", std::string(300, 'b'), "c", "two", "d"});
    CHECK_FALSE(p.b().can_read());
}

TEST_CASE("a run is seen when it is published, and a reader that slept is told once")
{
    ends p;
    CHECK(p.read().empty());
    p.write({"a", "b"});
    CHECK(p.read().empty());
    p.publish();
    CHECK(p.owner_b->heard == "r");
    CHECK(p.b().can_read());
    p.send({"c"});
    CHECK(p.owner_b->heard == "r");
    CHECK(p.read_all() == texts{"a", "b", "c"});
    p.send({"d"});
    CHECK(p.owner_b->heard == "rr");
}

TEST_CASE("a run is looked at as it lies there, and dropped message by message")
{
    ends p;
    p.send({"a", "b", "c"});
    const message* slot = p.b().peek(p.wakes);
    REQUIRE(slot != nullptr);
    CHECK(received_run::is_run(*slot));
    CHECK(received_run::messages(*slot) == 3);
    CHECK(received_run::first_frame(*slot).text() == "a");
    p.b().drop_front(p.wakes);
    CHECK(p.b().peek(p.wakes) == slot);
    CHECK(received_run::first_frame(*slot).text() == "b");
    p.b().drop_front(p.wakes);
    CHECK(p.b().unread() == 1);
    CHECK(p.a().unread_by_peer() == 1);
    CHECK(p.read() == "c");
    CHECK(p.b().peek(p.wakes) == nullptr);
}

TEST_CASE("messages of a run count one by one at both ends")
{
    ends p;
    CHECK(p.a().room() == 1000);
    p.send({"a", "b", "c"});
    p.send({"d", "e"});
    CHECK(p.a().unread_by_peer() == 5);
    CHECK(p.b().unread() == 5);
    CHECK(p.a().room() == 995);
    CHECK(p.read() == "a");
    CHECK(p.a().unread_by_peer() == 4);
    CHECK(p.b().unread() == 4);
    CHECK(p.a().most_unread() == 4);
    CHECK(p.read_all().size() == 4);
    CHECK(p.b().unread() == 0);
}

TEST_CASE("a pipe is full after as many messages as its mark, in whatever runs")
{
    ends p({.a_to_b_hwm = 4});
    CHECK(p.a().room() == 4);
    p.send({"a", "b", "c"});
    CHECK(p.a().room() == 1);
    CHECK(p.a().can_write());
    p.send({"d"});
    CHECK(p.a().room() == 0);
    CHECK_FALSE(p.a().can_write());
    CHECK(p.a().most_unread() == 4);
    CHECK(p.read() == "a");
    CHECK(p.owner_a->heard.empty());
    CHECK(p.read() == "b");  // the low-water mark
    CHECK(p.owner_a->heard == "w");
    CHECK(p.a().room() == 2);
    p.send({"e", "f"});
    CHECK(p.a().room() == 0);
    CHECK(p.read_all() == texts{"c", "d", "e", "f"});
    CHECK(p.owner_a->heard == "ww");
    CHECK(p.a().room() == 4);
}

TEST_CASE("room() makes a writer wait as can_write() does")
{
    ends p({.a_to_b_hwm = 2});
    p.send({"a", "b"});
    CHECK(p.a().room() == 0);
    CHECK(p.b().peek(p.wakes) != nullptr);
    p.b().drop_front(p.wakes);
    p.wakes.run();
    CHECK(p.owner_a->heard == "w");
    CHECK(p.a().room() == 1);
}

TEST_CASE("without a mark there is room for any number")
{
    ends p({.a_to_b_hwm = 0});
    for (int i = 0; i < 500; ++i)
        p.send({"a", "b", "c", "d"});
    CHECK(p.a().room() > 1'000'000);
    CHECK(p.read_all().size() == 2000);
}

TEST_CASE("a mark that changes counts for the runs to come")
{
    ends p({.a_to_b_hwm = 2});
    p.send({"a", "b"});
    CHECK(p.a().room() == 0);
    p.b().set_receive_hwm(5, p.wakes);
    p.wakes.run();
    CHECK(p.a().room() == 3);
    p.send({"c", "d", "e"});
    p.b().set_receive_hwm(3, p.wakes);
    p.wakes.run();
    CHECK(p.a().room() == 0);
    p.owner_a->heard.clear();
    CHECK(p.read_all() == texts{"a", "b", "c", "d", "e"});
    CHECK(p.owner_a->heard == "w");
    CHECK(p.a().room() == 2);  // as of the last multiple of the low-water mark
}

TEST_CASE("there is no room() at a pipe that conflates or that either end closed")
{
    CHECK(ends({.conflate = true}).a().room() == 0);
    ends reader_gone;
    reader_gone.b().close(reader_gone.wakes);
    CHECK(reader_gone.a().room() == 0);
    ends writer_gone;
    writer_gone.a().close(writer_gone.wakes);
    CHECK(writer_gone.a().room() == 0);
}

TEST_CASE("what was published before the writer closed is read to the last message")
{
    ends p;
    p.send({"a", "b", "c"});
    CHECK(p.read() == "a");
    p.a().close(p.wakes);
    p.wakes.run();
    p.write({"after"});
    p.publish();
    CHECK(p.owner_b->heard == "rc");
    CHECK(p.b().can_read());
    CHECK(p.read_all() == texts{"b", "c"});
    CHECK_FALSE(p.b().can_read());
}

TEST_CASE("a run that was read in part is given up with its pipe, and its buffer is free")
{
    const run_buffer buffer(frames_of({"a", "b", "c"}));
    {
        ends p;
        p.a().write_received(buffer.body(), buffer.octets(), 3);
        p.publish();
        CHECK(p.read() == "a");
        p.b().close(p.wakes);
        p.wakes.run();
        CHECK(p.read().empty());
        CHECK(p.b().unread() == 0);
        CHECK(p.b().most_reads() == 0);
        CHECK_FALSE(buffer.is_unique());
    }
    CHECK(buffer.is_unique());
}

TEST_CASE("the buffer is free as soon as the last message was taken out or dropped")
{
    for (const bool takes : {false, true})
    {
        ends p;
        const run_buffer buffer(frames_of({"a", std::string(2000, 'b')}));
        p.a().write_received(buffer.body(), buffer.octets(), 2);
        p.publish();
        message m;
        CHECK(p.b().read(m, p.wakes));
        CHECK_FALSE(buffer.is_unique());
        if (takes)
            CHECK(p.b().read(m, p.wakes));
        else
        {
            CHECK(p.b().peek(p.wakes) != nullptr);
            p.b().drop_front(p.wakes);
        }
        CHECK(buffer.is_unique());
    }
}

TEST_CASE("every message of a run bears the peer that the reader's end has then")
{
    ends p;
    p.send({"a", "b", "c"});
    message m;
    CHECK(p.b().read(m, p.wakes));
    CHECK_FALSE(static_cast<bool>(m.peer()));
    p.b().set_peer(peer_handle(peer_properties::list{{"Peer-Address", "here"}}));
    CHECK(p.b().read(m, p.wakes));
    CHECK(m.property("Peer-Address") == "here");
    p.b().set_peer(peer_handle(peer_properties::list{{"Peer-Address", "there"}}));
    CHECK(p.b().read(m, p.wakes));
    CHECK(m.property("Peer-Address") == "there");
}

TEST_CASE("subscription records keep their place among runs, and are not counted")
{
    ends p({.a_to_b_hwm = 4});
    for (const char* topic : {"x", "y", "z"})
        p.a().send(message_access::subscription(message_role::subscribe, topic), p.wakes);
    p.send({"a", "b"});
    p.a().send(message_access::subscription(message_role::cancel, "x"), p.wakes);
    p.send({"c", "d"});
    CHECK(p.a().unread_by_peer() == 4);
    CHECK(p.a().room() == 0);
    CHECK(p.b().unread() == 6);      // places
    CHECK(p.b().most_reads() >= 8);  // messages and records
    CHECK(p.read_all() == texts{"x", "y", "z", "a", "b", "x", "c", "d"});
}

TEST_CASE("all that is unread is dropped and counted, records and runs in any order")
{
    for (const int records : {0, 1, 5})
    {
        ends p;
        p.send({"taken", "a", "b"});
        for (int i = 0; i < records; ++i)
            p.a().send(message_access::subscription(message_role::subscribe, "t"), p.wakes);
        p.send({"c", "d", "e"});
        CHECK(p.read() == "taken");
        effects results;
        discard_unread(p.b(), drop_reason::disconnected, results);
        CHECK(results.drops[static_cast<std::size_t>(drop_reason::disconnected)] == 5);
        CHECK(p.b().dropped() == 5);
        CHECK(results.discarded.size() == 5);
        CHECK_FALSE(p.b().can_read());
    }
}

TEST_CASE("a reader that watches finds runs, and is told once per batch of slots")
{
    ends p;
    CHECK(p.b().begin_watch(2));
    p.send({"a", "b", "c"});
    CHECK(p.owner_b->heard.empty());
    p.send({"d"});
    CHECK(p.owner_b->heard == "r");
    CHECK(p.read_all() == texts{"a", "b", "c", "d"});
    CHECK_FALSE(p.b().can_read());
    p.b().end_watch();
    CHECK(p.read().empty());
    p.send({"e"});
    CHECK(p.owner_b->heard == "rr");
}

TEST_CASE("memory for the queue is freed once the last message of a run is gone")
{
    ends p;
    p.send({"a", "b"});
    CHECK(p.read() == "a");
    p.b().release_read_memory();
    CHECK(p.read() == "b");
    p.b().release_read_memory();
    p.send({"c"});
    CHECK(p.read() == "c");
}
