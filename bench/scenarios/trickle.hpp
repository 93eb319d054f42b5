// Latency under load: a trickle of messages beside a flood, between the same two processes, the same
// two contexts.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <future>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bench/scenarios/common.hpp"

namespace bench
{

/// The client's one thread pushes messages of `size` octets as fast as it may, its other a message
/// with the time of day in it a thousand times per second. The server pulls both, in a thread each,
/// and reports how long the messages of the trickle were under way, and the rate of the flood.
struct trickle
{
    template <class Library>
    static report run(const arguments& a)
    {
        typename Library::context context(a);
        return a.role == role::binding ? receive<Library>(context, a) : send<Library>(context, a);
    }

private:
    using stamp = clock::duration::rep;
    static constexpr std::chrono::milliseconds interval{1};
    static constexpr std::size_t trickle_size = 64;
    static constexpr std::uint64_t warm_up = 100;

    template <class Library>
    static report receive(typename Library::context& context, const arguments& a)
    {
        typename Library::socket flood(context, socket_kind::pull, a);
        typename Library::socket drops(context, socket_kind::pull, a);
        announce(flood.bind(a.endpoint) + ' ' + drops.bind(second_endpoint(a.endpoint)));

        auto delays = std::async(
            std::launch::async, [&drops, &a] { return delays_of(drops, warm_up + a.count); });
        flood.receive();
        const measurement run;
        std::uint64_t messages = 0;
        while (flood.receive() != 0)
            ++messages;
        report result{messages, run.span(), run.spent()};
        auto samples = delays.get();
        samples.erase(samples.begin(), samples.begin() + warm_up);
        result.latency = latency_of(samples);
        return result;
    }

    template <class Library>
    static report send(typename Library::context& context, const arguments& a)
    {
        const auto space = a.endpoint.find(' ');
        typename Library::socket flood(context, socket_kind::push, a);
        typename Library::socket drops(context, socket_kind::push, a);
        flood.connect(a.endpoint.substr(0, space));
        drops.connect(a.endpoint.substr(space + 1));

        std::atomic<bool> ends{false};
        auto flooding = std::async(std::launch::async, [&flood, &ends, &a] {
            const auto body = body_of(a.size);
            while (!ends.load(std::memory_order_relaxed))
                flood.send(body);
            flood.send({});
            flood.flush();
        });
        const measurement run;
        send_regularly(drops, warm_up + a.count);
        ends = true;
        const report result{a.count, run.span(), run.spent()};
        flooding.get();
        wait_for_arrival(a);
        return result;
    }

    template <class Socket>
    static void send_regularly(Socket& socket, std::uint64_t count)
    {
        auto body = body_of(trickle_size);
        auto due = clock::now();
        for (std::uint64_t i = 0; i < count; ++i, due += interval)
        {
            std::this_thread::sleep_until(due);
            const stamp now = clock::now().time_since_epoch().count();
            std::memcpy(body.data(), &now, sizeof(now));
            socket.send(body);
            socket.flush();
        }
    }

    // In nanoseconds.
    template <class Socket>
    static std::vector<std::uint64_t> delays_of(Socket& socket, std::uint64_t count)
    {
        std::vector<std::uint64_t> samples(count);
        std::array<std::byte, sizeof(stamp)> sent{};
        for (auto& sample : samples)
        {
            check_size(socket.receive_into(sent), trickle_size);
            const stamp now = clock::now().time_since_epoch().count();
            stamp then = 0;
            std::memcpy(&then, sent.data(), sizeof(then));
            sample = static_cast<std::uint64_t>(
                std::chrono::nanoseconds(clock::duration(now - then)).count());
        }
        return samples;
    }

    // Wildcards find another port by themselves; a path must be another one.
    static std::string second_endpoint(const std::string& first)
    {
        return first.starts_with("ipc://") ? first + "-trickle" : first;
    }
};

}  // namespace bench
