#include "patterns/credit.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace ferry::patterns;

namespace
{

/// Both sides, and what they share.
struct credit
{
    explicit credit(std::size_t hwm) : account(hwm), reader(hwm) {}
    void set_hwm(std::size_t hwm) { account.set_hwm(hwm); }
    bool has_room() { return writer.has_room(account, reader); }
    void wrote() { writer.wrote(); }
    std::size_t unread() const { return writer.unread(reader); }
    bool did_read() { return reader.did_read(account); }
    bool did_drain() { return reader.did_drain(account); }

    credit_account account;
    credit_reader reader;
    credit_writer writer;
};

std::size_t fill(credit& c)
{
    std::size_t written = 0;
    while (written < 100'000 && c.has_room())
    {
        c.wrote();
        ++written;
    }
    return written;
}

}  // namespace

TEST_CASE("after filling a mark of 8, the 4th read makes 4 places free, the 8th the next 4")
{
    credit c(8);
    CHECK(fill(c) == 8);
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(c.did_read());
    CHECK_FALSE(c.has_room());
    CHECK(c.did_read());
    CHECK(fill(c) == 4);
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(c.did_read());
    CHECK(c.did_read());
    CHECK(fill(c) == 4);
}

TEST_CASE("the low-water mark is half of the mark, rounded up")
{
    for (std::size_t hwm = 1; hwm < 40; ++hwm)
    {
        credit c(hwm);
        CHECK(fill(c) == hwm);
        std::size_t reads = 1;
        while (!c.did_read())
            ++reads;
        CHECK(reads == (hwm + 1) / 2);
        CHECK(fill(c) == reads);
    }
}

TEST_CASE("a writer that was not refused is not told")
{
    credit c(2);
    c.wrote();
    CHECK_FALSE(c.did_read());
    CHECK_FALSE(c.did_drain());
    CHECK(fill(c) == 2);
}

TEST_CASE("a mark of 0 is no mark")
{
    credit c(0);
    CHECK(fill(c) == 100'000);
    for (int i = 0; i < 1000; ++i)
        CHECK_FALSE(c.did_read());
    CHECK(c.unread() == 99'000);
}

TEST_CASE("a raised mark counts at once for a writer that was refused")
{
    credit c(2);
    CHECK(fill(c) == 2);
    c.set_hwm(5);
    CHECK(fill(c) == 3);
}

TEST_CASE("under a raised mark the first read tells a writer that waits")
{
    credit c(2);
    CHECK(fill(c) == 2);
    c.set_hwm(1000);
    CHECK(c.did_read());
}

TEST_CASE("a lowered mark does not strand a writer whose reader has read everything")
{
    credit c(1000);
    for (int i = 0; i < 400; ++i)
    {
        REQUIRE(c.has_room());
        c.wrote();
    }
    for (int i = 0; i < 400; ++i)
        REQUIRE_FALSE(c.did_read());  // never reached 500
    c.set_hwm(10);
    CHECK(fill(c) == 10);
}

TEST_CASE("a mark set on a pipe that had none counts from there on")
{
    credit c(0);
    for (int i = 0; i < 1000; ++i)
        c.wrote();
    for (int i = 0; i < 1000; ++i)
        static_cast<void>(c.did_read());
    c.set_hwm(4);
    CHECK(fill(c) == 4);
    CHECK_FALSE(c.has_room());
}

TEST_CASE("every sequence of marks leaves a writer who is told, or an empty queue and room")
{
    for (std::size_t first = 0; first < 7; ++first)
        for (std::size_t second = 0; second < 7; ++second)
            for (std::size_t written = 0; written < 12; ++written)
                for (std::size_t read_before = 0; read_before <= written; ++read_before)
                {
                    credit c(first);
                    std::size_t there = 0;
                    while (there < written && c.has_room())
                    {
                        c.wrote();
                        ++there;
                    }
                    std::size_t read = 0;
                    for (; read < std::min(read_before, there); ++read)
                        static_cast<void>(c.did_read());
                    c.set_hwm(second);
                    const bool refused = !c.has_room();
                    bool told = false;
                    for (; read < there; ++read)
                        told = c.did_read() || told;
                    told = c.did_drain() || told;
                    CHECK((told || !refused));
                    CHECK(c.has_room());
                }
}
