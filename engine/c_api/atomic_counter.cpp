// Counters that several threads share. A wrong handle counts as 0 and changes nothing.
#include <atomic>
#include <cerrno>

#include <zmq.h>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/handle_table.hpp"

using ferry::c_api::fail;
using ferry::c_api::guarded_pointer;
using ferry::c_api::things;

namespace
{

struct counter
{
    std::atomic<int> value{0};
};

template <class Action>
int with_counter(const void* handle, Action action)
{
    const auto found = things<counter>().find(handle);
    if (found)
        return action(found->value);
    (void)fail(EFAULT);
    return 0;
}

}  // namespace

void* zmq_atomic_counter_new()
{
    return guarded_pointer([] { return things<counter>().make(); });
}

void zmq_atomic_counter_set(void* counter, int value)
{
    with_counter(counter, [value](std::atomic<int>& c) { return c = value; });
}

// What it was before.
int zmq_atomic_counter_inc(void* counter)
{
    return with_counter(counter, [](std::atomic<int>& c) { return c.fetch_add(1); });
}

// Whether it is still not 0.
int zmq_atomic_counter_dec(void* counter)
{
    return with_counter(counter, [](std::atomic<int>& c) { return c.fetch_sub(1) != 1 ? 1 : 0; });
}

int zmq_atomic_counter_value(void* counter)
{
    return with_counter(counter, [](const std::atomic<int>& c) { return c.load(); });
}

void zmq_atomic_counter_destroy(void** counter_handle)
{
    if (counter_handle == nullptr)
        return;
    const auto found = things<counter>().find(*counter_handle);
    if (found)
        found.close();
    *counter_handle = nullptr;
}
