#include "protocol/message_storage.hpp"

#include <algorithm>
#include <atomic>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <ferry/message.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/protocol/allocation_count.hpp"
#include "tests/unit/protocol/message_frames.hpp"

using ferry::message;
using namespace ferry::test;

// --- adopted memory ----------------------------------------------------------------------------

namespace
{

struct counting_deleter
{
    std::atomic<int>* calls;
    void operator()(void* data, std::size_t) const noexcept
    {
        ++*calls;
        delete[] static_cast<std::byte*>(data);
    }
};

message adopt_new(std::size_t size, std::atomic<int>& calls)
{
    auto* memory = new std::byte[size]{};
    return message::adopt(std::span(memory, size), counting_deleter{&calls});
}

}  // namespace

TEST_CASE("an adopted body is used in place and deleted once, after the last message is gone")
{
    for (const std::size_t size :
        {std::size_t{0}, std::size_t{1}, std::size_t{50}, std::size_t{1000}})
    {
        std::atomic<int> calls = 0;
        auto* memory = new std::byte[size]{};
        message m = message::adopt(std::span(memory, size), counting_deleter{&calls});
        CHECK(m[0].data() == memory);
        CHECK(m[0].size() == size);

        message list = message::of("x", "y");
        list.append(m);
        message sliced = list.slice(2);
        m.clear();
        list.clear();
        CHECK(calls == 0);
        CHECK(sliced[0].data() == memory);
        sliced = message("other");
        CHECK(calls == 1);
    }
}

TEST_CASE("memory whose adoption fails stays with the caller")
{
    for (std::size_t successes = 0; successes < 2; ++successes)
    {
        std::atomic<int> calls = 0;
        std::byte memory[100];
        const failing_allocations failing(successes);
        CHECK_THROWS_AS(
            message::adopt(std::span(memory), counting_deleter{&calls}), std::bad_alloc);
        CHECK(calls == 0);
    }
}

TEST_CASE("a string or vector is taken over without a copy of its octets")
{
    std::string text = body_of(5000);
    const char* characters = text.data();
    const message from_text = message::adopt(std::move(text));
    CHECK(from_text[0].text().data() == characters);
    CHECK(text.empty());

    std::vector<std::byte> octets(5000, std::byte{7});
    const std::byte* data = octets.data();
    const message from_octets = message::adopt(std::move(octets));
    CHECK(from_octets[0].data() == data);
    CHECK(octets.empty());
}

TEST_CASE("a string or vector of any size is adopted")
{
    for (const std::size_t size : interesting_sizes)
    {
        std::string text = body_of(size);
        std::vector<std::byte> octets(size, std::byte{'v'});
        check_is(message::adopt(std::move(text)), {body_of(size)});
        check_is(message::adopt(std::move(octets)), {std::string(size, 'v')});
        CHECK(text.empty());
        CHECK(octets.empty());
    }
}

TEST_CASE("messages that share bodies may be used and dropped by different threads")
{
    std::atomic<int> calls = 0;
    {
        message list = message::of("id", "");
        list.append(adopt_new(1000, calls));
        const message body(body_of(100));
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([list, body] {
                for (int i = 0; i < 1000; ++i)
                {
                    message own = list;
                    own.append(body).prepend("front");
                    message writable = body;
                    writable.mutable_bytes()[0] = std::byte{'w'};
                    own.pop_front(2);
                }
            });
        list.clear();
        for (std::thread& thread : threads)
            thread.join();
        CHECK(body[0] == body_of(100));
    }
    CHECK(calls == 1);
}

// --- failed allocations ------------------------------------------------------------------------

namespace
{

/// Runs `operation` on copies of `m` with a failure at every allocation in turn.
template <class Operation>
void check_strong_guarantee(const message& m, Operation operation)
{
    const std::vector<std::string> before = frames_of(m);
    for (std::size_t successes = 0;; ++successes)
    {
        message changed = m;
        bool failed = false;
        {
            const failing_allocations failing(successes);
            try
            {
                operation(changed);
            }
            catch (const std::bad_alloc&)
            {
                failed = true;
            }
        }
        if (!failed)
            return;
        CHECK(frames_of(changed) == before);
        CHECK(frames_of(m) == before);
    }
}

}  // namespace

TEST_CASE("an operation that runs out of memory leaves the message as it was")
{
    const std::string large = body_of(100);
    const message several = message::of(body_of(40), body_of(60), "x", body_of(33));
    const message packed = message::of(body_of(15), body_of(34));
    for (const auto& frames : interesting_messages())
    {
        const message m = message_of(frames);
        check_strong_guarantee(m, [&](message& c) { c.append(large); });
        check_strong_guarantee(m, [&](message& c) { c.prepend(large); });
        check_strong_guarantee(m, [&](message& c) { c.append(several); });
        check_strong_guarantee(m, [&](message& c) { c.prepend(several); });
        check_strong_guarantee(m, [&](message& c) { c.prepend(packed); });
        check_strong_guarantee(m, [&](message& c) { c.append(c); });
        check_strong_guarantee(m, [&](message& c) { c.pop_front(1); });
        check_strong_guarantee(m, [&](message& c) { c.pop_front(2); });
        check_strong_guarantee(m, [&](message& c) { (void)c.mutable_bytes(); });
    }
}

TEST_CASE("a message that could not be added is still there")
{
    const std::vector<std::string> frames(100, "frame");
    message m(body_of(100));
    message added = message_of(frames);
    {
        const failing_allocations failing(0);
        CHECK_THROWS_AS(m.append(std::move(added)), std::bad_alloc);
        CHECK_THROWS_AS(m.prepend(std::move(added)), std::bad_alloc);
    }
    check_is(added, frames);
    check_is(m, {body_of(100)});
}
