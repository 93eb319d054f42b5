/* What the library says about itself and about errors, and the helpers beside the sockets. */
#include "tests/c_api/check.h"

#include <pthread.h>
#include <signal.h>

static void versions_and_capabilities_are_told(void)
{
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    CHECK(ZMQ_MAKE_VERSION(major, minor, patch) == ZMQ_VERSION);
    zmq_version(NULL, NULL, NULL);

    CHECK(zmq_has("ipc") == 1);
    CHECK(zmq_has("IPC") == 0);
#ifdef FERRY_ZMQ_DRAFTS
    CHECK(zmq_has("draft") == 1);
#else
    CHECK(zmq_has("draft") == 0);
#endif
    CHECK(zmq_has("no such thing") == 0);
    CHECK(zmq_has("") == 0);
    CHECK(zmq_has(NULL) == 0);
}

static void errors_have_texts(void)
{
    CHECK(strcmp(zmq_strerror(EFSM), "Operation cannot be accomplished in current state") == 0);
    CHECK(strcmp(zmq_strerror(ENOCOMPATPROTO),
              "The protocol is not compatible with the socket type") == 0);
    CHECK(strcmp(zmq_strerror(ETERM), "Context was terminated") == 0);
    CHECK(strcmp(zmq_strerror(EMTHREAD), "No thread available") == 0);
    CHECK(strcmp(zmq_strerror(EHOSTUNREACH), "Host unreachable") == 0);
    CHECK(strcmp(zmq_strerror(EAGAIN), strerror(EAGAIN)) == 0);
    CHECK(zmq_strerror(-1) != NULL && zmq_strerror(0) != NULL);
    errno = EBUSY;
    CHECK(zmq_errno() == EBUSY);
}

static void counters_count(void)
{
    void* counter = zmq_atomic_counter_new();
    CHECK(zmq_atomic_counter_value(counter) == 0);
    CHECK(zmq_atomic_counter_inc(counter) == 0);
    CHECK(zmq_atomic_counter_inc(counter) == 1);
    CHECK(zmq_atomic_counter_dec(counter) == 1);
    CHECK(zmq_atomic_counter_dec(counter) == 0);
    zmq_atomic_counter_set(counter, -7);
    CHECK(zmq_atomic_counter_inc(counter) == -7);
    CHECK(zmq_atomic_counter_value(counter) == -6);

    void* old = counter;
    zmq_atomic_counter_destroy(&counter);
    CHECK(counter == NULL);
    CHECK(zmq_atomic_counter_value(old) == 0);
    CHECK(zmq_atomic_counter_inc(NULL) == 0);
    CHECK(zmq_atomic_counter_dec("no counter") == 0);
    zmq_atomic_counter_set(old, 1);
    zmq_atomic_counter_destroy(&old);
    zmq_atomic_counter_destroy(&counter);
    zmq_atomic_counter_destroy(NULL);
}

static void count_to_a_thousand(void* counter)
{
    for (int i = 0; i < 1000; ++i)
        zmq_atomic_counter_inc(counter);
}

static void threads_run_and_are_waited_for(void)
{
    void* counter = zmq_atomic_counter_new();
    void* one = zmq_threadstart(&count_to_a_thousand, counter);
    void* other = zmq_threadstart(&count_to_a_thousand, counter);
    CHECK(one != NULL && other != NULL);
    zmq_threadclose(one);
    zmq_threadclose(other);
    CHECK(zmq_atomic_counter_value(counter) == 2000);
    zmq_threadclose(one);
    zmq_threadclose(NULL);
    CHECK_FAILS_WITH_NULL(zmq_threadstart(NULL, NULL), EFAULT);
    zmq_atomic_counter_destroy(&counter);
}

static void tell_whether_signals_are_blocked(void* result)
{
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    *(int*)result = sigismember(&blocked, SIGINT) && sigismember(&blocked, SIGUSR1);
}

static void signals_are_for_the_programs_own_threads(void)
{
    int in_thread = 0;
    int here = 1;
    zmq_threadclose(zmq_threadstart(&tell_whether_signals_are_blocked, &in_thread));
    tell_whether_signals_are_blocked(&here);
    CHECK(in_thread == 1);
    CHECK(here == 0);
}

static void* own_handle;
static void* has_closed_itself;

static void close_itself(void* may_begin)
{
    while (zmq_atomic_counter_value(may_begin) == 0)
        zmq_poll(NULL, 0, 1);
    zmq_threadclose(own_handle);
    zmq_atomic_counter_set(has_closed_itself, 1);
}

static void a_thread_that_closes_itself_goes_on(void)
{
    void* may_begin = zmq_atomic_counter_new();
    has_closed_itself = zmq_atomic_counter_new();
    own_handle = zmq_threadstart(&close_itself, may_begin);
    zmq_atomic_counter_set(may_begin, 1);
    const double deadline = seconds_now() + 10;
    while (zmq_atomic_counter_value(has_closed_itself) == 0 && seconds_now() < deadline)
        zmq_poll(NULL, 0, 1);
    CHECK(zmq_atomic_counter_value(has_closed_itself) == 1);
}

static void watches_tell_microseconds(void)
{
    void* watch = zmq_stopwatch_start();
    CHECK(watch != NULL);
    const double start = seconds_now();
    zmq_poll(NULL, 0, 20);
    const unsigned long first = zmq_stopwatch_intermediate(watch);
    const unsigned long last = zmq_stopwatch_stop(watch);
    const double elapsed = (seconds_now() - start) * 1e6;
    CHECK(first >= 19000 && first <= last);
    CHECK((double)last <= elapsed + 1000);
    CHECK(zmq_stopwatch_stop(watch) == 0);
    CHECK(zmq_stopwatch_intermediate(NULL) == 0);
    zmq_sleep(0);
    zmq_sleep(-1);
}

int main(void)
{
    ONLY_HERE(versions_and_capabilities_are_told());
    errors_have_texts();
    ONLY_HERE(counters_count());
    ONLY_HERE(threads_run_and_are_waited_for());
    signals_are_for_the_programs_own_threads();
    ONLY_HERE(a_thread_that_closes_itself_goes_on());
    ONLY_HERE(watches_tell_microseconds());
    return finish();
}
