// Messages that lie in a read buffer, and how they are taken out one by one.
#include <ferry/detail/received_run.hpp>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/received_runs.hpp"
#include "tests/unit/protocol/allocation_count.hpp"

using namespace ferry;
using namespace ferry::detail;
using namespace ferry::test;

namespace
{

/// A body of so many octets of which no two neighbours are alike.
std::string text_of(std::size_t size, char first = 'a')
{
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>(first + static_cast<char>(i % 23));
    return text;
}

octet_vector long_frame(const std::string& body, unsigned flags = 0)
{
    return join(integer(flags | 2, 1), integer(body.size(), 8), octets_of(body));
}

std::vector<std::string> taken_from(message& run)
{
    std::vector<std::string> texts;
    message m;
    while (received_run::messages(run) != 0)
    {
        const std::string first = received_run::first_frame(run).string();
        received_run::take_first(run, m);
        CHECK(m.size() == 1);
        CHECK(message_access::is_data(m));
        CHECK(m.front().text() == first);
        texts.push_back(first);
    }
    return texts;
}

}  // namespace

TEST_CASE("messages of every size come out of a run as they were put in, in order")
{
    octet_vector octets;
    std::vector<std::string> texts;
    for (const std::size_t size : {0, 1, 7, 8, 49, 50, 51, 52, 255, 256, 1024, 2047, 2048, 0, 1})
    {
        texts.push_back(text_of(size));
        octets = join(octets, frame(0, texts.back()));
    }
    const run_buffer b(octets);
    message run = b.run(static_cast<std::uint32_t>(texts.size()));
    CHECK(received_run::is_run(run));
    CHECK(message_access::holds_data(run));
    CHECK_FALSE(message_access::is_data(run));
    CHECK(received_run::messages(run) == texts.size());
    CHECK(taken_from(run) == texts);
}

TEST_CASE("the last message is taken without a look behind it, whatever its size")
{
    for (std::size_t size = 0; size <= 70; ++size)
    {
        const run_buffer b(frame(0, text_of(size)));
        message run = b.run(1);
        CHECK(taken_from(run) == std::vector{text_of(size)});
    }
}

TEST_CASE("the long form of a small frame, and reserved flags, change nothing (RFC 37 'Framing')")
{
    octet_vector short_form = frame(0, "c");
    short_form[0] = std::byte{0xf8};
    const run_buffer b(join(long_frame(""), long_frame("a"), long_frame(text_of(50)), short_form,
        long_frame("b", 0xf8), long_frame(text_of(255))));
    message run = b.run(6);
    CHECK(
        taken_from(run) == std::vector<std::string>{"", "a", text_of(50), "c", "b", text_of(255)});
}

TEST_CASE("a run keeps its buffer, and what was taken out of it does not")
{
    const run_buffer b(join(frame(0, "small"), frame(0, text_of(1000))));
    CHECK(b.is_unique());
    message small;
    message large;
    {
        message run = b.run(2);
        CHECK_FALSE(b.is_unique());
        received_run::take_first(run, small);
        received_run::take_first(run, large);
        CHECK_FALSE(b.is_unique());
        run.clear();
        CHECK(b.is_unique());
    }
    CHECK(small == message("small"));
    CHECK(large == message(text_of(1000)));
    CHECK_FALSE(b.holds(large.front().data()));
}

TEST_CASE("a run that is moved or given up takes its reference along")
{
    const run_buffer b(join(frame(0, "a"), frame(0, "b")));
    message run = b.run(2);
    message moved = std::move(run);
    CHECK_FALSE(b.is_unique());
    message m;
    received_run::take_first(moved, m);
    CHECK(received_run::messages(moved) == 1);
    moved = message();
    CHECK(b.is_unique());
    CHECK(m == message("a"));
}

TEST_CASE("what a taken message replaces is gone, its peer and its frames too")
{
    const run_buffer b(join(frame(0, "a"), frame(0, "b")));
    message run = b.run(2);
    message m = message::of("one", text_of(3000), "three");
    message_access::set_role(m, message_role::cancel);
    received_run::take_first(run, m);
    CHECK(m == message("a"));
    CHECK(message_access::is_data(m));
    CHECK_FALSE(static_cast<bool>(m.peer()));
}

TEST_CASE("of what is no run, the first frame is the message's own")
{
    const message m = message::of("topic", "body");
    CHECK_FALSE(received_run::is_run(m));
    CHECK(received_run::first_frame(m).text() == "topic");
}

TEST_CASE("without memory a message refers to the buffer, which lives as long as it does")
{
    const std::string large = text_of(2000);
    const run_buffer b(join(frame(0, "small"), frame(0, large), frame(0, "z"), frame(0, large)));
    message run = b.run(4);
    message small;
    message kept;
    {
        const failing_allocations failing(0);
        received_run::take_first(run, small);
        received_run::take_first(run, kept);
    }
    CHECK(small == message("small"));
    CHECK(kept == message(large));
    CHECK(taken_from(run) == std::vector{std::string("z"), large});
    run.clear();
    CHECK(b.holds(kept.front().data()));
    CHECK_FALSE(b.is_unique());
    message copy = kept;
    copy.mutable_bytes()[0] = std::byte{'!'};
    CHECK(kept == message(large));
    kept.clear();
    copy.clear();
    CHECK(b.is_unique());
}
