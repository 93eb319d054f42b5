#include "engine/held_signals.hpp"

#include <initializer_list>

#include <pthread.h>

namespace ferry::detail
{

namespace
{

// While they are held, signals are kept that nobody handles, and that would be ignored otherwise.
bool has_handler(int signal) noexcept
{
    struct sigaction action
    {
    };
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN &&
        action.sa_handler != SIG_DFL;
}

}  // namespace

held_signals::~held_signals()
{
    release();
}

void held_signals::hold() noexcept
{
    if (is_holding_)
        return;
    sigset_t held;
    sigfillset(&held);
    for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
        sigdelset(&held, own);
    is_holding_ = pthread_sigmask(SIG_BLOCK, &held, &before_) == 0;
}

bool held_signals::run_due() noexcept
{
    sigset_t due;
    if (!is_holding_ || sigpending(&due) != 0)
        return false;
    bool any = false;
    bool any_handler = false;
    for (int signal = 1; signal < NSIG; ++signal)
    {
        if (sigismember(&due, signal) != 1 || sigismember(&before_, signal) != 0)
            continue;
        any = true;
        any_handler = any_handler || has_handler(signal);
    }
    if (any)
        release();
    return any_handler;
}

void held_signals::release() noexcept
{
    if (!is_holding_)
        return;
    is_holding_ = false;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace ferry::detail
