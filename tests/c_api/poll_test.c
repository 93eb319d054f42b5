/* zmq_poll, and the descriptor that tells when ZMQ_EVENTS may have changed. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "tests/c_api/check.h"

static void arguments_are_checked(void* context)
{
    zmq_pollitem_t item = {NULL, 0, 0, 0};
    void* closed = make(context, ZMQ_PAIR);
    CHECK_FAILS(zmq_poll(&item, -1, 0), EINVAL);
    CHECK_FAILS(zmq_poll(NULL, 1, 0), EFAULT);
    CHECK(zmq_poll(NULL, 0, 0) == 0);
    CHECK(zmq_close(closed) == 0);
    item.socket = closed;
    CHECK_FAILS(zmq_poll(&item, 1, 0), ENOTSOCK);
}

static void without_items_it_sleeps(void)
{
    const double before = seconds_now();
    CHECK(zmq_poll(NULL, 0, 50) == 0);
    CHECK(seconds_now() - before >= 0.045);
}

static void sockets_are_waited_for(void* context)
{
    void* a = make(context, ZMQ_PAIR);
    void* b = make(context, ZMQ_PAIR);
    zmq_pollitem_t items[3] = {
        {a, 0, ZMQ_POLLIN, 77}, {b, 0, ZMQ_POLLIN, 77}, {a, 0, ZMQ_POLLOUT, 77}};
    const double before = seconds_now();
    limit_waiting(a);
    limit_waiting(b);
    CHECK(zmq_poll(items, 3, 30) == 0);
    CHECK(seconds_now() - before >= 0.025);
    CHECK(items[0].revents == 0 && items[1].revents == 0 && items[2].revents == 0);
    join_over_tcp(a, b);
    CHECK(zmq_poll(items, 3, 10000) == 1);
    CHECK(items[2].revents == ZMQ_POLLOUT);
    send_text(a, "x", ZMQ_SNDMORE);
    send_text(a, "y", 0);
    CHECK(zmq_poll(items, 2, 10000) == 1);
    CHECK(items[0].revents == 0 && items[1].revents == ZMQ_POLLIN);
    CHECK_RECEIVES(b, "x");
    CHECK(zmq_poll(items, 2, 0) == 1); /* the rest of the message */
    CHECK_RECEIVES(b, "y");
    CHECK(zmq_poll(items, 2, 0) == 0);
    CHECK(zmq_close(a) == 0);
    CHECK(zmq_close(b) == 0);
}

static void plain_descriptors_are_waited_for(void)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    zmq_pollitem_t items[2] = {{NULL, ends[0], ZMQ_POLLIN, 0}, {NULL, ends[1], ZMQ_POLLOUT, 0}};
    CHECK(zmq_poll(items, 1, 20) == 0);
    CHECK(zmq_poll(items, 2, -1) == 1);
    CHECK(items[1].revents == ZMQ_POLLOUT);
    CHECK(write(ends[1], "x", 1) == 1);
    CHECK(zmq_poll(items, 2, -1) == 2);
    CHECK(items[0].revents == ZMQ_POLLIN);
    close(ends[1]);
    close(ends[0]);
}

static void* send_later(void* socket)
{
    zmq_poll(NULL, 0, 30);
    send_text(socket, "late", 0);
    return NULL;
}

static void both_are_waited_for_together(void* context)
{
    void* a = make(context, ZMQ_PAIR);
    void* b = make(context, ZMQ_PAIR);
    int ends[2];
    int i;
    CHECK(pipe(ends) == 0);
    zmq_pollitem_t items[2] = {{b, 0, ZMQ_POLLIN, 0}, {NULL, ends[0], ZMQ_POLLIN, 0}};
    limit_waiting(a);
    limit_waiting(b);
    join_over_tcp(a, b);
    CHECK(zmq_poll(items, 2, 30) == 0);
    for (i = 0; i < 20; ++i)
    {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, send_later, a) == 0);
        CHECK(zmq_poll(items, 2, 10000) == 1);
        CHECK(items[0].revents == ZMQ_POLLIN && items[1].revents == 0);
        CHECK_RECEIVES(b, "late");
        CHECK(pthread_join(thread, NULL) == 0);
    }
    CHECK(write(ends[1], "x", 1) == 1);
    CHECK(zmq_poll(items, 2, 10000) == 1);
    CHECK(items[0].revents == 0 && items[1].revents == ZMQ_POLLIN);
    close(ends[0]);
    close(ends[1]);
    CHECK(zmq_close(a) == 0);
    CHECK(zmq_close(b) == 0);
}

