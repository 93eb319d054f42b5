/* Sending and receiving: parts, flags, turns, time limits, and the errno of each refusal. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "tests/c_api/check.h"

static char nothing[16];

#define CHECK_NOTHING_THERE(socket, error_number)                                                  \
    CHECK_FAILS(zmq_recv((socket), nothing, sizeof nothing, ZMQ_DONTWAIT), error_number)

static void without_a_peer_each_type_has_its_errno(void* context)
{
    static const struct
    {
        int type;
        int send; /* errno; 0: it is sent, and dropped */
        int receive;
    } expected[] = {
        {ZMQ_PAIR, EAGAIN, EAGAIN},
        {ZMQ_PUB, 0, ENOTSUP},
        {ZMQ_SUB, ENOTSUP, EAGAIN},
        {ZMQ_REQ, EAGAIN, EFSM},
        {ZMQ_REP, EFSM, EAGAIN},
        {ZMQ_DEALER, EAGAIN, EAGAIN},
        {ZMQ_ROUTER, 0, EAGAIN},
        {ZMQ_PULL, ENOTSUP, EAGAIN},
        {ZMQ_PUSH, EAGAIN, ENOTSUP},
        {ZMQ_XPUB, 0, EAGAIN},
        {ZMQ_XSUB, 0, EAGAIN},
    };
    size_t i;
    for (i = 0; i < sizeof expected / sizeof expected[0]; ++i)
    {
        void* socket = make(context, expected[i].type);
        if (expected[i].send != 0)
        {
            CHECK_FAILS(zmq_send(socket, "a", 1, ZMQ_DONTWAIT), expected[i].send);
            CHECK_FAILS(zmq_send(socket, "a", 1, ZMQ_DONTWAIT | ZMQ_SNDMORE), expected[i].send);
        }
        else
            CHECK(zmq_send(socket, "a", 1, ZMQ_DONTWAIT) == 1);
        CHECK_FAILS(zmq_recv(socket, nothing, 1, ZMQ_DONTWAIT), expected[i].receive);
        CHECK(zmq_close(socket) == 0);
    }
}

static void waiting_ends_after_the_time_allowed(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    const double before = seconds_now();
    set_int(socket, ZMQ_RCVTIMEO, 30);
    set_int(socket, ZMQ_SNDTIMEO, 30);
    CHECK_FAILS(zmq_recv(socket, nothing, sizeof nothing, 0), EAGAIN);
    CHECK_FAILS(zmq_send(socket, "a", 1, 0), EAGAIN);
    CHECK_FAILS(zmq_send(socket, "a", 1, ZMQ_SNDMORE), EAGAIN);
    CHECK(seconds_now() - before >= 0.085);
    set_int(socket, ZMQ_RCVTIMEO, 0);
    set_int(socket, ZMQ_SNDTIMEO, 0);
    CHECK_FAILS(zmq_recv(socket, nothing, sizeof nothing, 0), EAGAIN);
    CHECK_FAILS(zmq_send(socket, "a", 1, 0), EAGAIN);
    CHECK(zmq_close(socket) == 0);
}

/* --- parts ------------------------------------------------------------------------------------------ */

