// Elapsed time in microseconds, and a sleep in seconds. A wrong handle has run for 0 microseconds.
#include <cerrno>
#include <chrono>
#include <ctime>

#include <zmq.h>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/handle_table.hpp"

using ferry::c_api::fail;
using ferry::c_api::guarded_pointer;
using ferry::c_api::things;

namespace
{

using clock_type = std::chrono::steady_clock;

struct stopwatch
{
    clock_type::time_point started = clock_type::now();
};

unsigned long microseconds_of(const stopwatch& watch)
{
    const auto elapsed = clock_type::now() - watch.started;
    return static_cast<unsigned long>(
        std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
}

}  // namespace

void* zmq_stopwatch_start()
{
    return guarded_pointer([] { return things<stopwatch>().make(); });
}

unsigned long zmq_stopwatch_intermediate(void* watch)
{
    const auto found = things<stopwatch>().find(watch);
    if (found)
        return microseconds_of(*found);
    (void)fail(EFAULT);
    return 0;
}

unsigned long zmq_stopwatch_stop(void* watch)
{
    const auto found = things<stopwatch>().find(watch);
    if (found && found.close())
        return microseconds_of(*found);
    (void)fail(EFAULT);
    return 0;
}

// Ends early when a signal handler ran, as sleep(3) does.
void zmq_sleep(int seconds)
{
    if (seconds <= 0)
        return;
    const timespec length{seconds, 0};
    (void)nanosleep(&length, nullptr);
}
