/* Contexts: their options, and an end that wakes who waits and waits for who must finish. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "tests/c_api/check.h"

static void what_is_no_context_is_told_so(void)
{
    int on_the_stack[64] = {0};
    void* const foreign = on_the_stack;
    CHECK_FAILS(zmq_ctx_set(NULL, ZMQ_IO_THREADS, 1), EFAULT);
    CHECK_FAILS(zmq_ctx_get(NULL, ZMQ_IO_THREADS), EFAULT);
    CHECK_FAILS(zmq_ctx_shutdown(NULL), EFAULT);
    CHECK_FAILS(zmq_ctx_term(NULL), EFAULT);
    CHECK_FAILS_WITH_NULL(zmq_socket(NULL, ZMQ_PAIR), EFAULT);
    CHECK_FAILS(zmq_ctx_term(foreign), EFAULT);
    CHECK_FAILS_WITH_NULL(zmq_socket(foreign, ZMQ_PAIR), EFAULT);
}

static void an_ended_context_is_none_any_more(void)
{
    void* context = zmq_ctx_new();
    CHECK(context != NULL);
    CHECK(zmq_ctx_term(context) == 0);
    CHECK_FAILS(zmq_ctx_term(context), EFAULT);
    CHECK_FAILS(zmq_ctx_get(context, ZMQ_IO_THREADS), EFAULT);
    CHECK_FAILS_WITH_NULL(zmq_socket(context, ZMQ_PAIR), EFAULT);
}

static void options_have_their_defaults_and_ranges(void)
{
    void* context = zmq_ctx_new();
    CHECK(zmq_ctx_get(context, ZMQ_IO_THREADS) == 1);
    CHECK(zmq_ctx_get(context, ZMQ_MAX_SOCKETS) == 1023);
    CHECK(zmq_ctx_get(context, ZMQ_SOCKET_LIMIT) == 65535);
    CHECK(zmq_ctx_get(context, ZMQ_MAX_MSGSZ) == 2147483647);
    CHECK(zmq_ctx_get(context, ZMQ_MSG_T_SIZE) == 64);
    CHECK(zmq_ctx_get(context, ZMQ_IPV6) == 0);
    CHECK(zmq_ctx_get(context, ZMQ_BLOCKY) == 1);
    CHECK_FAILS(zmq_ctx_get(context, 4711), EINVAL);
    CHECK_FAILS(zmq_ctx_set(context, 4711, 1), EINVAL);
    CHECK_FAILS(zmq_ctx_set(context, ZMQ_IO_THREADS, -1), EINVAL);
    CHECK_FAILS(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 0), EINVAL);
    CHECK(zmq_ctx_set(context, ZMQ_IO_THREADS, 2) == 0);
    CHECK(zmq_ctx_get(context, ZMQ_IO_THREADS) == 2);
    CHECK_FAILS(zmq_ctx_set(context, ZMQ_THREAD_AFFINITY_CPU_REMOVE, 0), EINVAL);
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_AFFINITY_CPU_ADD, 0) == 0);
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_AFFINITY_CPU_REMOVE, 0) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

static void new_sockets_take_over_what_the_context_says(void)
{
    void* context = zmq_ctx_new();
    CHECK(zmq_ctx_set(context, ZMQ_IPV6, 2) == 0); /* anything but 0 */
    CHECK(zmq_ctx_get(context, ZMQ_IPV6) == 1);
    CHECK_FAILS(zmq_ctx_set(context, ZMQ_IPV6, -1), EINVAL);
    CHECK(zmq_ctx_set(context, ZMQ_BLOCKY, 0) == 0);
    void* socket = make(context, ZMQ_DEALER);
    CHECK(get_int(socket, ZMQ_IPV6) == 1);
    CHECK(get_int(socket, ZMQ_LINGER) == 0);
    CHECK(zmq_close(socket) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

static void there_is_a_limit_to_sockets(void)
{
    void* context = zmq_ctx_new();
    CHECK(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 2) == 0);
    void* first = make(context, ZMQ_PAIR);
    void* second = make(context, ZMQ_PAIR);
    CHECK_FAILS_WITH_NULL(zmq_socket(context, ZMQ_PAIR), EMFILE);
    CHECK(zmq_close(first) == 0);
    CHECK(zmq_close(second) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

static void the_old_names_work(void)
{
    CHECK_FAILS_WITH_NULL(zmq_init(-1), EINVAL);
    void* context = zmq_init(2);
    CHECK(zmq_ctx_get(context, ZMQ_IO_THREADS) == 2);
    CHECK(zmq_term(context) == 0);
    CHECK(zmq_ctx_destroy(zmq_ctx_new()) == 0);
}

static void shutdown_ends_all_calls_but_close(void)
{
    void* context = zmq_ctx_new();
    void* socket = make(context, ZMQ_DEALER);
    char buffer[8];
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    int value = 0;
    size_t size = sizeof value;
    CHECK(zmq_ctx_shutdown(context) == 0);
    CHECK(zmq_ctx_shutdown(context) == 0);
    CHECK_FAILS(zmq_recv(socket, buffer, sizeof buffer, 0), ETERM);
    CHECK_FAILS(zmq_send(socket, "a", 1, 0), ETERM);
    CHECK_FAILS(zmq_send(socket, "a", 1, ZMQ_SNDMORE), ETERM);
    CHECK_FAILS(zmq_bind(socket, "inproc://a"), ETERM);
    CHECK_FAILS(zmq_connect(socket, "inproc://a"), ETERM);
    CHECK_FAILS(zmq_unbind(socket, "inproc://a"), ETERM);
    CHECK_FAILS(zmq_getsockopt(socket, ZMQ_TYPE, &value, &size), ETERM);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_LINGER, &value, sizeof value), ETERM);
    CHECK_FAILS(zmq_poll(&item, 1, 0), ETERM);
    CHECK_FAILS_WITH_NULL(zmq_socket(context, ZMQ_PAIR), ETERM);
    CHECK(zmq_close(socket) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

/* --- with another thread ----------------------------------------------------------------------- */

struct waiting
{
    void* socket;
    int by_poll;
};

static void* wait_for_the_end(void* argument)
{
    const struct waiting* const w = argument;
    char buffer[8];
    zmq_pollitem_t item = {w->socket, 0, ZMQ_POLLIN, 0};
    if (w->by_poll)
        CHECK_FAILS(zmq_poll(&item, 1, -1), ETERM);
    else
        CHECK_FAILS(zmq_recv(w->socket, buffer, sizeof buffer, 0), ETERM);
    CHECK(zmq_close(w->socket) == 0);
    return NULL;
}

static void the_end_wakes_who_waits_and_waits_for_their_close(int by_poll)
{
    void* context = zmq_ctx_new();
    struct waiting w = {make(context, ZMQ_PULL), by_poll};
    pthread_t thread;
    CHECK(zmq_bind(w.socket, "tcp://127.0.0.1:*") == 0);
    CHECK(pthread_create(&thread, NULL, wait_for_the_end, &w) == 0);
    CHECK(zmq_ctx_term(context) == 0); /* whether the thread waits already, or not yet */
    CHECK(pthread_join(thread, NULL) == 0);
}

/* --- lingering ---------------------------------------------------------------------------------- */

static void close_and_end_deliver_what_was_sent(void)
{
    void* receiving = zmq_ctx_new();
    void* sending = zmq_ctx_new();
    void* pull = make(receiving, ZMQ_PULL);
    void* push = make(sending, ZMQ_PUSH);
    int i;
    set_int(pull, ZMQ_RCVTIMEO, 10000);
    join_over_tcp(pull, push);
    for (i = 0; i < 500; ++i)
        send_text(push, "to be delivered", 0);
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_ctx_term(sending) == 0);
    for (i = 0; i < 500; ++i)
        CHECK_RECEIVES(pull, "to be delivered");
    CHECK(zmq_close(pull) == 0);
    CHECK(zmq_ctx_term(receiving) == 0);
}

static void without_linger_the_end_does_not_wait(void)
{
    void* context = zmq_ctx_new();
    void* push = make(context, ZMQ_PUSH);
    const double before = seconds_now();
    set_int(push, ZMQ_LINGER, 0);
    CHECK(zmq_connect(push, "tcp://127.0.0.1:1") == 0);
    send_text(push, "nobody is there", 0);
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_ctx_term(context) == 0);
    CHECK(seconds_now() - before < 5);
}