static void parts_arrive_together_and_in_order(void* context)
{
    void* a = make(context, ZMQ_PAIR);
    void* b = make(context, ZMQ_PAIR);
    static char large[70000];
    static char received[70000];
    limit_waiting(a);
    limit_waiting(b);
    join_over_tcp(a, b);
    send_text(a, "first", ZMQ_SNDMORE);
    send_text(a, "", ZMQ_SNDMORE);
    CHECK(zmq_send(a, large, sizeof large, ZMQ_SNDMORE) == (int)sizeof large);
    CHECK_NOTHING_THERE(b, EAGAIN);
    CHECK(get_int(a, ZMQ_EVENTS) & ZMQ_POLLOUT);
    send_text(a, "last", 0);
    CHECK_RECEIVES(b, "first");
    CHECK(get_int(b, ZMQ_RCVMORE) == 1);
    CHECK(get_int(b, ZMQ_EVENTS) & ZMQ_POLLIN);
    CHECK_RECEIVES(b, "");
    CHECK(get_int(b, ZMQ_RCVMORE) == 1);
    CHECK(zmq_recv(b, received, sizeof received, 0) == (int)sizeof large);
    CHECK(memcmp(large, received, sizeof large) == 0);
    CHECK_RECEIVES(b, "last");
    CHECK(get_int(b, ZMQ_RCVMORE) == 0);
    CHECK_NOTHING_THERE(b, EAGAIN);
    send_text(a, "alone", 0);
    CHECK_RECEIVES(b, "alone");
    CHECK(get_int(b, ZMQ_RCVMORE) == 0);
    CHECK(zmq_close(a) == 0);
    CHECK(zmq_close(b) == 0);
}

static void a_small_buffer_gets_the_beginning(void* context)
{
    void* a = make(context, ZMQ_PAIR);
    void* b = make(context, ZMQ_PAIR);
    char buffer[4] = "...";
    limit_waiting(b);
    join_over_tcp(a, b);
    send_text(a, "longer than that", 0);
    CHECK(zmq_recv(b, buffer, 2, 0) == 16);
    CHECK(memcmp(buffer, "lo.", 3) == 0);
    send_text(a, "and without any", 0);
    CHECK(zmq_recv(b, NULL, 0, 0) == 15);
    CHECK(zmq_close(a) == 0);
    CHECK(zmq_close(b) == 0);
}

static void vectors_of_buffers_are_parts(void* context)
{
    void* a = make(context, ZMQ_PAIR);
    void* b = make(context, ZMQ_PAIR);
    struct iovec out[3] = {{"one", 3}, {"two", 3}, {"three", 5}};
    struct iovec in[5];
    size_t count = 5;
    limit_waiting(a);
    limit_waiting(b);
    join_over_tcp(a, b);
    CHECK_FAILS(zmq_sendiov(a, out, 0, 0), EINVAL);
    CHECK(zmq_sendiov(a, out, 3, ZMQ_SNDMORE) == 5);
    CHECK(zmq_recviov(b, in, &count, 0) == 3);
    CHECK(count == 3);
    CHECK(in[2].iov_len == 5 && memcmp(in[2].iov_base, "three", 5) == 0);
    while (count != 0)
        free(in[--count].iov_base);
    CHECK_FAILS(zmq_recviov(b, in, &count, 0), EINVAL);
    CHECK(zmq_close(a) == 0);
    CHECK(zmq_close(b) == 0);
}

static void constants_are_sent_from_where_they_are(void* context)
{
    static const char text[] =
        "a text of the program's, and longer than what a message carries inside itself";
    void* a = make(context, ZMQ_PAIR);
    void* b = make(context, ZMQ_PAIR);
    limit_waiting(a);
    limit_waiting(b);
    join_over_tcp(a, b);
    CHECK(zmq_send_const(a, text, sizeof text - 1, ZMQ_SNDMORE) == (int)sizeof text - 1);
    CHECK(zmq_send_const(a, "short", 5, 0) == 5);
    CHECK_RECEIVES(b, text);
    CHECK_RECEIVES(b, "short");
    CHECK(zmq_close(a) == 0);
    CHECK(zmq_close(b) == 0);
}

/* --- turns ------------------------------------------------------------------------------------------ */

