/* inproc: names, who comes first, routing ids, marks, and sockets whose types do not suit each other. */
#include "tests/c_api/check.h"

static void who_connects_first_is_heard_when_somebody_binds(void* context)
{
    void* first = make_limited(context, ZMQ_DEALER);
    void* second = make_limited(context, ZMQ_DEALER);
    void* router = make_limited(context, ZMQ_ROUTER);
    set_text(first, ZMQ_ROUTING_ID, "first");
    CHECK(zmq_connect(first, "inproc://early") == 0);
    CHECK(zmq_connect(second, "inproc://early") == 0);
    send_text(first, "1", 0);
    CHECK(zmq_bind(router, "inproc://early") == 0);
    CHECK_MESSAGE(router, "first", "1");
    send_text(second, "2", 0);
    CHECK_MESSAGE(router, NULL, "2");
    SEND_MESSAGE(router, "first", "back");
    CHECK_MESSAGE(first, "back");
    CHECK(zmq_close(first) == 0);
    CHECK(zmq_close(second) == 0);
    CHECK(zmq_close(router) == 0);
}

static void who_left_before_anybody_bound_is_heard_all_the_same(void* context)
{
    void* push = make(context, ZMQ_PUSH);
    void* pull = make_limited(context, ZMQ_PULL);
    CHECK(zmq_connect(push, "inproc://gone") == 0);
    send_text(push, "still here", 0);
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_bind(pull, "inproc://gone") == 0);
    CHECK_MESSAGE(pull, "still here");
    CHECK(zmq_close(pull) == 0);
}

static void a_name_is_of_one_socket_and_one_context(void* context)
{
    void* other_context = zmq_ctx_new();
    void* a = make_limited(context, ZMQ_PAIR);
    void* b = make_limited(context, ZMQ_PAIR);
    void* elsewhere = make_limited(other_context, ZMQ_PAIR);
    CHECK(zmq_bind(a, "inproc://name") == 0);
    CHECK_FAILS(zmq_bind(a, "inproc://name"), EADDRINUSE);
    CHECK_FAILS(zmq_bind(b, "inproc://name"), EADDRINUSE);
    CHECK(zmq_bind(elsewhere, "inproc://name") == 0);
    CHECK(zmq_unbind(a, "inproc://name") == 0);
    CHECK_FAILS(zmq_unbind(a, "inproc://name"), ENOENT);
    CHECK(zmq_bind(b, "inproc://name") == 0);
    CHECK(zmq_close(a) == 0);
    CHECK(zmq_close(b) == 0);
    CHECK(zmq_close(elsewhere) == 0);
    CHECK(zmq_ctx_term(other_context) == 0);
}