/* --- the descriptor -------------------------------------------------------------------------------- */

static int is_readable(int descriptor, int timeout)
{
    struct pollfd item = {descriptor, POLLIN, 0};
    return poll(&item, 1, timeout) == 1;
}

/* As an event loop does it: look at the events, and sleep on the descriptor while they are not there. */
static int wait_for_event(void* socket, int event)
{
    const int descriptor = get_int(socket, ZMQ_FD);
    const double before = seconds_now();
    while ((get_int(socket, ZMQ_EVENTS) & event) == 0)
    {
        if (!is_readable(descriptor, 10000) || seconds_now() - before > 10)
            return 0;
    }
    return 1;
}

static void the_descriptor_tells_of_messages(void* context)
{
    void* push = make(context, ZMQ_PUSH);
    void* pull = make(context, ZMQ_PULL);
    int i;
    limit_waiting(push);
    limit_waiting(pull);
    CHECK(get_int(pull, ZMQ_FD) == get_int(pull, ZMQ_FD));
    join_over_tcp(pull, push);
    CHECK(wait_for_event(push, ZMQ_POLLOUT));
    for (i = 0; i < 300; ++i)
    {
        send_text(push, "x", 0);
        if (i % 3 == 0)
            send_text(push, "y", 0);
        CHECK(wait_for_event(pull, ZMQ_POLLIN));
        CHECK_RECEIVES(pull, "x");
        if (i % 3 == 0)
        {
            CHECK(wait_for_event(pull, ZMQ_POLLIN));
            CHECK_RECEIVES(pull, "y");
        }
        CHECK((get_int(pull, ZMQ_EVENTS) & ZMQ_POLLIN) == 0);
    }
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
}

/* Without a look at the events: a receive that finds nothing asks to be told, too. */
static void the_descriptor_tells_after_an_empty_receive(void* context)
{
    void* push = make(context, ZMQ_PUSH);
    void* pull = make(context, ZMQ_PULL);
    char buffer[8];
    int i;
    limit_waiting(push);
    join_over_tcp(pull, push);
    const int descriptor = get_int(pull, ZMQ_FD);
    for (i = 0; i < 100; ++i)
    {
        pthread_t thread;
        const double before = seconds_now();
        while (zmq_recv(pull, buffer, sizeof buffer, ZMQ_DONTWAIT) >= 0)
            ;
        if (i % 20 == 0)
            CHECK(pthread_create(&thread, NULL, send_later, push) == 0);
        else
            send_text(push, "at once", 0);
        while (
            zmq_recv(pull, buffer, sizeof buffer, ZMQ_DONTWAIT) < 0 && seconds_now() - before < 10)
        {
            if (is_readable(descriptor, 10000))
                (void)get_int(pull, ZMQ_EVENTS);
        }
        CHECK(seconds_now() - before < 10);
        if (i % 20 == 0)
            CHECK(pthread_join(thread, NULL) == 0);
    }
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
}

static void the_descriptor_tells_of_room(void* context)
{
    void* push = make(context, ZMQ_PUSH);
    void* pull = make(context, ZMQ_PULL);
    int descriptor;
    set_int(push, ZMQ_SNDHWM, 5);
    set_int(pull, ZMQ_RCVHWM, 5);
    limit_waiting(push);
    limit_waiting(pull);
    descriptor = get_int(push, ZMQ_FD);
    CHECK(zmq_connect(push, "ipc:///nowhere/at/all") == 0 && is_readable(descriptor, 10000));
    CHECK(zmq_disconnect(push, "ipc:///nowhere/at/all") == 0);
    CHECK((get_int(push, ZMQ_EVENTS) & ZMQ_POLLOUT) == 0);
    CHECK(!is_readable(descriptor, 0));
    CHECK(zmq_bind(pull, "inproc://room") == 0);
    CHECK(zmq_connect(push, "inproc://room") == 0);
    CHECK(wait_for_event(push, ZMQ_POLLOUT));
    while (zmq_send(push, "x", 1, ZMQ_DONTWAIT) == 1)
        ;
    CHECK((get_int(push, ZMQ_EVENTS) & ZMQ_POLLOUT) == 0);
    while (zmq_recv(pull, NULL, 0, ZMQ_DONTWAIT) == 1)
        ;
    CHECK(wait_for_event(push, ZMQ_POLLOUT));
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
}

