// How a message is made, encoded, decoded and queued, so many times.
#include "bench/micro/counted.hpp"

#include <gnu/libc-version.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include <ferry/message.hpp>

#include "bench/micro/lone_socket.hpp"
#include "bench/micro/timing.hpp"
#include "protocol/connection.hpp"

namespace bench::micro
{

namespace
{

using namespace ferry;

constexpr std::size_t batch = 256;
constexpr std::size_t body_size = 64;
constexpr protocol::time_point now{std::chrono::hours{1}};

std::string body()
{
    return std::string(body_size, 'x');
}

/// Calls work(n), n being `batch` but for the last call.
template <class Work>
void in_batches(std::size_t operations, Work&& work)
{
    for (std::size_t left = operations; left != 0;)
    {
        const std::size_t n = std::min(left, batch);
        work(n);
        left -= n;
    }
}

// --- message ---------------------------------------------------------------------------------

void make_and_drop(std::size_t operations)
{
    const std::string octets = body();
    for (std::size_t i = 0; i < operations; ++i)
    {
        message m(octets);
        keep(m);
    }
}

void move_there_and_back(std::size_t operations)
{
    message a(body());
    message b;
    for (std::size_t i = 0; i < operations; ++i)
    {
        b = std::move(a);
        keep(b);
        a = std::move(b);
        keep(a);
    }
}

void copy_and_drop(std::size_t operations)
{
    const message original(body());
    for (std::size_t i = 0; i < operations; ++i)
    {
        message m = original;
        keep(m);
    }
}

// --- connection ------------------------------------------------------------------------------

/// A PUSH and a PULL that have shaken hands.
struct connections
{
    connections() : push({.type = socket_type::push}, now), pull({.type = socket_type::pull}, now)
    {
        for (int i = 0; i < 10 && !(push.is_ready() && pull.is_ready()); ++i)
        {
            carry(push, pull);
            carry(pull, push);
        }
        if (!push.is_ready() || !pull.is_ready())
            throw std::logic_error("no handshake");
    }

    static std::vector<std::byte> output_of(protocol::connection& from)
    {
        std::vector<std::byte> all;
        while (from.output_size() != 0)
        {
            const auto first = from.next_output(1)[0];
            all.insert(all.end(), first.begin(), first.end());
            from.written(first.size());
        }
        return all;
    }
    static void carry(protocol::connection& from, protocol::connection& to)
    {
        const std::vector<std::byte> octets = output_of(from);
        to.receive(octets, now);
        protocol::event event;
        while (to.next_event(event) != protocol::event_kind::none)
        {
        }
    }

    protocol::connection push;
    protocol::connection pull;
};

void make_and_encode(std::size_t operations)
{
    connections ends;
    const std::string octets = body();
    in_batches(operations, [&](std::size_t n) {
        for (std::size_t i = 0; i < n; ++i)
            ends.push.send(message(octets));
        auto shown = ends.push.next_output();
        keep(shown);
        ends.push.written(ends.push.output_size());
    });
}

// As a session does it: whole messages by the short way, then a look at what is left.
void decode_and_drop(std::size_t operations)
{
    connections ends;
    for (std::size_t i = 0; i < batch; ++i)
        ends.push.send(message(body()));
    const std::vector<std::byte> stream = connections::output_of(ends.push);
    const std::size_t frame_size = stream.size() / batch;
    message m;
    protocol::event event;
    std::size_t decoded = 0;
    in_batches(operations, [&](std::size_t n) {
        ends.pull.receive(std::span(stream).first(n * frame_size), now);
        for (; ends.pull.next_message(m); ++decoded)
            keep(m);
        while (ends.pull.next_event(event) != protocol::event_kind::none)
            ++decoded;
    });
    if (decoded != operations)
        throw std::logic_error("not every message was decoded");
}

// --- patterns and pipes ----------------------------------------------------------------------

template <bool Watched, bool Counting = false>
void push_send(std::size_t operations)
{
    lone_socket push(socket_type::push);
    push.add_peer({.count = Counting});
    if (Watched && !push.far[0]->begin_watch(batch))
        throw std::logic_error("the pipe cannot be watched");
    std::vector<message> messages(batch, message(body()));
    patterns::wake_list wakes;
    in_batches(operations, [&](std::size_t n) {
        const auto some = std::span(messages).first(n);
        for (message& each : some)
            static_cast<void>(push.rules->send(each));
        for (message& each : some)
            if (!push.far[0]->read(each, wakes))
                throw std::logic_error("a message is missing");
        push.results.wakes.clear();
        wakes.clear();
    });
}

template <bool Watched>
void pull_receive(std::size_t operations)
{
    lone_socket pull(socket_type::pull);
    pull.add_peer();
    if (Watched && !pull.near[0]->begin_watch(batch))
        throw std::logic_error("the pipe cannot be watched");
    std::vector<message> messages(batch, message(body()));
    patterns::wake_list wakes;
    in_batches(operations, [&](std::size_t n) {
        const auto some = std::span(messages).first(n);
        for (message& each : some)
            pull.far[0]->write(std::move(each));
        pull.far[0]->publish(wakes);
        pull.rules->readable(*pull.near[0]);
        for (message& each : some)
            static_cast<void>(pull.rules->receive(each));
        if (some.back().size_octets() != body_size)
            throw std::logic_error("a message is missing");
        pull.results.wakes.clear();
        wakes.clear();
    });
}

constexpr counted_work all_work[] = {
    {"message/make_and_drop", make_and_drop},
    {"message/move_there_and_back", move_there_and_back},
    {"message/copy_and_drop", copy_and_drop},
    {"connection/make_and_encode", make_and_encode},
    {"connection/decode_and_drop", decode_and_drop},
    {"pipe/push_send_far_end_reads", push_send<false>},
    {"pipe/push_send_far_end_reads/watched", push_send<true>},
    {"pipe/push_send_far_end_reads/counting", push_send<false, true>},  // inproc
    {"pipe/far_end_writes_pull_receive", pull_receive<false>},
    {"pipe/far_end_writes_pull_receive/watched", pull_receive<true>},
};

}  // namespace

std::span<const counted_work> all_counted_work() noexcept
{
    return all_work;
}

std::string built_with()
{
#if defined(__clang__)
    const std::string compiler = "clang " __clang_version__;
#else
    const std::string compiler = "gcc " __VERSION__;
#endif
#if defined(__x86_64__)
    const std::string processor = "x86-64";
#elif defined(__aarch64__)
    const std::string processor = "arm64";
#else
    const std::string processor = "another processor";
#endif
    return compiler + ", " + processor + ", glibc " + gnu_get_libc_version();
}

}  // namespace bench::micro
