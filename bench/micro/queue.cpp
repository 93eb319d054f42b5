// What a message pays on its way through a queue, a pipe, and the patterns at both ends.
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <ferry/detail/message_access.hpp>

#include "bench/micro/benchmarks.hpp"
#include "bench/micro/lone_socket.hpp"
#include "bench/micro/timing.hpp"
#include "patterns/pipe.hpp"
#include "patterns/spsc_queue.hpp"

namespace bench::micro
{

namespace
{

using namespace ferry::patterns;
using ferry::message;
using ferry::socket_type;

constexpr std::size_t batch = 256;
constexpr std::size_t body = 64;

std::vector<message> some_messages(std::size_t count)
{
    return std::vector<message>(count, message(std::string(body, 'x')));
}

void queue_in_one_thread()
{
    spsc_queue<message> queue;
    std::vector<message> messages = some_messages(batch);
    print_row("queue: push, pop, 256 per publish", body, nanoseconds_per_item(batch, [&] {
        for (message& each : messages)
            queue.push(std::move(each));
        static_cast<void>(queue.publish());
        for (message& each : messages)
            static_cast<void>(queue.pop(each));
    }));
    print_row("queue: push, publish, pop, one by one", body, nanoseconds_per_item(batch, [&] {
        for (message& each : messages)
        {
            queue.push(std::move(each));
            static_cast<void>(queue.publish());
            static_cast<void>(queue.pop(each));
        }
    }));
}

// By the clock on the wall: two threads, if there are two cores.
void pipe_between_two_threads()
{
    constexpr std::size_t count = 2'000'000;
    const pipe_pair pipes = make_pipe({});
    const auto start = std::chrono::steady_clock::now();
    std::thread reader([&] {
        wake_list wakes;
        message m;
        for (std::size_t left = count; left != 0; wakes.clear())
            if (pipes.b->read(m, wakes))
                --left;
            else
                std::this_thread::yield();
    });
    wake_list wakes;
    const std::vector<message> messages = some_messages(1);
    for (std::size_t i = 0; i < count; ++i, wakes.clear())
    {
        while (!pipes.a->can_write())
            std::this_thread::yield();
        pipes.a->send(message(messages.front()), wakes);
    }
    reader.join();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    print_row("pipe: copy, send, read in two threads (wall)", body, took.count() / count);
}

void pipe_in_one_thread()
{
    const pipe_pair pipes = make_pipe({});
    wake_list wakes;
    std::vector<message> messages = some_messages(batch);
    print_row("pipe: can_write, send, read", body, nanoseconds_per_item(batch, [&] {
        for (message& each : messages)
            if (pipes.a->can_write())
                pipes.a->send(std::move(each), wakes);
        for (message& each : messages)
            static_cast<void>(pipes.b->read(each, wakes));
        wakes.clear();
    }));
    print_row(
        "pipe: can_write, write, read, 256 per publish", body, nanoseconds_per_item(batch, [&] {
            for (message& each : messages)
                if (pipes.a->can_write())
                    pipes.a->write(std::move(each));
            pipes.a->publish(wakes);
            for (message& each : messages)
                static_cast<void>(pipes.b->read(each, wakes));
            wakes.clear();
        }));
}

void push_and_pull(std::size_t peers, bool watched)
{
    lone_socket push(socket_type::push);
    lone_socket pull(socket_type::pull);
    for (std::size_t i = 0; i < peers; ++i)
    {
        push.add_peer();
        pull.add_peer();
    }
    for (std::size_t i = 0; i < peers && watched; ++i)
    {
        push.far[i]->begin_watch(batch);
        pull.near[i]->begin_watch(batch);
    }
    std::vector<message> messages = some_messages(batch);
    const std::string suffix =
        std::to_string(peers) + (peers == 1 ? " peer" : " peers") + (watched ? ", watched" : "");
    wake_list wakes;
    print_row("PUSH send, far end reads, " + suffix, body, nanoseconds_per_item(batch, [&] {
        for (message& each : messages)
            static_cast<void>(push.rules->send(each));
        for (std::size_t i = 0; i < batch; ++i)
            static_cast<void>(push.far[i % peers]->read(messages[i], wakes));
        push.results.wakes.clear();
        wakes.clear();
    }));
    print_row("far end writes, PULL receive, " + suffix, body, nanoseconds_per_item(batch, [&] {
        for (std::size_t i = 0; i < batch; ++i)
            pull.far[i % peers]->write(std::move(messages[i]));
        for (std::size_t i = 0; i < peers; ++i)
            pull.far[i]->publish(wakes);
        for (std::size_t i = 0; i < peers; ++i)
            pull.rules->readable(*pull.near[i]);
        for (message& each : messages)
            static_cast<void>(pull.rules->receive(each));
        pull.results.wakes.clear();
        wakes.clear();
    }));
}

void fan_out(std::size_t peers)
{
    lone_socket pub(socket_type::pub);
    for (std::size_t i = 0; i < peers; ++i)
        pub.add_peer();
    wake_list wakes;
    for (const auto& each : pub.far)
        each->send(ferry::detail::message_access::subscription(
                       ferry::detail::message_role::subscribe, "x"),
            wakes);
    for (const auto& each : pub.near)
        pub.rules->readable(*each);
    std::vector<message> messages = some_messages(1);
    message m;
    const std::string what = "PUB send, " + std::to_string(peers) + " far ends read, each";
    print_row(what, body, nanoseconds_per_item(peers * 64, [&] {
        for (int i = 0; i < 64; ++i)
        {
            message next(messages.front());
            static_cast<void>(pub.rules->send(next));
        }
        for (const auto& each : pub.far)
            for (int i = 0; i < 64; ++i)
                static_cast<void>(each->read(m, wakes));
        pub.results.wakes.clear();
        wakes.clear();
    }));
}

}  // namespace

void measure_queue()
{
    queue_in_one_thread();
    pipe_in_one_thread();
    pipe_between_two_threads();
    push_and_pull(1, false);
    push_and_pull(8, false);
    push_and_pull(1, true);
    push_and_pull(8, true);
    fan_out(1);
    fan_out(8);
    fan_out(100);
}

}  // namespace bench::micro
