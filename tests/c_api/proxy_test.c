/* zmq_proxy, zmq_proxy_steerable, zmq_device: what passes, what stops it, and what the control socket is told. */
#include "tests/c_api/check.h"

#include <pthread.h>
#include <signal.h>

struct proxy
{
    void* front;
    void* back;
    void* capture;
    void* control;
    int result;
    int error_number;
    void* ended; /* a counter */
    pthread_t thread;
};

static void* run_proxy(void* argument)
{
    struct proxy* p = argument;
    p->result = p->control != NULL ? zmq_proxy_steerable(p->front, p->back, p->capture, p->control)
                                   : zmq_proxy(p->front, p->back, p->capture);
    p->error_number = zmq_errno();
    if (p->ended != NULL)
        zmq_atomic_counter_set(p->ended, 1);
    return NULL;
}

static void start(struct proxy* p)
{
    CHECK(pthread_create(&p->thread, NULL, &run_proxy, p) == 0);
}

static void wait_for_end(struct proxy* p)
{
    CHECK(pthread_join(p->thread, NULL) == 0);
}

static void* bound(void* context, int type, const char* endpoint)
{
    void* socket = make(context, type);
    limit_waiting(socket);
    CHECK(zmq_bind(socket, endpoint) == 0);
    return socket;
}

static void* connected(void* context, int type, const char* endpoint)
{
    void* socket = make(context, type);
    limit_waiting(socket);
    CHECK(zmq_connect(socket, endpoint) == 0);
    return socket;
}

static void close_all(void* const* sockets, size_t count)
{
    for (size_t i = 0; i < count; ++i)
    {
        if (sockets[i] != NULL)
            CHECK(zmq_close(sockets[i]) == 0);
    }
}

#define CLOSE(...) close_all((void*[]){__VA_ARGS__}, sizeof((void*[]){__VA_ARGS__}) / sizeof(void*))

static void wrong_arguments_are_told(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    void* closed = make(context, ZMQ_DEALER);
    CHECK(zmq_close(closed) == 0);
    CHECK_FAILS(zmq_proxy(NULL, NULL, NULL), EFAULT);
    CHECK_FAILS(zmq_proxy(socket, NULL, NULL), EFAULT);
    CHECK_FAILS(zmq_proxy(NULL, socket, NULL), EFAULT);
    CHECK_FAILS(zmq_proxy(closed, socket, NULL), ENOTSOCK);
    CHECK_FAILS(zmq_proxy(socket, closed, NULL), ENOTSOCK);
    CHECK_FAILS(zmq_proxy(socket, socket, closed), ENOTSOCK);
    CHECK_FAILS(zmq_proxy_steerable(socket, socket, NULL, closed), ENOTSOCK);
    CHECK_FAILS(zmq_proxy_steerable(NULL, socket, NULL, socket), EFAULT);
    CHECK_FAILS(zmq_device(ZMQ_QUEUE, NULL, socket), EFAULT);
    CHECK_FAILS(zmq_device(ZMQ_QUEUE, context, socket), ENOTSOCK);
    CHECK(zmq_close(socket) == 0);
}

static void questions_and_answers_pass_until_the_context_ends(void)
{
    void* context = zmq_ctx_new();
    struct proxy p = {.front = bound(context, ZMQ_ROUTER, "inproc://front"),
        .back = bound(context, ZMQ_DEALER, "inproc://back"),
        .capture = bound(context, ZMQ_PUSH, "inproc://capture")};
    void* copies = connected(context, ZMQ_PULL, "inproc://capture");
    void* client = connected(context, ZMQ_REQ, "inproc://front");
    void* server = connected(context, ZMQ_REP, "inproc://back");
    start(&p);
    for (int i = 0; i < 3; ++i)
    {
        send_text(client, "many", ZMQ_SNDMORE);
        send_text(client, "parts", 0);
        CHECK_RECEIVES(server, "many");
        CHECK_RECEIVES(server, "parts");
        send_text(server, "one", 0);
        CHECK_RECEIVES(client, "one");
    }
    char id[16];
    CHECK(zmq_recv(copies, id, sizeof id, 0) == 5);
    CHECK_RECEIVES(copies, "");
    CHECK_RECEIVES(copies, "many");
    CHECK_RECEIVES(copies, "parts");

    CHECK(zmq_ctx_shutdown(context) == 0);
    wait_for_end(&p);
    CHECK(p.result == -1 && p.error_number == ETERM);
    CHECK_FAILS(zmq_proxy(p.front, p.back, NULL), ETERM);
    CLOSE(p.front, p.back, p.capture, copies, client, server);
    CHECK(zmq_ctx_term(context) == 0);
}