static void the_descriptor_tells_of_the_end(void)
{
    void* context = zmq_ctx_new();
    void* pull = make(context, ZMQ_PULL);
    const int descriptor = get_int(pull, ZMQ_FD);
    int events = 0;
    size_t size = sizeof events;
    CHECK(get_int(pull, ZMQ_EVENTS) == 0);
    CHECK(zmq_ctx_shutdown(context) == 0);
    CHECK(is_readable(descriptor, 10000));
    CHECK_FAILS(zmq_getsockopt(pull, ZMQ_EVENTS, &events, &size), ETERM);
    CHECK(zmq_close(pull) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

/* --- signals --------------------------------------------------------------------------------------- */

static void on_signal(int number)
{
    (void)number;
}

static void* signal_until_cancelled(void* argument)
{
    for (;;)
    {
        struct timespec pause = {0, 20 * 1000 * 1000};
        nanosleep(&pause, NULL);
        pthread_kill(*(pthread_t*)argument, SIGUSR1);
    }
    return NULL;
}

static void a_signal_interrupts_a_poll(void* context)
{
    void* pull = make(context, ZMQ_PULL);
    int ends[2];
    pthread_t self = pthread_self();
    pthread_t thread;
    CHECK(pipe(ends) == 0);
    zmq_pollitem_t items[2] = {{pull, 0, ZMQ_POLLIN, 0}, {NULL, ends[0], ZMQ_POLLIN, 0}};
    CHECK(zmq_bind(pull, "tcp://127.0.0.1:*") == 0);
    CHECK(pthread_create(&thread, NULL, signal_until_cancelled, &self) == 0);
    CHECK_FAILS(zmq_poll(items, 1, -1), EINTR);
    CHECK_FAILS(zmq_poll(items, 2, -1), EINTR);
    CHECK_FAILS(zmq_poll(items + 1, 1, -1), EINTR);
    CHECK_FAILS(zmq_poll(NULL, 0, 10000), EINTR);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    close(ends[0]);
    close(ends[1]);
    CHECK(zmq_close(pull) == 0);
}

/* Until EAGAIN, and nobody asks for ZMQ_EVENTS. */
static void going_on_until_there_is_nothing_is_as_good_as_asking(void* context)
{
    void* push = make(context, ZMQ_PUSH);
    void* pull = make(context, ZMQ_PULL);
    char buffer[8];
    int i;
    limit_waiting(push);
    join_over_tcp(pull, push);
    const int descriptor = get_int(pull, ZMQ_FD);
    for (i = 0; i < 300; ++i)
    {
        CHECK_FAILS(zmq_recv(pull, buffer, sizeof buffer, ZMQ_DONTWAIT), EAGAIN);
        CHECK(!is_readable(descriptor, 0));
        send_text(push, "x", 0);
        if (i % 3 == 0)
            send_text(push, "x", 0);
        CHECK(is_readable(descriptor, 10000));
        CHECK_RECEIVES(pull, "x");
        if (i % 3 == 0)
            CHECK_RECEIVES(pull, "x");
    }
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGUSR1, &action, NULL);

    arguments_are_checked(context);
    without_items_it_sleeps();
    sockets_are_waited_for(context);
    plain_descriptors_are_waited_for();
    both_are_waited_for_together(context);
    the_descriptor_tells_of_messages(context);
    the_descriptor_tells_after_an_empty_receive(context);
    going_on_until_there_is_nothing_is_as_good_as_asking(context);
    the_descriptor_tells_of_room(context);
    the_descriptor_tells_of_the_end();
    a_signal_interrupts_a_poll(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