static void on_signal(int number)
{
    (void)number;
}

static void* signal_until_told(void* argument)
{
    pthread_t* const other = argument;
    for (;;)
    {
        struct timespec pause = {0, 20 * 1000 * 1000};
        nanosleep(&pause, NULL);
        pthread_kill(*other, SIGUSR1);
    }
    return NULL;
}

/* By default what was sent is kept for ever: the end is told by a signal that it should not wait. */
static void a_signal_interrupts_the_end(void)
{
    void* context = zmq_ctx_new();
    void* push = make(context, ZMQ_PUSH);
    pthread_t self = pthread_self();
    pthread_t thread;
    CHECK(get_int(push, ZMQ_LINGER) == -1);
    CHECK(zmq_connect(push, "ipc:///nowhere/at/all") == 0);
    send_text(push, "nobody is there", 0);
    CHECK(zmq_close(push) == 0);
    CHECK(pthread_create(&thread, NULL, signal_until_told, &self) == 0);
    CHECK_FAILS(zmq_ctx_term(context), EINTR);
    CHECK_FAILS(zmq_ctx_term(context), EINTR);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
}

int main(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGUSR1, &action, NULL);

    what_is_no_context_is_told_so();
    an_ended_context_is_none_any_more();
    options_have_their_defaults_and_ranges();
    new_sockets_take_over_what_the_context_says();
    there_is_a_limit_to_sockets();
    the_old_names_work();
    shutdown_ends_all_calls_but_close();
    the_end_wakes_who_waits_and_waits_for_their_close(0);
    the_end_wakes_who_waits_and_waits_for_their_close(1);
    close_and_end_deliver_what_was_sent();
    without_linger_the_end_does_not_wait();
    a_signal_interrupts_the_end();
    return finish();
}