static void a_proxy_may_be_of_one_socket_or_lead_nowhere(void)
{
    void* context = zmq_ctx_new();
    void* echo = bound(context, ZMQ_DEALER, "inproc://echo");
    void* sinks = bound(context, ZMQ_PUSH, "inproc://sinks");
    struct proxy one = {.front = echo, .back = echo};
    struct proxy nowhere = {.front = sinks, .back = sinks};
    void* client = connected(context, ZMQ_DEALER, "inproc://echo");
    start(&one);
    start(&nowhere);
    send_text(client, "hello", 0);
    CHECK_RECEIVES(client, "hello");
    void* replies = bound(context, ZMQ_REP, "inproc://replies");
    struct proxy service = {.front = replies, .back = replies};
    void* asking = connected(context, ZMQ_REQ, "inproc://replies");
    start(&service);
    for (int i = 0; i < 3; ++i)
    {
        send_text(asking, "again", 0);
        CHECK_RECEIVES(asking, "again");
    }
    CHECK(zmq_ctx_shutdown(context) == 0);
    wait_for_end(&service);
    wait_for_end(&one);
    wait_for_end(&nowhere);
    CHECK(one.result == -1 && one.error_number == ETERM);
    CHECK(nowhere.result == -1 && nowhere.error_number == ETERM);
    CLOSE(echo, sinks, client, replies, asking);
    CHECK(zmq_ctx_term(context) == 0);
}

static void a_closed_socket_ends_the_proxy(void* context)
{
    struct proxy p = {.front = bound(context, ZMQ_PULL, "inproc://in"),
        .back = bound(context, ZMQ_PUSH, "inproc://out")};
    void* sender = connected(context, ZMQ_PUSH, "inproc://in");
    void* receiver = connected(context, ZMQ_PULL, "inproc://out");
    start(&p);
    send_text(sender, "through", 0);
    CHECK_RECEIVES(receiver, "through");
    CHECK(zmq_close(p.back) == 0);
    wait_for_end(&p);
    CHECK(p.result == -1 && p.error_number == ENOTSOCK);
    CLOSE(p.front, sender, receiver);
}

static void on_signal(int number)
{
    (void)number;
}

static void a_signal_interrupts_a_proxy(void* context)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = &on_signal;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    struct proxy p = {.front = bound(context, ZMQ_PULL, "inproc://in"),
        .back = bound(context, ZMQ_PUSH, "inproc://out"),
        .ended = zmq_atomic_counter_new()};
    start(&p);
    const double deadline = seconds_now() + 10;
    while (zmq_atomic_counter_value(p.ended) == 0 && seconds_now() < deadline)
    {
        CHECK(pthread_kill(p.thread, SIGUSR1) == 0); /* it may not wait yet */
        zmq_poll(NULL, 0, 1);
    }
    wait_for_end(&p);
    CHECK(p.result == -1 && p.error_number == EINTR);
    CLOSE(p.front, p.back);
    zmq_atomic_counter_destroy(&p.ended);
}

static void subscriptions_pass_backwards(void* context)
{
    struct proxy p = {.front = bound(context, ZMQ_XSUB, "inproc://publishers"),
        .back = bound(context, ZMQ_XPUB, "inproc://subscribers")};
    void* publisher = connected(context, ZMQ_XPUB, "inproc://publishers");
    void* subscriber = connected(context, ZMQ_SUB, "inproc://subscribers");
    start(&p);
    CHECK(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "a", 1) == 0);
    CHECK_RECEIVES(publisher, "\1a");
    send_text(publisher, "b is not wanted", 0);
    send_text(publisher, "a is", 0);
    CHECK_RECEIVES(subscriber, "a is");
    CHECK(zmq_close(p.front) == 0);
    wait_for_end(&p);
    CLOSE(p.back, publisher, subscriber);
}

static void a_message_received_in_part_passes_on_with_its_rest(void* context)
{
    struct proxy p = {.front = bound(context, ZMQ_PULL, "inproc://in"),
        .back = bound(context, ZMQ_PUSH, "inproc://out")};
    void* sender = connected(context, ZMQ_PUSH, "inproc://in");
    void* receiver = connected(context, ZMQ_PULL, "inproc://out");
    send_text(sender, "first", ZMQ_SNDMORE);
    send_text(sender, "second", 0);
    CHECK_RECEIVES(p.front, "first");
    start(&p);
    CHECK_RECEIVES(receiver, "second");
    CHECK(zmq_close(p.front) == 0);
    wait_for_end(&p);
    CLOSE(p.back, sender, receiver);
}