/* Into a message that holds nothing, a small frame, or a large one. */
static void receive_two_parts_and_one(void* pull, void* push, size_t held, size_t sent)
{
    static char text[5000];
    zmq_msg_t m;
    int part;
    memset(text, 'x', sizeof text);
    CHECK(zmq_msg_init_size(&m, held) == 0);
    set_int(pull, ZMQ_RCVTIMEO, 1);
    CHECK_FAILS(zmq_msg_recv(&m, pull, 0), EAGAIN);
    CHECK(zmq_msg_data(&m) != NULL);
    set_int(pull, ZMQ_RCVTIMEO, 10000);
    CHECK(zmq_send(push, text, sent, ZMQ_SNDMORE) == (int)sent);
    CHECK(zmq_send(push, text, held, 0) == (int)held);
    for (part = 0; part < 2; ++part)
    {
        const size_t size = part == 0 ? sent : held;
        CHECK(zmq_msg_recv(&m, pull, 0) == (int)size);
        CHECK(zmq_msg_size(&m) == size && memcmp(zmq_msg_data(&m), text, size) == 0);
        CHECK(zmq_msg_more(&m) == (part == 0));
        CHECK(zmq_msg_gets(&m, "Socket-Type") != NULL);
    }
    CHECK(zmq_send(push, text, sent, 0) == (int)sent);
    CHECK(zmq_msg_close(&m) == 0 && zmq_msg_init(&m) == 0);
    CHECK(zmq_msg_recv(&m, pull, 0) == (int)sent && !zmq_msg_more(&m));
    CHECK(zmq_msg_size(&m) == sent && memcmp(zmq_msg_data(&m), text, sent) == 0);
    CHECK(zmq_msg_close(&m) == 0);
    CHECK_FAILS(zmq_msg_close(&m), EFAULT);
}

static void messages_are_received_whatever_they_held(void* context)
{
    static const size_t sizes[] = {0, 1, 50, 51, 64, 5000};
    void* push = make(context, ZMQ_PUSH);
    void* pull = make(context, ZMQ_PULL);
    size_t held;
    size_t sent;
    limit_waiting(push);
    join_over_tcp(pull, push);
    for (held = 0; held < 6; ++held)
    {
        for (sent = 0; sent < 6; ++sent)
            receive_two_parts_and_one(pull, push, sizes[held], sizes[sent]);
    }
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
}

static void request_and_reply_take_turns(void* context)
{
    void* req = make(context, ZMQ_REQ);
    void* rep = make(context, ZMQ_REP);
    limit_waiting(req);
    limit_waiting(rep);
    join_over_tcp(rep, req);
    CHECK_FAILS(zmq_send(rep, "a", 1, ZMQ_SNDMORE), EFSM);
    send_text(req, "question", ZMQ_SNDMORE);
    CHECK_NOTHING_THERE(req, EFSM); /* the request is not complete */
    send_text(req, "mark", 0);
    CHECK_FAILS(zmq_send(req, "a", 1, 0), EFSM);
    CHECK_FAILS(zmq_send(req, "a", 1, ZMQ_SNDMORE), EFSM);
    CHECK(get_int(req, ZMQ_EVENTS) == 0);

    CHECK_RECEIVES(rep, "question");
    CHECK_FAILS(zmq_send(rep, "a", 1, 0), EFSM); /* nor is it received completely */
    CHECK_FAILS(zmq_send(rep, "a", 1, ZMQ_SNDMORE), EFSM);
    CHECK(get_int(rep, ZMQ_EVENTS) == ZMQ_POLLIN);
    CHECK_RECEIVES(rep, "mark");
    CHECK_NOTHING_THERE(rep, EFSM);
    CHECK(get_int(rep, ZMQ_EVENTS) == ZMQ_POLLOUT);

    send_text(rep, "answer", ZMQ_SNDMORE);
    CHECK_NOTHING_THERE(rep, EFSM);
    send_text(rep, "mark", 0);
    CHECK_RECEIVES(req, "answer");
    CHECK_FAILS(zmq_send(req, "a", 1, 0), EFSM);
    CHECK_RECEIVES(req, "mark");
    CHECK_NOTHING_THERE(req, EFSM);
    send_text(req, "again", 0);
    CHECK_RECEIVES(rep, "again");
    CHECK(zmq_close(req) == 0);
    CHECK(zmq_close(rep) == 0);
}

