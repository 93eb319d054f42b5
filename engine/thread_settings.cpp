#include "engine/thread_settings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <pthread.h>
#include <sched.h>

#if defined(__linux__)
#include <sys/resource.h>
#endif

namespace ferry::detail
{

namespace
{

bool has_priorities(int policy) noexcept
{
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

void schedule(int policy, int priority) noexcept
{
    int now = SCHED_OTHER;
    sched_param parameter{};
    (void)pthread_getschedparam(pthread_self(), &now, &parameter);
    const int wanted = policy != -1 ? policy : now;
    parameter.sched_priority = has_priorities(wanted) ? priority : 0;
    const bool changes = policy != -1 || has_priorities(wanted);
    if (changes && pthread_setschedparam(pthread_self(), wanted, &parameter) != 0)
        return;
#if defined(__linux__)
    constexpr int most_urgent = -20;
    if (priority != -1 && !has_priorities(wanted))
        (void)setpriority(PRIO_PROCESS, 0, most_urgent);  // 0 is this thread, on Linux
#endif
}

#if defined(__linux__)

void call(const std::string& name) noexcept
{
    std::array<char, 16> shown{};  // what Linux keeps, with a zero at the end
    name.copy(shown.data(), shown.size() - 1);
    (void)pthread_setname_np(pthread_self(), shown.data());
}

void stay_on(const std::vector<int>& processors) noexcept
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int each : processors)
    {
        if (each >= 0 && each < CPU_SETSIZE)
            CPU_SET(static_cast<std::size_t>(each), &set);
    }
    (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

#else

// TODO(port): names and processors of threads.
void call(const std::string&) noexcept {}
void stay_on(const std::vector<int>&) noexcept {}

#endif

}  // namespace

void apply(const thread_settings& settings) noexcept
{
    if (!settings.name.empty())
        call(settings.name);
    if (!settings.processors.empty())
        stay_on(settings.processors);
    if (settings.policy != -1 || settings.priority != -1)
        schedule(settings.policy, settings.priority);
}

}  // namespace ferry::detail
