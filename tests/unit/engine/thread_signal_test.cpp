#include "engine/thread_signal.hpp"

#include <pthread.h>

#include <csignal>
#include <semaphore>
#include <thread>

#include "tests/support/catch.hpp"

using ferry::detail::thread_signal;
using namespace std::chrono_literals;

namespace
{

// Sends a signal to the thread that made it, again and again until it is destroyed: a single one
// might come just before the wait begins.
class pestering_thread
{
public:
    pestering_thread() : target_(pthread_self()), thread_([this] { run(); }) {}
    ~pestering_thread()
    {
        stop_.release();
        thread_.join();
    }

private:
    void run()
    {
        while (!stop_.try_acquire_for(1ms))
            pthread_kill(target_, SIGUSR1);
    }

    pthread_t target_;
    std::binary_semaphore stop_{0};
    std::thread thread_;
};

thread_signal::result wait_while_signals_come(int flags)
{
    struct sigaction act = {};
    struct sigaction before = {};
    act.sa_handler = [](int) {};
    act.sa_flags = flags;
    sigaction(SIGUSR1, &act, &before);
    thread_signal signal;
    thread_signal::result result{};
    {
        const pestering_thread other;
        result = signal.wait_until(std::chrono::steady_clock::now() + 20s);
    }
    sigaction(SIGUSR1, &before, nullptr);
    return result;
}

}  // namespace

TEST_CASE("a wait ends when another thread sets the signal")
{
    thread_signal signal;
    std::thread other([&] { signal.set(); });
    CHECK(signal.wait_until(thread_signal::time_point::max()) == thread_signal::result::set);
    other.join();
}

TEST_CASE("a signal that is set already does not wait")
{
    thread_signal signal;
    signal.set();
    CHECK(signal.wait_until(thread_signal::time_point::min()) == thread_signal::result::set);
}

TEST_CASE("a wait ends at its limit")
{
    thread_signal signal;
    CHECK(signal.wait_until(thread_signal::time_point::min()) == thread_signal::result::timed_out);
    const auto limit = std::chrono::steady_clock::now() + 5ms;
    CHECK(signal.wait_until(limit) == thread_signal::result::timed_out);
    CHECK(std::chrono::steady_clock::now() >= limit);
}

TEST_CASE("a handler without SA_RESTART interrupts a wait")
{
    CHECK(wait_while_signals_come(0) == thread_signal::result::interrupted);
}

TEST_CASE("a handler with SA_RESTART interrupts a wait")
{
    CHECK(wait_while_signals_come(SA_RESTART) == thread_signal::result::interrupted);
}
