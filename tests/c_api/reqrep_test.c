/* REQ and REP: turns, envelopes, and what is not taken for a question or an answer. */
#include <stdint.h>

#include "tests/c_api/check.h"

static void each_has_its_turn(void* context)
{
    char text[8];
    void* req = make_limited(context, ZMQ_REQ);
    void* rep = make_limited(context, ZMQ_REP);
    join_over_tcp(rep, req);
    CHECK_FAILS(zmq_send(rep, "x", 1, 0), EFSM);
    CHECK_FAILS(zmq_recv(req, text, sizeof text, 0), EFSM);
    SEND_MESSAGE(req, "part", "question");
    CHECK_FAILS(zmq_send(req, "x", 1, 0), EFSM);
    CHECK_RECEIVES(rep, "part");
    CHECK_FAILS(zmq_send(rep, "x", 1, 0), EFSM); /* there is more to come */
    CHECK(get_int(rep, ZMQ_EVENTS) == ZMQ_POLLIN);
    CHECK_RECEIVES(rep, "question");
    CHECK(get_int(rep, ZMQ_EVENTS) == ZMQ_POLLOUT);
    CHECK_FAILS(zmq_recv(rep, text, sizeof text, 0), EFSM);
    send_text(rep, "part", ZMQ_SNDMORE);
    CHECK_FAILS(zmq_recv(rep, text, sizeof text, 0), EFSM);
    send_text(rep, "answer", 0);
    CHECK_FAILS(zmq_send(rep, "x", 1, 0), EFSM);
    CHECK_RECEIVES(req, "part");
    CHECK_FAILS(zmq_send(req, "x", 1, 0), EFSM);
    CHECK_RECEIVES(req, "answer");
    CHECK(get_int(req, ZMQ_EVENTS) == ZMQ_POLLOUT);
    CHECK(zmq_close(req) == 0);
    CHECK(zmq_close(rep) == 0);
}

static void what_has_no_envelope_is_no_question(void* context)
{
    void* rep = make_limited(context, ZMQ_REP);
    void* dealer = make_limited(context, ZMQ_DEALER);
    join_over_tcp(rep, dealer);
    send_text(dealer, "alone", 0);
    SEND_MESSAGE(dealer, "a", "b");
    SEND_MESSAGE(dealer, "a", "");
    send_text(dealer, "", 0);
    SEND_MESSAGE(dealer, "hop", "another", "", "body", "", "end");
    CHECK_MESSAGE(rep, "body", "", "end");
    SEND_MESSAGE(rep, "answer", "");
    CHECK_MESSAGE(dealer, "hop", "another", "", "answer", "");
    SEND_MESSAGE(dealer, "", "");
    CHECK_MESSAGE(rep, "");
    send_text(rep, "", 0);
    CHECK_MESSAGE(dealer, "", "");
    CHECK(zmq_close(rep) == 0);
    CHECK(zmq_close(dealer) == 0);
}

static void an_answer_to_who_left_goes_nowhere(void* context)
{
    void* rep = make_limited(context, ZMQ_REP);
    void* req = make_limited(context, ZMQ_REQ);
    void* next = make_limited(context, ZMQ_REQ);
    join_over_tcp(rep, req);
    SEND_MESSAGE(req, "half", "question");
    CHECK_RECEIVES(rep, "half");
    CHECK(zmq_close(req) == 0);
    CHECK_RECEIVES(rep, "question");
    SEND_MESSAGE(rep, "nobody", "hears");
    CHECK(zmq_connect(next, last_endpoint(rep)) == 0);
    send_text(next, "second", 0);
    CHECK_MESSAGE(rep, "second");
    send_text(rep, "answer", 0);
    CHECK_MESSAGE(next, "answer");
    CHECK(zmq_close(rep) == 0);
    CHECK(zmq_close(next) == 0);
}

