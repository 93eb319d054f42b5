#include "patterns/spsc_queue.hpp"

#include <memory>
#include <string>

#include "tests/support/catch.hpp"

using ferry::patterns::spsc_queue;

TEST_CASE("items come out in the order in which they went in, across many chunks")
{
    spsc_queue<std::string> queue;
    for (int i = 0; i < 1000; ++i)
        queue.push(std::to_string(i));
    static_cast<void>(queue.publish());

    std::string item;
    for (int i = 0; i < 1000; ++i)
    {
        REQUIRE(queue.pop(item));
        REQUIRE(item == std::to_string(i));
    }
    CHECK_FALSE(queue.pop(item));
}

TEST_CASE("what is pushed is not there before it is published")
{
    spsc_queue<int> queue;
    int item = 0;
    queue.push(7);
    CHECK_FALSE(queue.pop(item));
    CHECK(queue.size() == 0);

    static_cast<void>(queue.publish());
    CHECK(queue.size() == 1);
    CHECK(queue.pop(item));
}

TEST_CASE("a reader that never looked counts as asleep: the first publish says so, the second not")
{
    spsc_queue<int> queue;
    queue.push(1);
    CHECK(queue.publish());
    queue.push(2);
    CHECK_FALSE(queue.publish());
}

TEST_CASE("a reader that found nothing sleeps until the next publish")
{
    spsc_queue<int> queue;
    int item = 0;
    queue.push(1);
    CHECK(queue.publish());
    CHECK_FALSE(queue.sleep());  // there is something
    CHECK(queue.pop(item));
    CHECK(queue.sleep());
    CHECK(queue.sleep());
    CHECK_FALSE(queue.publish());  // nothing new wakes nobody
    queue.push(2);
    CHECK(queue.publish());
}

TEST_CASE("items nobody popped are destroyed with the queue, published or not")
{
    const auto counted = std::make_shared<int>(0);
    {
        spsc_queue<std::shared_ptr<int>> queue;
        for (int i = 0; i < 300; ++i)
            queue.push(std::shared_ptr<int>(counted));
        static_cast<void>(queue.publish());
        std::shared_ptr<int> item;
        for (int i = 0; i < 20; ++i)
            REQUIRE(queue.pop(item));
        queue.push(std::shared_ptr<int>(counted));
    }
    CHECK(counted.use_count() == 1);
}

TEST_CASE("filling and emptying at every depth keeps the order")
{
    spsc_queue<int> queue;
    int next_in = 0;
    int next_out = 0;
    for (int depth = 1; depth < 400; depth += 13)
    {
        for (int i = 0; i < depth; ++i)
            queue.push(int(next_in++));
        static_cast<void>(queue.publish());
        int item = -1;
        while (queue.pop(item))
            REQUIRE(item == next_out++);
        CHECK(queue.sleep());
    }
    CHECK(next_in == next_out);
}