static void who_is_connected_stays_so_when_the_name_goes(void* context)
{
    void* a = make_limited(context, ZMQ_PAIR);
    void* b = make_limited(context, ZMQ_PAIR);
    void* late = make_limited(context, ZMQ_PAIR);
    void* next = make_limited(context, ZMQ_PAIR);
    CHECK(zmq_bind(a, "inproc://fleeting") == 0);
    CHECK(zmq_connect(b, "inproc://fleeting") == 0);
    CHECK(zmq_unbind(a, "inproc://fleeting") == 0);
    send_text(a, "hello", 0);
    CHECK_MESSAGE(b, "hello");
    CHECK(zmq_connect(late, "inproc://fleeting") == 0);
    send_text(late, "anybody?", 0);
    CHECK(zmq_bind(next, "inproc://fleeting") == 0);
    CHECK_MESSAGE(next, "anybody?");
    CHECK(zmq_disconnect(b, "inproc://fleeting") == 0);
    CHECK_FAILS(zmq_disconnect(b, "inproc://fleeting"), ENOENT);
    CHECK_FAILS(zmq_send(b, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    CHECK(zmq_close(a) == 0);
    CHECK(zmq_close(b) == 0);
    CHECK(zmq_close(late) == 0);
    CHECK(zmq_close(next) == 0);
}

static void routers_know_each_other_by_their_ids(void* context, int bind_first)
{
    void* binding = make_limited(context, ZMQ_ROUTER);
    void* connecting = make_limited(context, ZMQ_ROUTER);
    const char* const name = bind_first ? "inproc://routers" : "inproc://routers-later";
    set_text(binding, ZMQ_ROUTING_ID, "bound");
    set_text(connecting, ZMQ_ROUTING_ID, "connected");
    if (bind_first)
        CHECK(zmq_bind(binding, name) == 0);
    CHECK(zmq_connect(connecting, name) == 0);
    if (!bind_first)
        CHECK(zmq_bind(binding, name) == 0);
    set_int(binding, ZMQ_ROUTER_MANDATORY, 1);
    set_int(connecting, ZMQ_ROUTER_MANDATORY, 1);
    SEND_MESSAGE(connecting, "bound", "hello");
    CHECK_MESSAGE(binding, "connected", "hello");
    SEND_MESSAGE(binding, "connected", "and you");
    CHECK_MESSAGE(connecting, "bound", "and you");
    CHECK(zmq_close(binding) == 0);
    CHECK(zmq_close(connecting) == 0);
}

static void a_bound_socket_has_the_id_it_was_bound_with(void* context)
{
    void* dealer = make_limited(context, ZMQ_DEALER);
    void* rep = make_limited(context, ZMQ_REP);
    void* router = make_limited(context, ZMQ_ROUTER);
    set_text(dealer, ZMQ_ROUTING_ID, "dealer");
    set_text(rep, ZMQ_ROUTING_ID, "rep");
    CHECK(zmq_bind(dealer, "inproc://dealer") == 0);
    CHECK(zmq_bind(rep, "inproc://rep") == 0);
    set_text(dealer, ZMQ_ROUTING_ID, "too late");
    CHECK(zmq_connect(router, "inproc://dealer") == 0);
    CHECK(zmq_connect(router, "inproc://rep") == 0);
    SEND_MESSAGE(router, "dealer", "to you");
    CHECK_MESSAGE(dealer, "to you");
    SEND_MESSAGE(router, "rep", "", "question");
    CHECK_MESSAGE(rep, "question");
    send_text(rep, "answer", 0);
    CHECK_MESSAGE(router, "rep", "", "answer");
    CHECK(zmq_close(dealer) == 0);
    CHECK(zmq_close(rep) == 0);
    CHECK(zmq_close(router) == 0);
}

static void types_need_not_suit_each_other(void* context)
{
    void* pair = make_limited(context, ZMQ_PAIR);
    void* pull = make_limited(context, ZMQ_PULL);
    void* pub = make_limited(context, ZMQ_PUB);
    CHECK(zmq_bind(pair, "inproc://pair") == 0);
    CHECK(zmq_connect(pull, "inproc://pair") == 0);
    send_text(pair, "hello", 0);
    CHECK_MESSAGE(pull, "hello");
    CHECK(zmq_bind(pub, "inproc://pub") == 0);
    CHECK(zmq_connect(pull, "inproc://pub") == 0);
    send_text(pub, "nobody subscribed", 0);
    CHECK_NOTHING_COMES(pull);
    CHECK(zmq_close(pair) == 0);
    CHECK(zmq_close(pull) == 0);
    CHECK(zmq_close(pub) == 0);
}

static int sent_until_full(void* socket)
{
    int count = 0;
    zmq_poll(NULL, 0, 5); /* libzmq looks for room once in a while only */
    while (count < 1000 && zmq_send(socket, "x", 1, ZMQ_DONTWAIT) == 1)
        ++count;
    CHECK(count == 1000 || zmq_errno() == EAGAIN);
    return count;
}

static void marks_of_both_ends_add_up(void* context, int send_mark, int receive_mark, int expected)
{
    char name[64];
    void* push = make_limited(context, ZMQ_PUSH);
    void* pull = make_limited(context, ZMQ_PULL);
    void* early = make_limited(context, ZMQ_PUSH);
    set_int(push, ZMQ_SNDHWM, send_mark);
    set_int(early, ZMQ_SNDHWM, send_mark);
    set_int(pull, ZMQ_RCVHWM, receive_mark);
    sprintf(name, "inproc://marks-%d-%d", send_mark, receive_mark);
    CHECK(zmq_connect(early, name) == 0);
    if (send_mark != 0)
        CHECK(sent_until_full(early) == send_mark);
    CHECK(zmq_bind(pull, name) == 0);
    if (send_mark != 0)
        CHECK(sent_until_full(early) == (expected == 1000 ? expected : expected - send_mark));
    CHECK(zmq_connect(push, name) == 0);
    CHECK(sent_until_full(push) == expected);
    CHECK(zmq_close(early) == 0);
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
}

static void names_nobody_binds_do_not_keep_a_context(void)
{
    void* context = zmq_ctx_new();
    void* push = make(context, ZMQ_PUSH);
    CHECK(zmq_connect(push, "inproc://nobody") == 0);
    send_text(push, "lost", 0);
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    who_connects_first_is_heard_when_somebody_binds(context);
    who_left_before_anybody_bound_is_heard_all_the_same(context);
    a_name_is_of_one_socket_and_one_context(context);
    who_is_connected_stays_so_when_the_name_goes(context);
    routers_know_each_other_by_their_ids(context, 1);
    routers_know_each_other_by_their_ids(context, 0);
    a_bound_socket_has_the_id_it_was_bound_with(context);
    types_need_not_suit_each_other(context);
    marks_of_both_ends_add_up(context, 1, 1, 2);
    marks_of_both_ends_add_up(context, 3, 5, 8);
    marks_of_both_ends_add_up(context, 0, 5, 1000);
    marks_of_both_ends_add_up(context, 5, 0, 1000);
    CHECK(zmq_ctx_term(context) == 0);
    names_nobody_binds_do_not_keep_a_context();
    return finish();
}
