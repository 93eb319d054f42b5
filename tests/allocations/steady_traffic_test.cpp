// Traffic that goes on as it did allocates nothing per message, in whatever thread.

#include <algorithm>
#include <cstdlib>
#include <new>

#include <ferry/detail/body_pool.hpp>

#include "tests/allocations/process_allocations.hpp"
#include "tests/integration/harness.hpp"

using namespace ferry;
using namespace ferry::test;

namespace
{

constexpr std::size_t inline_size = 16;
constexpr std::size_t pooled_size = 64;
constexpr std::size_t large_size = 100'000;

/// False, and said so, where what is to be measured is not there.
bool is_meaningful()
{
    if (!detail::pools_blocks())
        WARN("skipped: this build does not pool memory, so that a sanitizer sees every block");
    return detail::pools_blocks();
}

void take_one(pull_socket& sink, std::size_t size)
{
    must(take(sink).size_octets() == size, "a message of another size");
}

/// Fresh allocations of the whole process for each message.
struct per_message
{
    double all = 1e9;
    double large = 1e9;
};

constexpr std::size_t parts = 10;

/// What the whole process allocates per message while work() moves `messages` of them, after a first time as warm-up:
/// the least of several parts. How often threads wait for one another is the scheduler's affair, and allocates.
template <class Work>
per_message allocations_per_message(std::size_t messages, Work&& work)
{
    const auto count = static_cast<double>(messages);
    per_message least;
    work();
    for (std::size_t part = 1; part < parts; ++part)
    {
        const allocation_counts before = allocations_so_far();
        work();
        const allocation_counts after = allocations_so_far();
        least.all = std::min(least.all, static_cast<double>(after.all - before.all) / count);
        least.large =
            std::min(least.large, static_cast<double>(after.large - before.large) / count);
    }
    return least;
}

/// PUSH and PULL in one thread, `window` messages on their way at a time.
per_message in_windows(
    const std::string& transport, std::size_t size, std::size_t window, std::size_t messages)
{
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);
    const std::string body(size, 'x');
    return allocations_per_message(messages, [&] {
        for (std::size_t done = 0; done < messages; done += window)
        {
            for (std::size_t i = 0; i < window; ++i)
                give(sender, message(body));
            for (std::size_t i = 0; i < window; ++i)
                take_one(sink, size);
        }
    });
}

/// PUSH and PULL in a thread each, as fast as they can. `as_octets`: sent without a message around them.
per_message in_a_flood(
    const std::string& transport, std::size_t size, std::size_t messages, bool as_octets = false)
{
    context context;
    pull_socket sink{context};
    push_socket sender{context};
    join_over(transport, sink, sender);
    const std::string body(size, 'x');
    background_call sending([&] {
        for (std::size_t i = 0; i < parts * messages; ++i)
            if (as_octets)
                sender.send(body);
            else
                give(sender, message(body));
    });
    const per_message least = allocations_per_message(messages, [&] {
        for (std::size_t i = 0; i < messages; ++i)
            take_one(sink, size);
    });
    sending.finish();
    return least;
}

/// TODO(perf): a wait in a socket with connections allocates, about once: a handler of Asio's, which recycles them only in
/// threads that run its loop. When it no longer does, these become a hundredth.
constexpr double a_few_waits_per_window = 0.04;  // windows are of 100 messages
constexpr double waits_of_a_round_trip = 3;

/// Chunks of two queues, one in 128 messages each, more or less waits, and blocks that found no way back to their pool.
constexpr double chunks_and_waits_of_a_flood = 0.1;

}  // namespace

TEST_CASE("the counter sees every kind of allocation")
{
    if (!is_meaningful())
        return;
    const allocation_counts before = allocations_so_far();
    void* volatile memory =
        ::operator new(large_allocation);  // volatile: nothing is left out as unused
    ::operator delete(memory);
    memory = ::operator new (10, std::align_val_t{64});
    ::operator delete (memory, std::align_val_t{64});
    memory = std::aligned_alloc(64, 64);
    std::free(memory);
    const allocation_counts after = allocations_so_far();
    CHECK(after.all - before.all == 3);
    CHECK(after.large - before.large == 1);
}

TEST_CASE("small messages allocate nothing each, one window after the other")
{
    if (!is_meaningful())
        return;
    const std::string transport = FERRY_EVERY_TRANSPORT();
    const std::size_t size = GENERATE(inline_size, pooled_size);
    CAPTURE(transport, size);
    const double allowed = transport == "inproc" ? 0.01 : a_few_waits_per_window;
    CHECK(in_windows(transport, size, 100, 2'000).all < allowed);
}

TEST_CASE("small messages allocate nothing each in a flood between two threads")
{
    if (!is_meaningful())
        return;
    const std::string transport = FERRY_EVERY_TRANSPORT();
    const std::size_t size = GENERATE(inline_size, pooled_size);
    const bool as_octets = GENERATE(false, true);
    CAPTURE(transport, size, as_octets);
    CHECK(in_a_flood(transport, size, 20'000, as_octets).all < chunks_and_waits_of_a_flood);
}

TEST_CASE("a large message allocates at most one body")
{
    if (!is_meaningful())
        return;
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    CHECK(in_windows(transport, large_size, 4, 80).large <= 1);
}

TEST_CASE("questions and answers allocate nothing but for their waits")
{
    if (!is_meaningful())
        return;
    const std::string transport = FERRY_EVERY_TRANSPORT();
    CAPTURE(transport);
    context context;
    rep_socket server{context};
    req_socket client{context};
    join_over(transport, server, client);
    const std::string body(pooled_size, 'x');
    constexpr std::size_t round_trips = 500;
    const per_message allocated = allocations_per_message(round_trips, [&] {
        for (std::size_t i = 0; i < round_trips; ++i)
        {
            give(client, message(body));
            give(server, take(server));
            must(take(client).size_octets() == pooled_size, "an answer of another size");
        }
    });
    CHECK(allocated.all < (transport == "inproc" ? 0.01 : waits_of_a_round_trip));
}
