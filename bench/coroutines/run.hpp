// Both ends of a measurement as coroutines of one process: on one loop, or on a loop and a thread each.
//
// A library is a struct with `name`, `version()`, and a class
//   ends     from the executors of the binding and of the connecting end, and arguments
//            binding(), connecting() the ends, connected, each with send(body), receive() which returns the size
//                                    of a body, and echo()
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <unistd.h>

#include "bench/scenarios/common.hpp"

namespace bench
{

inline std::uint64_t warm_up_trips(const arguments& a)
{
    return std::clamp<std::uint64_t>(a.count / 10, 1, 1'000);
}

template <class End>
asio::awaitable<void> serve(End& end, const arguments& a)
{
    const std::uint64_t trips = a.count + warm_up_trips(a);
    for (std::uint64_t i = 0; i < trips; ++i)
        co_await end.echo();
}

template <class End>
asio::awaitable<report> ask(End& end, const arguments& a)
{
    const auto request = body_of(a.size);
    std::vector<std::uint64_t> samples(a.count);
    for (std::uint64_t i = 0; i < warm_up_trips(a); ++i)
    {
        co_await end.send(request);
        check_size(co_await end.receive(), a.size);
    }
    const measurement run;
    auto before = clock::now();
    for (auto& sample : samples)
    {
        co_await end.send(request);
        check_size(co_await end.receive(), a.size);
        const auto after = clock::now();
        sample = static_cast<std::uint64_t>(std::chrono::nanoseconds(after - before).count());
        before = after;
    }
    report result{a.count, run.span(), run.spent()};
    result.latency = latency_of(samples);
    co_return result;
}

template <class End>
asio::awaitable<void> push(End& end, const arguments& a)
{
    const auto body = body_of(a.size);
    for (std::uint64_t i = 0; i <= a.count; ++i)
        co_await end.send(body);
}

template <class End>
asio::awaitable<report> pull(End& end, const arguments& a)
{
    check_size(co_await end.receive(), a.size);
    const measurement run;
    std::uint64_t octets = 0;
    for (std::uint64_t i = 0; i < a.count; ++i)
        octets += co_await end.receive();
    const report result{a.count, run.span(), run.spent()};
    check_size(octets, a.count * a.size);
    co_return result;
}

template <class Library>
report run_coroutines(const arguments& a)
{
    asio::io_context first(1);
    asio::io_context second(1);
    asio::io_context& others = a.loops == 2 ? second : first;
    const bool asks = a.pattern == pattern::req_rep;
    typename Library::ends ends(
        (asks ? others : first).get_executor(), (asks ? first : others).get_executor(), a);
    report outcome;
    std::exception_ptr failure;
    const auto stop = [&](const std::exception_ptr& error) {
        if (error)
            failure = error;
        first.stop();
    };
    asio::co_spawn(others, asks ? serve(ends.binding(), a) : push(ends.connecting(), a),
        [&](const std::exception_ptr& error) {
            if (error)
                asio::post(first, [&, error] { stop(error); });
        });
    asio::co_spawn(first, asks ? ask(ends.connecting(), a) : pull(ends.binding(), a),
        [&](const std::exception_ptr& error, report measured) {
            outcome = std::move(measured);
            stop(error);
        });
    std::thread other;
    if (a.loops == 2)
        other = std::thread([&] { second.run(); });
    first.run();
    second.stop();
    if (other.joinable())
        other.join();
    if (failure)
        std::rethrow_exception(failure);
    return outcome;
}

/// What main() of each program does.
template <class Library>
int run_coroutine_program(int argc, char** argv)
{
    const arguments a = parse_arguments(argc, argv, Library::name);
    ::alarm(a.deadline);
    try
    {
        if (a.role != role::both || (a.pattern != pattern::req_rep && !Library::pushes))
            throw std::runtime_error("coroutines play both roles of req_rep, or of push_pull");
        const report result = run_coroutines<Library>(a);
        std::cout << to_json(result, a, Library::name, Library::version()) << std::endl;
        return EXIT_SUCCESS;
    }
    catch (const std::exception& e)
    {
        std::cerr << Library::name << ": " << e.what() << std::endl;
        return EXIT_FAILURE;
    }
}

}  // namespace bench
