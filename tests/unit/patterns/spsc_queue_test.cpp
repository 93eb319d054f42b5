#include "patterns/spsc_queue.hpp"

#include <memory>
#include <string>

#include "tests/support/catch.hpp"

using namespace ferry::patterns;

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

TEST_CASE("what is left of a popped item is gone when its slot is used again, or with the queue")
{
    const auto counted = std::make_shared<int>(0);
    {
        spsc_queue<std::shared_ptr<int>> queue;
        std::shared_ptr<int> item;
        for (int i = 0; i < 1000; ++i)
        {
            queue.push(std::shared_ptr<int>(counted));
            static_cast<void>(queue.publish());
            REQUIRE(queue.pop(item));
            REQUIRE(counted.use_count() == 2);
        }
    }
    CHECK(counted.use_count() == 1);
}

TEST_CASE(
    "the halves: a slot may be given up, the front is seen in place, spares of a flood are shed")
{
    queue_middle<std::string> between;
    queue_writer<std::string> writer;
    queue_reader<std::string> reader;
    for (int round = 0; round < 3; ++round)
    {
        writer.slot(between) = "given up";
        for (int i = 0; i < 1000; ++i)
        {
            writer.slot(between) = std::to_string(i);
            writer.push();
        }
        static_cast<void>(writer.publish(between));
        for (int i = 0; i < 1000; ++i)
        {
            const std::string* front = reader.peek(between);
            REQUIRE(front != nullptr);
            REQUIRE(*front == std::to_string(i));
            REQUIRE(&reader.front() == front);
            reader.pop();
        }
        REQUIRE(reader.peek(between) == nullptr);
        REQUIRE(reader.sleep(between));
        reader.shed(between);
        for (const auto& spare : between.spares)
        {
            const auto* kept = spare.load();
            CHECK((kept == nullptr || kept->capacity == queue_chunk<std::string>::small));
        }
    }
    reader.free_chunks(between);
    writer.forget_chunks();
    writer.slot(between) = "again";
    writer.push();
    CHECK(writer.publish(between));
    REQUIRE(reader.peek(between) != nullptr);
    CHECK(reader.front() == "again");
    reader.free_chunks(between);
}

TEST_CASE("published to a reader that watches: seen, and said once per batch")
{
    spsc_queue<int> queue;
    int item = 0;
    queue.wake();
    int said = 0;
    for (int i = 0; i < 10; ++i)
    {
        queue.push(int(i));
        said += queue.publish_watched(3) ? 1 : 0;
        CHECK(queue.pop(item));
        CHECK(item == i);
    }
    CHECK(said == 3);
    CHECK(queue.sleep());
    queue.push(1);
    CHECK(queue.publish());
}
