// What making, moving, copying and dropping a message costs.
#include <atomic>
#include <cstddef>
#include <new>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <ferry/detail/message_access.hpp>
#include <ferry/message.hpp>

#include "bench/micro/benchmarks.hpp"
#include "bench/micro/timing.hpp"

namespace bench::micro
{

namespace
{

using ferry::message;

constexpr std::size_t sizes[] = {1, 32, 50, 51, 64, 256, 1024, 4096};

void make_and_drop(const std::string& body)
{
    print_row("make and drop", body.size(), nanoseconds_per_item(1, [&] {
        message m(body);
        keep(m);
    }));
}

void move_and_back(const std::string& body)
{
    message a(body);
    message b;
    print_row("move", body.size(), nanoseconds_per_item(2, [&] {
        b = std::move(a);
        keep(b);
        a = std::move(b);
        keep(a);
    }));
}

void copy_and_drop(const std::string& body)
{
    const message original(body);
    print_row("copy and drop", body.size(), nanoseconds_per_item(1, [&] {
        message m = original;
        keep(m);
    }));
}

/// As a frame decoder, a queue, a pattern and a user do it.
void receive_and_drop(const std::string& body)
{
    using ferry::detail::message_access;
    const std::vector<std::byte> buffer(body.size() + 64, std::byte{'x'});
    const ferry::peer_handle peer(ferry::peer_properties::list{{"Identity", "A"}});
    alignas(message) std::byte place[sizeof(message)];
    message decoded;
    print_row("receive, with a peer, and drop", body.size(), nanoseconds_per_item(1, [&] {
        message_access::assign(decoded, std::span(buffer).first(body.size()), buffer.size());
        keep(decoded);
        auto* slot = new (place) message(std::move(decoded));
        keep(*slot);
        message received;
        message_access::take_out(received, *slot);
        message_access::set_peer(received, peer);
        keep(received);
    }));
}

void first_frame(const std::string& body)
{
    message m(body);
    print_row("first frame", body.size(), nanoseconds_per_item(1, [&] {
        keep(m);
        auto frame = m[0];
        keep(frame);
    }));
}

void envelope(const std::string& body)
{
    print_row(
        "make, add an id and a delimiter, pop them", body.size(), nanoseconds_per_item(1, [&] {
            message m(body);
            m.prepend("").prepend("12345");
            auto popped = m.pop_front(2);
            keep(popped);
            keep(m);
        }));
}

/// Batches go round between the one who makes messages and the one who drops them.
void make_here_and_drop_there(const std::string& body)
{
    constexpr std::size_t batch_size = 256;
    constexpr std::size_t batch_count = 4;
    std::vector<message> batches[batch_count];
    for (auto& batch : batches)
        batch.resize(batch_size);
    std::atomic<std::size_t> made = 0;
    std::atomic<std::size_t> dropped = 0;
    std::atomic<bool> stop = false;
    std::thread dropper([&] {
        for (std::size_t n = 0; !stop;)
        {
            if (made.load(std::memory_order_acquire) == n)
            {
                std::this_thread::yield();
                continue;
            }
            for (message& m : batches[n % batch_count])
                m.clear();
            dropped.store(++n, std::memory_order_release);
        }
    });
    std::size_t n = 0;
    print_row(
        "make here, drop in another thread", body.size(), nanoseconds_per_item(batch_size, [&] {
            while (n - dropped.load(std::memory_order_acquire) == batch_count)
                std::this_thread::yield();
            for (message& m : batches[n % batch_count])
                m = message(body);
            made.store(++n, std::memory_order_release);
        }));
    stop = true;
    dropper.join();
}

}  // namespace

void measure_message()
{
    for (const auto measure : {make_and_drop, move_and_back, copy_and_drop, receive_and_drop,
             first_frame, envelope, make_here_and_drop_there})
        for (const std::size_t size : sizes)
            measure(std::string(size, 'x'));
}

}  // namespace bench::micro