static void a_relaxed_request_gives_the_reply_up(void* context)
{
    void* req = make(context, ZMQ_REQ);
    void* rep = make(context, ZMQ_REP);
    limit_waiting(req);
    limit_waiting(rep);
    set_int(req, ZMQ_REQ_RELAXED, 1);
    set_int(req, ZMQ_REQ_CORRELATE, 1);
    join_over_tcp(rep, req);
    send_text(req, "one", 0);
    send_text(req, "two", 0);
    CHECK_RECEIVES(rep, "one");
    send_text(rep, "re one", 0);
    CHECK_RECEIVES(rep, "two");
    send_text(rep, "re two", 0);
    CHECK_RECEIVES(req, "re two");
    CHECK(zmq_close(req) == 0);
    CHECK(zmq_close(rep) == 0);
}

/* --- routes ----------------------------------------------------------------------------------------- */

static void a_mandatory_route_is_looked_for_with_the_first_part(void* context)
{
    void* router = make(context, ZMQ_ROUTER);
    void* dealer = make(context, ZMQ_DEALER);
    limit_waiting(router);
    limit_waiting(dealer);
    CHECK(zmq_setsockopt(dealer, ZMQ_ROUTING_ID, "known", 5) == 0);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    join_over_tcp(router, dealer);
    send_text(dealer, "here I am", 0);
    CHECK_RECEIVES(router, "known");
    CHECK_RECEIVES(router, "here I am");
    CHECK_FAILS(zmq_send(router, "unknown", 7, ZMQ_SNDMORE), EHOSTUNREACH);
    send_text(router, "known", ZMQ_SNDMORE);
    send_text(router, "welcome", ZMQ_SNDMORE);
    send_text(router, "home", 0);
    CHECK_RECEIVES(dealer, "welcome");
    CHECK_RECEIVES(dealer, "home");
    CHECK(zmq_close(router) == 0);
    CHECK(zmq_close(dealer) == 0);
}

static void without_mandatory_the_unroutable_is_dropped(void* context)
{
    void* router = make(context, ZMQ_ROUTER);
    send_text(router, "unknown", ZMQ_SNDMORE);
    send_text(router, "lost", 0);
    send_text(router, "alone", 0);
    CHECK(zmq_close(router) == 0);
}

