#include "engine/short_lock.hpp"

#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"

using ferry::detail::short_lock;

TEST_CASE("a short_lock that is taken cannot be taken again until it is free")
{
    short_lock lock;
    REQUIRE(lock.try_lock());
    CHECK_FALSE(lock.try_lock());
    lock.unlock();
    CHECK(lock.try_lock());
    lock.unlock();
}

TEST_CASE("threads that add under a short_lock lose nothing")
{
    constexpr int threads = 4;
    constexpr int rounds = 50'000;
    short_lock lock;
    long sum = 0;
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
    {
        all.emplace_back([&lock, &sum] {
            for (int round = 0; round < rounds; ++round)
            {
                const std::lock_guard guard(lock);
                ++sum;
            }
        });
    }
    for (auto& each : all)
        each.join();
    CHECK(sum == long{threads} * rounds);
}

TEST_CASE("who waits for a short_lock that is held for long gets it in the end")
{
    short_lock lock;
    lock.lock();
    std::thread other([&lock] {
        lock.lock();
        lock.unlock();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // past its spins and yields
    lock.unlock();
    other.join();
    CHECK(lock.try_lock());
    lock.unlock();
}