static void questions_go_round_and_only_who_was_asked_may_answer(void* context)
{
    void* req = make_limited(context, ZMQ_REQ);
    void* peers[2] = {make_limited(context, ZMQ_DEALER), make_limited(context, ZMQ_DEALER)};
    int order[2];
    char text[32];
    CHECK(zmq_bind(req, "inproc://asker") == 0);
    for (int i = 0; i < 2; ++i)
    {
        CHECK(zmq_connect(peers[i], "inproc://asker") == 0);
        SEND_MESSAGE(peers[i], "", "nobody asked");
    }
    send_text(req, "1", 0);
    zmq_pollitem_t items[2] = {{peers[0], 0, ZMQ_POLLIN, 0}, {peers[1], 0, ZMQ_POLLIN, 0}};
    CHECK(zmq_poll(items, 2, 10000) == 1);
    order[0] = items[0].revents != 0 ? 0 : 1;
    order[1] = 1 - order[0];
    CHECK_MESSAGE(peers[order[0]], "", "1");
    SEND_MESSAGE(peers[order[1]], "", "from somebody else");
    set_int(req, ZMQ_RCVTIMEO, 100);
    CHECK_FAILS(zmq_recv(req, text, sizeof text, 0), EAGAIN);
    set_int(req, ZMQ_RCVTIMEO, 10000);
    SEND_MESSAGE(peers[order[0]], "", "right");
    CHECK_MESSAGE(req, "right");
    send_text(req, "2", 0);
    CHECK_MESSAGE(peers[order[1]], "", "2");
    CHECK(zmq_close(req) == 0);
    CHECK(zmq_close(peers[0]) == 0);
    CHECK(zmq_close(peers[1]) == 0);
}

static void who_asked_leaves_and_the_next_question_goes_elsewhere(void* context)
{
    char text[16];
    void* req = make_limited(context, ZMQ_REQ);
    void* rep = make_limited(context, ZMQ_REP);
    join_over_tcp(rep, req);
    send_text(req, "lost", 0);
    CHECK_MESSAGE(rep, "lost");
    CHECK(zmq_disconnect(req, last_endpoint(rep)) == 0);
    CHECK_FAILS(zmq_send(req, "x", 1, ZMQ_DONTWAIT), EFSM); /* it still waits */
    CHECK_FAILS(zmq_recv(req, text, sizeof text, ZMQ_DONTWAIT), EAGAIN);
    CHECK(zmq_close(req) == 0);
    CHECK(zmq_close(rep) == 0);
}

static void a_new_question_gives_the_old_one_up(void* context, int correlate)
{
    void* req = make_limited(context, ZMQ_REQ);
    void* rep = make_limited(context, ZMQ_REP);
    set_int(req, ZMQ_REQ_RELAXED, 1);
    set_int(req, ZMQ_REQ_CORRELATE, correlate);
    join_over_tcp(rep, req);
    send_text(req, "old", 0);
    CHECK_MESSAGE(rep, "old");
    send_text(req, "new", 0);
    send_text(rep, "to the old", 0);
    CHECK_MESSAGE(rep, "new");
    send_text(rep, "to the new", 0);
    if (correlate)
        CHECK_MESSAGE(req, "to the new");
    else
        CHECK_MESSAGE(req, "to the old");
    CHECK(zmq_close(req) == 0);
    CHECK(zmq_close(rep) == 0);
}

static void correlated_questions_are_numbered(void* context)
{
    uint32_t numbers[2] = {0, 0};
    char id[8];
    void* req = make_limited(context, ZMQ_REQ);
    void* router = make_limited(context, ZMQ_ROUTER);
    set_int(req, ZMQ_REQ_CORRELATE, 1);
    join_over_tcp(router, req);
    for (int i = 0; i < 2; ++i)
    {
        send_text(req, "question", 0);
        CHECK(zmq_recv(router, id, sizeof id, 0) == 5);
        CHECK(zmq_recv(router, &numbers[i], 4, 0) == 4);
        CHECK_MESSAGE(router, "", "question");
        const uint32_t wrong = numbers[i] + 7;
        zmq_send(router, id, 5, ZMQ_SNDMORE);
        zmq_send(router, &wrong, 4, ZMQ_SNDMORE);
        SEND_MESSAGE(router, "", "wrong");
        zmq_send(router, id, 5, ZMQ_SNDMORE);
        SEND_MESSAGE(router, "", "without a number");
        zmq_send(router, id, 5, ZMQ_SNDMORE);
        zmq_send(router, &numbers[i], 4, ZMQ_SNDMORE);
        SEND_MESSAGE(router, "", "right");
        CHECK_MESSAGE(req, "right");
    }
    CHECK(numbers[1] == numbers[0] + 1);
    CHECK(zmq_close(req) == 0);
    CHECK(zmq_close(router) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    each_has_its_turn(context);
    what_has_no_envelope_is_no_question(context);
    an_answer_to_who_left_goes_nowhere(context);
    questions_go_round_and_only_who_was_asked_may_answer(context);
    who_asked_leaves_and_the_next_question_goes_elsewhere(context);
    a_new_question_gives_the_old_one_up(context, 0);
    a_new_question_gives_the_old_one_up(context, 1);
    correlated_questions_are_numbered(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