static void a_full_queue_refuses_the_first_part(void* context)
{
    void* push = make(context, ZMQ_PUSH);
    int sent = 0;
    limit_waiting(push);
    set_int(push, ZMQ_SNDHWM, 3);
    CHECK(zmq_connect(push, "tcp://127.0.0.1:1") == 0);
    while (sent < 100 && zmq_send(push, "a", 1, ZMQ_DONTWAIT) == 1)
        ++sent;
    CHECK(sent == 3);
    CHECK_FAILS(zmq_send(push, "a", 1, ZMQ_DONTWAIT), EAGAIN);
    CHECK_FAILS(zmq_send(push, "a", 1, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
    CHECK(get_int(push, ZMQ_EVENTS) == 0);
    CHECK(zmq_close(push) == 0);
}

static void a_full_route_refuses_the_first_part(void* context)
{
    void* router = make(context, ZMQ_ROUTER);
    void* full = make(context, ZMQ_DEALER);
    void* empty = make(context, ZMQ_DEALER);
    double before;
    int sent = 0;
    limit_waiting(router);
    limit_waiting(full);
    limit_waiting(empty);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    set_int(router, ZMQ_SNDHWM, 1);
    set_int(full, ZMQ_RCVHWM, 1);
    CHECK(zmq_setsockopt(full, ZMQ_ROUTING_ID, "full", 4) == 0);
    CHECK(zmq_setsockopt(empty, ZMQ_ROUTING_ID, "empty", 5) == 0);
    CHECK(zmq_bind(router, "inproc://routes") == 0);
    CHECK(zmq_connect(full, "inproc://routes") == 0);
    CHECK(zmq_connect(empty, "inproc://routes") == 0);
    send_text(full, "a", 0);
    send_text(empty, "b", 0);
    CHECK(zmq_recv(router, nothing, sizeof nothing, 0) > 0 && get_int(router, ZMQ_RCVMORE));
    CHECK(zmq_recv(router, nothing, sizeof nothing, 0) == 1);
    CHECK(zmq_recv(router, nothing, sizeof nothing, 0) > 0 && get_int(router, ZMQ_RCVMORE));
    CHECK(zmq_recv(router, nothing, sizeof nothing, 0) == 1);
    while (sent < 100 && zmq_send(router, "full", 4, ZMQ_DONTWAIT | ZMQ_SNDMORE) == 4)
    {
        send_text(router, "x", 0);
        ++sent;
    }
    CHECK(sent == 2); /* over inproc both marks add up */
    CHECK_FAILS(zmq_send(router, "full", 4, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
    set_int(router, ZMQ_SNDTIMEO, 30);
    before = seconds_now();
    CHECK_FAILS(zmq_send(router, "full", 4, ZMQ_SNDMORE), EAGAIN);
    CHECK(seconds_now() - before >= 0.025);
    send_text(router, "empty", ZMQ_SNDMORE);
    send_text(router, "y", 0);
    CHECK_RECEIVES(empty, "y");
    CHECK(zmq_close(router) == 0);
    CHECK(zmq_close(full) == 0);
    CHECK(zmq_close(empty) == 0);
}

static void* take_one(void* socket)
{
    zmq_poll(NULL, 0, 20);
    CHECK_RECEIVES(socket, "x");
    return NULL;
}

static void who_waits_for_a_full_route_goes_on_when_it_has_room(void* context)
{
    void* router = make(context, ZMQ_ROUTER);
    void* full = make(context, ZMQ_DEALER);
    void* empty = make(context, ZMQ_DEALER);
    int i;
    limit_waiting(router);
    limit_waiting(full);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    set_int(router, ZMQ_SNDHWM, 1);
    set_int(full, ZMQ_RCVHWM, 1);
    CHECK(zmq_setsockopt(full, ZMQ_ROUTING_ID, "full", 4) == 0);
    CHECK(zmq_bind(router, "inproc://a-full-route") == 0);
    CHECK(zmq_connect(full, "inproc://a-full-route") == 0);
    CHECK(zmq_connect(empty, "inproc://a-full-route") == 0);
    while (zmq_send(router, "full", 4, ZMQ_DONTWAIT | ZMQ_SNDMORE) == 4)
        send_text(router, "x", 0);
    for (i = 0; i < 20; ++i)
    {
        pthread_t thread;
        CHECK_FAILS(zmq_send(router, "full", 4, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
        CHECK(pthread_create(&thread, NULL, take_one, full) == 0);
        send_text(router, "full", ZMQ_SNDMORE);
        send_text(router, "x", 0);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    CHECK(zmq_close(router) == 0);
    CHECK(zmq_close(full) == 0);
    CHECK(zmq_close(empty) == 0);
}

static void a_subscriber_that_may_miss_nothing_refuses_the_first_part(void* context)
{
    void* xpub = make(context, ZMQ_XPUB);
    void* sub = make(context, ZMQ_SUB);
    int sent = 0;
    limit_waiting(xpub);
    limit_waiting(sub);
    set_int(xpub, ZMQ_XPUB_NODROP, 1);
    set_int(xpub, ZMQ_SNDHWM, 2);
    set_int(sub, ZMQ_RCVHWM, 2);
    CHECK(zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "a", 1) == 0);
    CHECK(zmq_bind(xpub, "inproc://complete") == 0);
    CHECK(zmq_connect(sub, "inproc://complete") == 0);
    CHECK_RECEIVES(xpub, "\1a");
    while (sent < 100 && zmq_send(xpub, "a", 1, ZMQ_DONTWAIT | ZMQ_SNDMORE) == 1)
    {
        send_text(xpub, "x", 0);
        ++sent;
    }
    CHECK(sent == 4);
    CHECK_FAILS(zmq_send(xpub, "a", 1, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
    CHECK_FAILS(zmq_send(xpub, "a", 1, ZMQ_DONTWAIT), EAGAIN);
    send_text(xpub, "b", ZMQ_SNDMORE); /* wanted by nobody */
    send_text(xpub, "x", 0);
    CHECK(get_int(xpub, ZMQ_EVENTS) == ZMQ_POLLOUT);
    CHECK(zmq_close(xpub) == 0);
    CHECK(zmq_close(sub) == 0);
}

/* --- topics ----------------------------------------------------------------------------------------- */

static void subscribers_get_what_they_asked_for(void* context)
{
    void* pub = make(context, ZMQ_XPUB);
    void* sub = make(context, ZMQ_SUB);
    limit_waiting(pub);
    limit_waiting(sub);
    CHECK(zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "wanted", 6) == 0);
    join_over_tcp(pub, sub);
    CHECK_RECEIVES(pub, "\1wanted");
    send_text(pub, "unwanted", ZMQ_SNDMORE);
    send_text(pub, "body", 0);
    send_text(pub, "wanted!", ZMQ_SNDMORE);
    send_text(pub, "body", 0);
    CHECK_RECEIVES(sub, "wanted!");
    CHECK_RECEIVES(sub, "body");
    CHECK(zmq_setsockopt(sub, ZMQ_UNSUBSCRIBE, "wanted", 6) == 0);
    CHECK(zmq_recv(pub, nothing, sizeof nothing, 0) == 7 && nothing[0] == 0);
    CHECK(zmq_close(pub) == 0);
    CHECK(zmq_close(sub) == 0);
}

/* --- signals ---------------------------------------------------------------------------------------- */

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

static void a_signal_interrupts_who_waits(void* context)
{
    void* dealer = make(context, ZMQ_DEALER);
    void* bound = make(context, ZMQ_PULL);
    pthread_t self = pthread_self();
    pthread_t thread;
    CHECK(zmq_bind(bound, "tcp://127.0.0.1:*") == 0);
    CHECK(pthread_create(&thread, NULL, signal_until_cancelled, &self) == 0);
    CHECK_FAILS(zmq_recv(dealer, nothing, sizeof nothing, 0), EINTR);
    CHECK_FAILS(zmq_recv(bound, nothing, sizeof nothing, 0), EINTR);
    CHECK_FAILS(zmq_send(dealer, "a", 1, 0), EINTR);
    CHECK_FAILS(zmq_send(dealer, "a", 1, ZMQ_SNDMORE), EINTR);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    CHECK(zmq_close(dealer) == 0);
    CHECK(zmq_close(bound) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGUSR1, &action, NULL);

    without_a_peer_each_type_has_its_errno(context);
    waiting_ends_after_the_time_allowed(context);
    parts_arrive_together_and_in_order(context);
    a_small_buffer_gets_the_beginning(context);
    vectors_of_buffers_are_parts(context);
    constants_are_sent_from_where_they_are(context);
    messages_are_received_whatever_they_held(context);
    request_and_reply_take_turns(context);
    a_relaxed_request_gives_the_reply_up(context);
    a_mandatory_route_is_looked_for_with_the_first_part(context);
    without_mandatory_the_unroutable_is_dropped(context);
    a_full_queue_refuses_the_first_part(context);
    a_full_route_refuses_the_first_part(context);
    who_waits_for_a_full_route_goes_on_when_it_has_room(context);
    a_subscriber_that_may_miss_nothing_refuses_the_first_part(context);
    subscribers_get_what_they_asked_for(context);
    a_signal_interrupts_who_waits(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
