/* Signals that come while messages do: a call ends with EINTR or with a message, and no message is lost. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>

#include "tests/c_api/check.h"

static volatile sig_atomic_t handled;
static int is_over; /* for both threads: atomic */

static void on_signal(int number)
{
    (void)number;
    ++handled;
}

/* A message every millisecond, and a signal every other one. */
struct trickle
{
    void* push;
    pthread_t receiver;
};

static void* send_and_signal(void* argument)
{
    const struct trickle* const t = argument;
    const struct timespec pause = {0, 500 * 1000};
    unsigned long number;
    for (number = 0; !__atomic_load_n(&is_over, __ATOMIC_ACQUIRE); ++number)
    {
        CHECK(zmq_send(t->push, &number, sizeof number, 0) == sizeof number);
        nanosleep(&pause, NULL);
        if (number % 2 == 0)
            pthread_kill(t->receiver, SIGUSR1);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static int receive(void* socket, void* buffer, size_t size, int by_poll)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    if (by_poll && zmq_poll(&item, 1, 10000) == -1)
        return -1;
    return zmq_recv(socket, buffer, size, by_poll ? ZMQ_DONTWAIT : 0);
}

static void signals_are_seen_among_messages(int by_poll)
{
    void* context = zmq_ctx_new();
    void* elsewhere = zmq_ctx_new();
    void* pull = make(context, ZMQ_PULL);
    struct trickle t = {make(elsewhere, ZMQ_PUSH), pthread_self()};
    unsigned long next = 0;
    int interrupted = 0;
    pthread_t thread;
    handled = 0;
    __atomic_store_n(&is_over, 0, __ATOMIC_RELEASE);
    limit_waiting(pull);
    limit_waiting(t.push);
    join_over_tcp(pull, t.push);
    CHECK(pthread_create(&thread, NULL, send_and_signal, &t) == 0);
    while (next < 600 && check_failures == 0)
    {
        unsigned long number = 0;
        const int size = receive(pull, &number, sizeof number, by_poll);
        if (size == sizeof number)
            CHECK(number == next++);
        else if (zmq_errno() == EINTR)
            ++interrupted;
        else
            CHECK(!"a message or EINTR");
    }
    __atomic_store_n(&is_over, 1, __ATOMIC_RELEASE);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(handled > 100);
    CHECK(interrupted > handled / 10 && interrupted <= handled);
    CHECK(zmq_close(pull) == 0);
    CHECK(zmq_close(t.push) == 0);
    CHECK(zmq_ctx_term(elsewhere) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

int main(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGUSR1, &action, NULL);

    signals_are_seen_among_messages(0);
    signals_are_seen_among_messages(1);
    return finish();
}
