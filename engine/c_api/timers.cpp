// Timers that a program runs from its own loop: zmq_timers_timeout says how long to wait, zmq_timers_execute calls.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <zmq.h>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/handle_table.hpp"

namespace
{

using namespace ferry::c_api;
using std::chrono::milliseconds;
using clock_type = std::chrono::steady_clock;
using time_point = clock_type::time_point;

// Nobody waits longer; sums with a time of the clock do not overflow.
constexpr milliseconds longest_interval = std::chrono::hours(24 * 365 * 100);

milliseconds interval_of(size_t interval)
{
    const auto longest = static_cast<size_t>(longest_interval.count());
    return milliseconds(static_cast<milliseconds::rep>(std::min(interval, longest)));
}

/// Each timer fires again and again, once per call of execute at most however late that is.
///
/// Thread safety: all members, from any thread. Handlers may call anything, and are called without the lock.
class timer_set
{
public:
    int add(milliseconds interval, zmq_timer_fn* handler, void* arg)
    {
        const std::lock_guard lock(mutex_);
        const int id = ++last_id_;
        timers_[id] = {interval, handler, arg, {}};
        start(id, clock_type::now());
        return id;
    }
    bool cancel(int id)
    {
        const std::lock_guard lock(mutex_);
        const auto found = timers_.find(id);
        if (found == timers_.end())
            return false;
        order_.erase({found->second.due, id});
        timers_.erase(found);
        return true;
    }
    /// Its next time is a whole interval from now; `interval`: a new one.
    bool restart(int id, std::optional<milliseconds> interval)
    {
        const std::lock_guard lock(mutex_);
        const auto found = timers_.find(id);
        if (found == timers_.end())
            return false;
        order_.erase({found->second.due, id});
        found->second.interval = interval.value_or(found->second.interval);
        start(id, clock_type::now());
        return true;
    }
    /// Until the first one is due. Empty: there is none.
    std::optional<milliseconds> time_left() const
    {
        const std::lock_guard lock(mutex_);
        if (order_.empty())
            return {};
        const auto left = order_.begin()->first - clock_type::now();
        return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left));
    }
    void execute()
    {
        const time_point now = clock_type::now();
        for (const int id : due_at(now))
        {
            if (const auto call = begin(id, now))
                call->handler(id, call->arg);
        }
    }

private:
    struct timer
    {
        milliseconds interval{0};
        zmq_timer_fn* handler = nullptr;
        void* arg = nullptr;
        time_point due;
    };

    void start(int id, time_point now)
    {
        timer& t = timers_[id];
        t.due = now + t.interval;
        order_.insert({t.due, id});
    }
    std::vector<int> due_at(time_point now) const
    {
        const std::lock_guard lock(mutex_);
        std::vector<int> ids;
        for (auto i = order_.begin(); i != order_.end() && i->first <= now; ++i)
            ids.push_back(i->second);
        return ids;
    }
    // Unless a handler called before it has cancelled it, or put it off.
    std::optional<timer> begin(int id, time_point now)
    {
        const std::lock_guard lock(mutex_);
        const auto found = timers_.find(id);
        if (found == timers_.end() || found->second.due > now)
            return {};
        const timer called = found->second;
        order_.erase({called.due, id});
        start(id, now);
        return called;
    }

    mutable std::mutex mutex_;
    std::map<int, timer> timers_;
    std::set<std::pair<time_point, int>> order_;
    int last_id_ = 0;
};

template <class Call>
int with_timers(const void* handle, Call call)
{
    const auto found = things<timer_set>().find(handle);
    if (!found)
        return fail(EFAULT);
    return guarded([&] { return call(*found); });
}

int known(bool is_known)
{
    return is_known ? 0 : fail(EINVAL);
}

}  // namespace

void* zmq_timers_new()
{
    return guarded_pointer([] { return things<timer_set>().make(); });
}

int zmq_timers_destroy(void** timers)
{
    if (timers == nullptr)
        return fail(EFAULT);
    const auto found = things<timer_set>().find(*timers);
    if (!found || !found.close())
        return fail(EFAULT);
    *timers = nullptr;
    return 0;
}

int zmq_timers_add(void* timers, size_t interval, zmq_timer_fn* handler, void* arg)
{
    return with_timers(timers, [&](timer_set& all) {
        return handler != nullptr ? all.add(interval_of(interval), handler, arg) : fail(EFAULT);
    });
}

int zmq_timers_cancel(void* timers, int timer_id)
{
    return with_timers(timers, [&](timer_set& all) { return known(all.cancel(timer_id)); });
}

int zmq_timers_set_interval(void* timers, int timer_id, size_t interval)
{
    return with_timers(timers,
        [&](timer_set& all) { return known(all.restart(timer_id, interval_of(interval))); });
}

int zmq_timers_reset(void* timers, int timer_id)
{
    return with_timers(timers, [&](timer_set& all) { return known(all.restart(timer_id, {})); });
}

long zmq_timers_timeout(void* timers)
{
    const auto found = things<timer_set>().find(timers);
    if (!found)
        return fail(EFAULT);
    const auto left = found->time_left();
    return left ? static_cast<long>(left->count()) : -1;
}

int zmq_timers_execute(void* timers)
{
    return with_timers(timers, [](timer_set& all) {
        all.execute();
        return 0;
    });
}
