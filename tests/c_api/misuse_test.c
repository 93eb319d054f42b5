/* What libzmq forbids must do no harm: sockets used by several threads, and closed while others are inside. */
#include <pthread.h>
#include <sched.h>

#include "tests/c_api/check.h"

enum
{
    users = 4,
    rounds = 200
};

struct scene
{
    void* sockets[2];
    int ready;
};

static int is_closed(int result)
{
    return result < 0 && (zmq_errno() == ENOTSOCK || zmq_errno() == ETERM);
}

static void wait_for_start(struct scene* s)
{
    __atomic_add_fetch(&s->ready, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&s->ready, __ATOMIC_SEQ_CST) <= users)
        sched_yield();
}

/* Until the socket is gone: whatever else the calls answer. */
static void* send_parts(void* argument)
{
    struct scene* const s = argument;
    int result;
    wait_for_start(s);
    do
    {
        zmq_send(s->sockets[0], "part", 4, ZMQ_DONTWAIT | ZMQ_SNDMORE);
        result = zmq_send(s->sockets[0], "whole", 5, ZMQ_DONTWAIT);
    } while (!is_closed(result));
    return NULL;
}

static void* receive_and_wait(void* argument)
{
    struct scene* const s = argument;
    char buffer[100];
    int result;
    wait_for_start(s);
    do
        result = zmq_recv(s->sockets[1], buffer, sizeof buffer, 0);
    while (!is_closed(result));
    return NULL;
}

static void* receive_messages(void* argument)
{
    struct scene* const s = argument;
    zmq_msg_t message;
    int result;
    zmq_msg_init(&message);
    wait_for_start(s);
    do
        result = zmq_msg_recv(&message, s->sockets[1], ZMQ_DONTWAIT);
    while (!is_closed(result));
    zmq_msg_close(&message);
    return NULL;
}

static void* poll_and_look(void* argument)
{
    struct scene* const s = argument;
    zmq_pollitem_t items[2] = {{s->sockets[0], 0, ZMQ_POLLOUT, 0}, {s->sockets[1], 0, ZMQ_POLLIN, 0}};
    int events = 0;
    size_t size = sizeof events;
    int result;
    wait_for_start(s);
    do
    {
        zmq_poll(items, 2, 1);
        zmq_getsockopt(s->sockets[1], ZMQ_FD, &events, &size);
        result = zmq_getsockopt(s->sockets[1], ZMQ_EVENTS, &events, &size);
    } while (!is_closed(result));
    return NULL;
}

static void sockets_are_closed_under_their_users(int type, int other_type)
{
    static void* (*const what_users_do[users])(void*) = {
        send_parts, receive_and_wait, receive_messages, poll_and_look};
    void* context = zmq_ctx_new();
    int round;
    for (round = 0; round < rounds; ++round)
    {
        struct scene s = {{make(context, type), make(context, other_type)}, 0};
        pthread_t threads[users];
        int i;
        set_int(s.sockets[0], ZMQ_LINGER, 0);
        set_int(s.sockets[1], ZMQ_RCVTIMEO, 2);
        CHECK(zmq_bind(s.sockets[1], "inproc://misused") == 0);
        CHECK(zmq_connect(s.sockets[0], "inproc://misused") == 0);
        for (i = 0; i < users; ++i)
            CHECK(pthread_create(&threads[i], NULL, what_users_do[i], &s) == 0);
        while (__atomic_load_n(&s.ready, __ATOMIC_SEQ_CST) < users)
            sched_yield();
        __atomic_add_fetch(&s.ready, 1, __ATOMIC_SEQ_CST);
        for (i = 0; i < round % 7; ++i)
            sched_yield();
        CHECK(zmq_close(s.sockets[0]) == 0);
        CHECK(zmq_close(s.sockets[1]) == 0);
        for (i = 0; i < users; ++i)
            CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK(zmq_ctx_term(context) == 0);
}

/* --- one socket, closed by many; one context, ended by many ----------------------------------------- */

static int closed_by_me;

static void* close_it(void* argument)
{
    struct scene* const s = argument;
    wait_for_start(s);
    if (zmq_close(s->sockets[0]) == 0)
        __atomic_add_fetch(&closed_by_me, 1, __ATOMIC_SEQ_CST);
    else
        CHECK(zmq_errno() == ENOTSOCK);
    return NULL;
}

static void a_socket_is_closed_once(void)
{
    void* context = zmq_ctx_new();
    int round;
    for (round = 0; round < rounds; ++round)
    {
        struct scene s = {{make(context, ZMQ_DEALER), NULL}, 1};
        pthread_t threads[users];
        int i;
        closed_by_me = 0;
        for (i = 0; i < users; ++i)
            CHECK(pthread_create(&threads[i], NULL, close_it, &s) == 0);
        for (i = 0; i < users; ++i)
            CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(closed_by_me == 1);
    }
    CHECK(zmq_ctx_term(context) == 0);
}

static void* end_it(void* context)
{
    const int result = zmq_ctx_term(context);
    CHECK(result == 0 || zmq_errno() == EFAULT);
    return NULL;
}

static void a_context_is_ended_by_many(void)
{
    int round;
    for (round = 0; round < rounds; ++round)
    {
        void* context = zmq_ctx_new();
        void* socket = make(context, ZMQ_PULL);
        pthread_t threads[users];
        int i;
        CHECK(zmq_bind(socket, "inproc://ended") == 0);
        for (i = 0; i < users; ++i)
            CHECK(pthread_create(&threads[i], NULL, end_it, context) == 0);
        CHECK_FAILS(zmq_recv(socket, NULL, 0, 0), ETERM);
        CHECK(zmq_close(socket) == 0);
        for (i = 0; i < users; ++i)
            CHECK(pthread_join(threads[i], NULL) == 0);
    }
}

int main(void)
{
    sockets_are_closed_under_their_users(ZMQ_PUSH, ZMQ_PULL);
    sockets_are_closed_under_their_users(ZMQ_DEALER, ZMQ_ROUTER);
    a_socket_is_closed_once();
    a_context_is_ended_by_many();
    return finish();
}