static void check_statistics(void* steering, const uint64_t* expected)
{
    send_text(steering, "STATISTICS", 0);
    for (int i = 0; i < 8; ++i)
    {
        uint64_t number = ~(uint64_t)0;
        CHECK(zmq_recv(steering, &number, sizeof number, 0) == sizeof number);
        CHECK(number == expected[i]);
        CHECK(get_int(steering, ZMQ_RCVMORE) == (i < 7));
    }
}

/* A REP answers every command, a PAIR only the one that asks. */
static void command(void* steering, const char* text, int is_answered)
{
    send_text(steering, text, 0);
    if (is_answered)
        CHECK_RECEIVES(steering, "");
}

static void a_proxy_can_be_steered(void* context, int control, int steering_type)
{
    struct proxy p = {.front = bound(context, ZMQ_PULL, "inproc://in"),
        .back = bound(context, ZMQ_PUSH, "inproc://out"),
        .control = bound(context, control, "inproc://control")};
    const int is_answered = control == ZMQ_REP;
    void* sender = connected(context, ZMQ_PUSH, "inproc://in");
    void* receiver = connected(context, ZMQ_PULL, "inproc://out");
    void* steering = connected(context, steering_type, "inproc://control");
    start(&p);
    send_text(sender, "abc", ZMQ_SNDMORE);
    send_text(sender, "defgh", 0);
    CHECK_RECEIVES(receiver, "abc");
    CHECK_RECEIVES(receiver, "defgh");
    check_statistics(steering, (const uint64_t[]){1, 8, 0, 0, 0, 0, 1, 8});

    command(steering, "PAUSE", is_answered);
    command(steering, "no command", is_answered);
    check_statistics(steering, (const uint64_t[]){1, 8, 0, 0, 0, 0, 1, 8}); /* it is paused now */
    send_text(sender, "later", 0);
    set_int(receiver, ZMQ_RCVTIMEO, 50);
    CHECK_FAILS(zmq_recv(receiver, NULL, 0, 0), EAGAIN);
    set_int(receiver, ZMQ_RCVTIMEO, 10000);
    command(steering, "RESUME", is_answered);
    CHECK_RECEIVES(receiver, "later");

    command(steering, "TERMINATE", is_answered);
    wait_for_end(&p);
    CHECK(p.result == 0);
    CLOSE(p.front, p.back, p.control, sender, receiver, steering);
}

static void who_has_no_room_is_waited_for(void* context)
{
    enum
    {
        count = 300
    };
    struct proxy p = {.front = make(context, ZMQ_PULL), .back = make(context, ZMQ_PUSH)};
    set_int(p.back, ZMQ_SNDHWM, 1);
    set_int(p.back, ZMQ_LINGER, 0);
    CHECK(zmq_bind(p.front, "inproc://in") == 0);
    CHECK(zmq_bind(p.back, "inproc://out") == 0);
    void* sender = connected(context, ZMQ_PUSH, "inproc://in");
    void* receiver = make(context, ZMQ_PULL);
    limit_waiting(receiver);
    set_int(receiver, ZMQ_RCVHWM, 1);
    CHECK(zmq_connect(receiver, "inproc://out") == 0);
    start(&p);
    for (int i = 0; i < count; ++i)
        CHECK(zmq_send(sender, &i, sizeof i, 0) == sizeof i);
    for (int i = 0; i < count; ++i)
    {
        int number = -1;
        CHECK(zmq_recv(receiver, &number, sizeof number, 0) == sizeof number);
        CHECK(number == i);
    }
    CHECK(zmq_close(p.front) == 0);
    wait_for_end(&p);
    CLOSE(p.back, sender, receiver);
}

int main(void)
{
    void* context = zmq_ctx_new();
    ONLY_HERE(wrong_arguments_are_told(context));
    questions_and_answers_pass_until_the_context_ends();
    a_proxy_may_be_of_one_socket_or_lead_nowhere();
    ONLY_HERE(a_closed_socket_ends_the_proxy(context));
    a_signal_interrupts_a_proxy(context);
    ONLY_HERE(subscriptions_pass_backwards(context));
    ONLY_HERE(a_message_received_in_part_passes_on_with_its_rest(context));
    ONLY_HERE(a_proxy_can_be_steered(context, ZMQ_REP, ZMQ_REQ));
    ONLY_HERE(a_proxy_can_be_steered(context, ZMQ_PAIR, ZMQ_PAIR));
    ONLY_HERE(who_has_no_room_is_waited_for(context));
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
