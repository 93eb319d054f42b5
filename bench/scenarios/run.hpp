// From the command line to the line of JSON, for any library.
#pragma once

#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>

#include <unistd.h>

#include "bench/scenarios/dealer_router.hpp"
#include "bench/scenarios/idle.hpp"
#include "bench/scenarios/pub_sub.hpp"
#include "bench/scenarios/push_pull.hpp"
#include "bench/scenarios/push_spread.hpp"
#include "bench/scenarios/req_rep.hpp"
#include "bench/scenarios/subscriptions.hpp"
#include "bench/scenarios/trickle.hpp"

namespace bench
{

/// Both ends as two threads. What they report of CPU time is the whole process's.
template <class Library, class Scenario>
report run_both(
    typename Library::context& context, typename Library::socket& bound, const arguments& a)
{
    auto other = std::async(std::launch::async,
        [&context, &a] { return Scenario::template connecting<Library>(context, a); });
    try
    {
        const report own = Scenario::template binding<Library>(context, bound, a);
        const report others = other.get();
        return Scenario::binder_reports ? own : others;
    }
    catch (const std::exception& e)
    {
        // The other thread may wait for ever for its end of the work.
        std::cerr << Library::name << ": " << e.what() << std::endl;
        std::_Exit(EXIT_FAILURE);
    }
}

template <class Library, class Scenario>
report run_scenario(arguments a)
{
    if constexpr (requires { Scenario::prepare(a); })
        Scenario::prepare(a);
    a.counts_peers = Scenario::counts_peers;
    typename Library::context context(a);
    if (a.role == role::connecting)
        return Scenario::template connecting<Library>(context, a);

    typename Library::socket bound(context, Scenario::binding_kind, a);
    a.endpoint = bound.bind(a.endpoint);
    if (a.role == role::both)
        return run_both<Library, Scenario>(context, bound, a);
    announce(a.endpoint);
    return Scenario::template binding<Library>(context, bound, a);
}

template <class Library>
report run_pattern(const arguments& a)
{
    switch (a.pattern)
    {
    case pattern::push_pull: return run_scenario<Library, push_pull>(a);
    case pattern::push_spread: return run_scenario<Library, push_spread>(a);
    case pattern::req_rep: return run_scenario<Library, req_rep>(a);
    case pattern::dealer_router: return run_scenario<Library, dealer_router>(a);
    case pattern::pub_sub: return run_scenario<Library, pub_sub>(a);
    case pattern::subscriptions: return run_scenario<Library, subscriptions>(a);
    case pattern::trickle: return trickle::run<Library>(a);
    case pattern::idle: return run_scenario<Library, idle>(a);
    }
    return {};
}

/// What main() of each program does.
template <class Library>
int run(int argc, char** argv)
{
    const arguments a = parse_arguments(argc, argv, Library::name);
    ::alarm(a.deadline);  // an end whose other end is gone would wait for ever
    try
    {
        const report result = run_pattern<Library>(a);
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
