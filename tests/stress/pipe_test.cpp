// Two threads on one pipe, both directions, sleeping and waking for real.
#include "patterns/pipe.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <ferry/detail/encoded_run.hpp>
#include <ferry/detail/message_access.hpp>

#include "tests/support/catch.hpp"

using namespace ferry;
using namespace ferry::patterns;
using detail::encoded_run;
using detail::message_access;
using detail::message_role;

namespace
{

/// Blocks its thread until the pipe has news; if a wake-up is lost, the test hangs.
struct sleeper final : pipe_owner
{
    void on_readable(pipe_end&) noexcept override { wake(); }
    void on_writable(pipe_end&) noexcept override { wake(); }
    void on_peer_closed(pipe_end&) noexcept override { wake(); }
    void finish_writing(pipe_end& end) noexcept override
    {
        const std::lock_guard guard(writing);
        end.forget_run();
    }
    void wake()
    {
        const std::lock_guard guard(lock);
        awake = true;
        news.notify_one();
    }
    void wait()
    {
        std::unique_lock guard(lock);
        news.wait(guard, [this] { return awake; });
        awake = false;
    }
    std::mutex writing;  // the writer's own: held from can_write() to publish()
    std::mutex lock;
    std::condition_variable news;
    bool awake = false;
};

message numbered(std::uint32_t i)
{
    return message::of(std::to_string(i), std::string(i % 200, 'x'));
}

// Now and then a message that is too large for its sender to encode it.
message numbered_of_any_size(std::uint32_t i)
{
    return message::of(std::to_string(i), std::string(i % 97 == 0 ? 3'000 : i % 50, 'x'));
}

void write_all(pipe_end& end, sleeper& owner, std::uint32_t count)
{
    wake_list wakes;
    for (std::uint32_t i = 0; i < count;)
    {
        for (std::uint32_t batch = 0; batch <= i % 7 && i < count && end.can_write(); ++batch)
            end.write(numbered(i++));
        end.publish(wakes);
        wakes.run();
        while (i < count && !end.can_write())
            owner.wait();
    }
    end.close(wakes);
    wakes.run();
}

std::uint32_t read_all(pipe_end& end, sleeper& owner)
{
    wake_list wakes;
    message m;
    std::uint32_t good = 0;
    while (true)
    {
        const bool last_look = end.peer_is_closed();
        while (end.read(m, wakes))
        {
            good += m == numbered(good) ? 1 : 0;
            wakes.run();
        }
        if (last_look)
            return good;
        owner.wait();
    }
}

std::uint32_t run(std::size_t hwm, std::uint32_t count, bool change_marks)
{
    const pipe_pair pipes = make_pipe({.a_to_b_hwm = hwm});
    const auto writer = std::make_shared<sleeper>();
    const auto reader = std::make_shared<sleeper>();
    pipes.a->set_owner(writer);
    pipes.b->set_owner(reader);
    std::atomic<bool> done{false};
    std::thread writing([&] { write_all(*pipes.a, *writer, count); });
    std::thread changing([&] {
        for (std::size_t i = 0; change_marks && !done; ++i)
        {
            pipes.a->set_send_hwm(i % 5 + 1);
            wake_list wakes;
            pipes.b->set_receive_hwm(i % 40 + 1, wakes);
            wakes.run();
            std::this_thread::yield();
        }
    });
    const std::uint32_t good = read_all(*pipes.b, *reader);
    done = true;
    writing.join();
    changing.join();
    return good;
}

// As the sender of a flood does it: a lock per message, and no wake-up while the reader watches.
void flood(
    pipe_end& end, sleeper& owner, std::uint32_t count, message (*make)(std::uint32_t) = numbered)
{
    wake_list wakes;
    for (std::uint32_t i = 0; i < count;)
    {
        bool sent = false;
        {
            const std::lock_guard guard(owner.writing);
            message m = make(i);
            sent = end.try_send(m, wakes);
            sent = sent || (end.can_write() && (end.send(std::move(m), wakes), true));
        }
        wakes.run();
        if (sent)
            ++i;
        else
            owner.wait();
        if (i % 1000 == 0)
            std::this_thread::yield();  // a lull, in which the reader may fall asleep
    }
    const std::lock_guard guard(owner.writing);
    end.close(wakes);
    wakes.run();
}

// Watches for a few looks, sleeps for real when it has ended the watch and finds nothing.
std::uint32_t read_watching(pipe_end& end, sleeper& owner, std::uint32_t looks)
{
    wake_list wakes;
    std::uint32_t good = 0;
    const auto read_what_is_there = [&] {
        while (const message* next = end.peek(wakes))
        {
            good += *next == numbered(good) ? 1 : 0;
            end.drop_front(wakes);
            wakes.run();
        }
        wakes.run();
    };
    while (true)
    {
        end.begin_watch(good % 50 + 1);
        for (std::uint32_t look = 0; look < looks; ++look)
        {
            read_what_is_there();
            if (look % 3 == 2)
                std::this_thread::yield();
        }
        end.end_watch();
        const bool last_look = end.peer_is_closed();
        read_what_is_there();
        if (last_look)
            return good;
        owner.wait();
    }
}

// As above, of a sender that encodes small messages while it is watched.
std::uint32_t read_encoded(pipe_end& end, sleeper& owner, std::uint32_t looks)
{
    wake_list wakes;
    std::uint32_t good = 0;
    message m;
    const auto count = [&good](const message& one) {
        good += one == numbered_of_any_size(good) ? 1 : 0;
    };
    const auto read_what_is_there = [&] {
        while (end.read(m, wakes))
        {
            if (message_access::role(m) == message_role::encoded)
                encoded_run::for_each(m, count);
            else
                count(m);
            wakes.run();
        }
        wakes.run();
    };
    for (std::uint32_t round = 0;; ++round)
    {
        end.begin_watch(good % 50 + 1, round % 4 != 3);
        for (std::uint32_t look = 0; look < looks; ++look)
        {
            read_what_is_there();
            if (look % 3 == 2)
                std::this_thread::yield();
        }
        end.end_watch();
        const bool last_look = end.peer_is_closed();
        read_what_is_there();
        if (last_look)
            return good;
        owner.wait();
    }
}

std::uint32_t run_encoding(std::size_t hwm, std::uint32_t looks, std::uint32_t count)
{
    const pipe_pair pipes = make_pipe({.a_to_b_hwm = hwm});
    const auto writer = std::make_shared<sleeper>();
    const auto reader = std::make_shared<sleeper>();
    pipes.a->set_owner(writer);
    pipes.b->set_owner(reader);
    std::thread writing([&] { flood(*pipes.a, *writer, count, numbered_of_any_size); });
    const std::uint32_t good = read_encoded(*pipes.b, *reader, looks);
    writing.join();
    return good;
}

std::uint32_t run_watched(std::size_t hwm, std::uint32_t looks, std::uint32_t count)
{
    const pipe_pair pipes = make_pipe({.a_to_b_hwm = hwm});
    const auto writer = std::make_shared<sleeper>();
    const auto reader = std::make_shared<sleeper>();
    pipes.a->set_owner(writer);
    pipes.b->set_owner(reader);
    std::thread writing([&] { flood(*pipes.a, *writer, count); });
    const std::uint32_t good = read_watching(*pipes.b, *reader, looks);
    writing.join();
    return good;
}

}  // namespace

TEST_CASE("a reader that watches and sleeps in turn during a flood misses no message")
{
    for (const std::size_t hwm : {1, 2, 10, 1000, 0})
        for (const std::uint32_t looks : {1u, 2u, 10u, 100u})
            CHECK(run_watched(hwm, looks, 5'000) == 5'000);
}

TEST_CASE("runs that grow while they are read lose no message, and keep their place among others")
{
    for (const std::size_t hwm : {1, 2, 10, 1000, 0})
        for (const std::uint32_t looks : {1u, 2u, 10u, 100u})
            CHECK(run_encoding(hwm, looks, 5'000) == 5'000);
}

TEST_CASE("a pipe between two threads loses no message and no wake-up at any high-water mark")
{
    for (const std::size_t hwm : {1, 2, 3, 7, 1000, 0})
        CHECK(run(hwm, 10'000, false) == 10'000);
}

TEST_CASE("a pipe between two threads loses nothing while a third changes its marks")
{
    CHECK(run(3, 20'000, true) == 20'000);
}

TEST_CASE("both ends closing at once, with messages on their way, is sound")
{
    for (int round = 0; round < 500; ++round)
    {
        pipe_pair pipes = make_pipe({.conflate = round % 3 == 0});
        const auto close = [](const std::shared_ptr<pipe_end>& end) {
            wake_list wakes;
            const auto owner = std::make_shared<sleeper>();
            end->set_owner(owner);
            end->send(numbered(60), wakes);
            end->close(wakes);
            end->set_owner({});
            wakes.run();
        };
        std::thread other(close, std::move(pipes.b));
        close(std::exchange(pipes.a, {}));
        other.join();
    }
    SUCCEED();
}
