/* Timers: when they are due, in which order, and what a handler may do. */
#include "tests/c_api/check.h"

static int calls[16]; /* the ids, in the order of the calls */
static int call_count;

static void note(int id, void* arg)
{
    (void)arg;
    if (call_count < 16)
        calls[call_count++] = id;
}

/* Waits as a program does, and executes, until so many calls were made, or more. */
static void run(void* timers, int count)
{
    const double deadline = seconds_now() + 10;
    while (call_count < count && seconds_now() < deadline)
    {
        zmq_poll(NULL, 0, zmq_timers_timeout(timers));
        CHECK(zmq_timers_execute(timers) == 0);
    }
    CHECK(call_count >= count);
}

static void* fresh(void)
{
    call_count = 0;
    void* timers = zmq_timers_new();
    CHECK(timers != NULL);
    return timers;
}

static void wrong_arguments_are_told(void)
{
    void* timers = fresh();
    void* destroyed = timers;
    CHECK_FAILS(zmq_timers_add(timers, 10, NULL, NULL), EFAULT);
    CHECK_FAILS(zmq_timers_cancel(timers, 1), EINVAL);
    CHECK_FAILS(zmq_timers_set_interval(timers, 1, 10), EINVAL);
    CHECK_FAILS(zmq_timers_reset(timers, 1), EINVAL);
    CHECK(zmq_timers_destroy(&timers) == 0);
    CHECK(timers == NULL);

    void* wrong[] = {NULL, destroyed, &timers};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i)
    {
        CHECK_FAILS(zmq_timers_add(wrong[i], 10, &note, NULL), EFAULT);
        CHECK_FAILS(zmq_timers_cancel(wrong[i], 1), EFAULT);
        CHECK_FAILS(zmq_timers_set_interval(wrong[i], 1, 10), EFAULT);
        CHECK_FAILS(zmq_timers_reset(wrong[i], 1), EFAULT);
        CHECK_FAILS(zmq_timers_timeout(wrong[i]), EFAULT);
        CHECK_FAILS(zmq_timers_execute(wrong[i]), EFAULT);
        CHECK_FAILS(zmq_timers_destroy(&wrong[i]), EFAULT);
    }
    CHECK_FAILS(zmq_timers_destroy(NULL), EFAULT);
}

static void without_a_timer_nothing_is_due(void)
{
    void* timers = fresh();
    CHECK(zmq_timers_timeout(timers) == -1);
    CHECK(zmq_timers_execute(timers) == 0);
    const int id = zmq_timers_add(timers, 100000, &note, NULL);
    CHECK(id > 0);
    const long left = zmq_timers_timeout(timers);
    CHECK(left > 90000 && left <= 100000);
    CHECK(zmq_timers_execute(timers) == 0);
    CHECK(call_count == 0);
    CHECK(zmq_timers_cancel(timers, id) == 0);
    CHECK(zmq_timers_timeout(timers) == -1);
    CHECK_FAILS(zmq_timers_cancel(timers, id), EINVAL);
    CHECK(zmq_timers_destroy(&timers) == 0);
}

static void they_fire_in_the_order_of_their_times_again_and_again(void)
{
    void* timers = fresh();
    const int late = zmq_timers_add(timers, 30, &note, NULL);
    const int early = zmq_timers_add(timers, 10, &note, NULL);
    zmq_poll(NULL, 0, 60); /* both are due */
    CHECK(zmq_timers_execute(timers) == 0);
    CHECK(call_count == 2 && calls[0] == early && calls[1] == late);
    CHECK(zmq_timers_timeout(timers) <= 10);
    run(timers, 5);
    CHECK(zmq_timers_destroy(&timers) == 0);
}

static void a_late_timer_fires_once(void)
{
    void* timers = fresh();
    zmq_timers_add(timers, 5, &note, NULL);
    zmq_poll(NULL, 0, 40);
    CHECK(zmq_timers_timeout(timers) == 0);
    CHECK(zmq_timers_execute(timers) == 0);
    CHECK(call_count == 1);
    CHECK(zmq_timers_destroy(&timers) == 0);
}

static void no_interval_is_once_for_each_execute(void)
{
    void* timers = fresh();
    zmq_timers_add(timers, 0, &note, NULL);
    CHECK(zmq_timers_timeout(timers) == 0);
    CHECK(zmq_timers_execute(timers) == 0);
    CHECK(call_count == 1);
    CHECK(zmq_timers_execute(timers) == 0);
    CHECK(call_count == 2);
    CHECK(zmq_timers_destroy(&timers) == 0);
}

static void the_longest_interval_is_never(void)
{
    void* timers = fresh();
    CHECK(zmq_timers_add(timers, (size_t)-1, &note, NULL) > 0);
    CHECK(zmq_timers_timeout(timers) > 1000000);
    CHECK(zmq_timers_execute(timers) == 0);
    CHECK(call_count == 0);
    CHECK(zmq_timers_destroy(&timers) == 0);
}

static void an_interval_can_be_changed_and_begun_anew(void)
{
    void* timers = fresh();
    const int id = zmq_timers_add(timers, 100000, &note, NULL);
    CHECK(zmq_timers_set_interval(timers, id, 10) == 0);
    CHECK(zmq_timers_timeout(timers) <= 10);
    zmq_poll(NULL, 0, 15);
    CHECK(zmq_timers_reset(timers, id) == 0);
    CHECK(zmq_timers_timeout(timers) > 0);
    run(timers, 1);
    CHECK(zmq_timers_destroy(&timers) == 0);
}

static void* shared_timers;
static int to_cancel;

static void cancel_both_and_add(int id, void* arg)
{
    note(id, arg);
    CHECK(zmq_timers_cancel(shared_timers, id) == 0);
    CHECK(zmq_timers_cancel(shared_timers, to_cancel) == 0);
    CHECK(zmq_timers_add(shared_timers, 1, &note, arg) > 0);
}

static void a_handler_may_cancel_and_add(void)
{
    shared_timers = fresh();
    const int first = zmq_timers_add(shared_timers, 5, &cancel_both_and_add, NULL);
    to_cancel = zmq_timers_add(shared_timers, 6, &note, NULL);
    zmq_poll(NULL, 0, 20); /* both are due */
    CHECK(zmq_timers_execute(shared_timers) == 0);
    CHECK(call_count == 1 && calls[0] == first);
    run(shared_timers, 2);
    CHECK(calls[1] != first && calls[1] != to_cancel);
    CHECK(zmq_timers_destroy(&shared_timers) == 0);
}

static void destroy_all(int id, void* arg)
{
    note(id, arg);
    CHECK(zmq_timers_destroy(&shared_timers) == 0);
}

static void a_handler_may_destroy_its_timers(void)
{
    shared_timers = fresh();
    void* timers = shared_timers;
    zmq_timers_add(timers, 0, &destroy_all, NULL);
    CHECK(zmq_timers_execute(timers) == 0);
    CHECK(call_count == 1);
    CHECK_FAILS(zmq_timers_execute(timers), EFAULT);
}

int main(void)
{
    ONLY_HERE(wrong_arguments_are_told());
    without_a_timer_nothing_is_due();
    they_fire_in_the_order_of_their_times_again_and_again();
    a_late_timer_fires_once();
    ONLY_HERE(no_interval_is_once_for_each_execute());
    ONLY_HERE(the_longest_interval_is_never());
    an_interval_can_be_changed_and_begun_anew();
    a_handler_may_cancel_and_add();
    ONLY_HERE(a_handler_may_destroy_its_timers());
    return finish();
}
