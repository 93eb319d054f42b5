#include "engine/flood_watch.hpp"

#include <asio/io_context.hpp>

#include "tests/support/catch.hpp"

using namespace ferry::detail;
using namespace std::chrono_literals;

namespace
{

struct fake_session final : watched_session
{
    void look_after(look) noexcept override
    {
        ++looks;
        if (watch != nullptr)
            watch->count_messages(messages_per_look);
    }
    void watch_ended() noexcept override { ++ends; }

    flood_watch* watch = nullptr;
    std::size_t messages_per_look = 0;
    int looks = 0;
    int ends = 0;
};

// Writes that take `share` percent of the time; whether the last one counts as a flood.
bool is_flood_after(flood_watch& watch, int writes, int share)
{
    auto now = flood_watch::clock::time_point{} + 1h;
    bool flood = false;
    for (int i = 0; i < writes; ++i)
    {
        flood = watch.is_flood(now, now + std::chrono::microseconds(share));
        now += 100us;
    }
    return flood;
}

}  // namespace

TEST_CASE("senders that write most of the time are a flood, others are not")
{
    asio::io_context io;
    flood_watch watch(io.get_executor());
    CHECK(is_flood_after(watch, 9, 95));
    flood_watch calm(io.get_executor());
    CHECK_FALSE(is_flood_after(calm, 9, 30));
    CHECK_FALSE(is_flood_after(calm, 1000, 30));
}

TEST_CASE("a few writes in a row are no flood yet")
{
    asio::io_context io;
    flood_watch watch(io.get_executor());
    CHECK_FALSE(is_flood_after(watch, 3, 99));
}

TEST_CASE("watched sessions are looked after again and again while messages come, then let go")
{
    asio::io_context io;
    flood_watch watch(io.get_executor());
    CHECK(watch.is_calm());
    const auto session = std::make_shared<fake_session>();
    session->watch = &watch;
    session->messages_per_look = 1000;
    watch.add(session);
    CHECK_FALSE(watch.is_calm());
    while (session->looks < 3)
        io.run_one_for(10s);
    CHECK(session->ends == 0);
    session->messages_per_look = 0;
    while (session->ends == 0)
        io.run_one_for(10s);
    CHECK(watch.is_calm());
    io.restart();
    CHECK(io.poll() == 0);  // no tick is left
}

TEST_CASE("a session that was removed is not looked after any more")
{
    asio::io_context io;
    flood_watch watch(io.get_executor());
    const auto session = std::make_shared<fake_session>();
    watch.add(session);
    watch.remove(*session);
    watch.look_after_all();
    CHECK(session->looks == 0);
    CHECK(session->ends == 0);
    CHECK(watch.is_calm());
}

TEST_CASE("stopping a watch ends it for all of its sessions")
{
    asio::io_context io;
    flood_watch watch(io.get_executor());
    const auto session = std::make_shared<fake_session>();
    watch.add(session);
    watch.stop();
    CHECK(session->ends == 1);
    io.run_for(10s);
    CHECK(session->looks == 0);
}
