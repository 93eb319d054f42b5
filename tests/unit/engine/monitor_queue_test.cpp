#include "engine/monitor_queue.hpp"

#include <thread>

#include "tests/support/catch.hpp"

using namespace ferry;
using detail::monitor_queue;
using detail::thread_signal;

namespace
{

monitor_event named(const std::string& endpoint)
{
    monitor_event e;
    e.endpoint = endpoint;
    return e;
}

}  // namespace

TEST_CASE("events come out in order, and what finds no room is counted")
{
    monitor_queue queue(2);
    for (const char* name : {"a", "b", "c", "d"})
        queue.push(named(name));
    CHECK(queue.missed() == 2);
    CHECK(queue.try_pop()->endpoint == "a");
    CHECK(queue.try_pop()->endpoint == "b");
    CHECK_FALSE(queue.try_pop());
}

TEST_CASE("the next event that finds room says how many were skipped before it, once")
{
    monitor_queue queue(2);
    for (const char* name : {"a", "b", "lost", "lost"})
        queue.push(named(name));
    CHECK(queue.try_pop()->skipped_before == 0);
    queue.push(named("c"));
    queue.push(named("lost"));
    CHECK(queue.try_pop()->skipped_before == 0);  // b
    queue.push(named("d"));
    const auto c = queue.try_pop();
    CHECK(c->endpoint == "c");
    CHECK(c->skipped_before == 2);
    CHECK(queue.try_pop()->skipped_before == 1);  // d
    queue.push(named("e"));
    CHECK(queue.try_pop()->skipped_before == 0);
    CHECK(queue.missed() == 3);
}

TEST_CASE("a reader that waits gets the event that comes")
{
    monitor_queue queue(10);
    std::thread other([&] { queue.push(named("late")); });
    bool interrupted = false;
    const auto event = queue.pop_until(thread_signal::time_point::max(), interrupted);
    other.join();
    REQUIRE(event);
    CHECK(event->endpoint == "late");
}

TEST_CASE("a closed queue lets what it holds be read, then answers nothing at once")
{
    monitor_queue queue(10);
    queue.push(named("last"));
    queue.close();
    queue.push(named("too late"));
    bool interrupted = false;
    CHECK(queue.pop_until(thread_signal::time_point::max(), interrupted)->endpoint == "last");
    CHECK_FALSE(queue.pop_until(thread_signal::time_point::max(), interrupted));
}
