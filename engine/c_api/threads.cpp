// Threads for C programs. Signals are blocked in them: handlers run in the program's other threads.
#include <cerrno>
#include <csignal>
#include <thread>

#include <zmq.h>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/handle_table.hpp"

using ferry::c_api::fail;
using ferry::c_api::guarded_pointer;
using ferry::c_api::things;

namespace
{

/// All signals are blocked in this thread, and in those it starts, while this lives.
class blocked_signals
{
public:
    blocked_signals() noexcept
    {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~blocked_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    blocked_signals(const blocked_signals&) = delete;
    blocked_signals& operator=(const blocked_signals&) = delete;

private:
    sigset_t before_{};
};

struct running_thread
{
    running_thread(zmq_thread_fn* function, void* argument) : thread(function, argument) {}
    ~running_thread()
    {
        if (thread.joinable())
            thread.detach();
    }
    running_thread(const running_thread&) = delete;
    running_thread& operator=(const running_thread&) = delete;

    std::thread thread;
};

}  // namespace

void* zmq_threadstart(zmq_thread_fn* function, void* arg)
{
    if (function == nullptr)
        return ferry::c_api::fail_null(EFAULT);
    const blocked_signals while_it_starts;
    return guarded_pointer([&] { return things<running_thread>().make(function, arg); });
}

// A thread that closes itself goes on alone.
void zmq_threadclose(void* thread)
{
    const auto found = things<running_thread>().find(thread);
    if (!found || !found.close())
    {
        (void)fail(EFAULT);
        return;
    }
    if (found->thread.get_id() != std::this_thread::get_id())
        found->thread.join();
}
