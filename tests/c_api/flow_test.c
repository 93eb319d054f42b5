/* PUSH, PULL, DEALER, PAIR: who gets what in which order, what waits for whom, and what is lost with whom. */
#include "tests/c_api/check.h"

static int sent_until_full(void* socket)
{
    int count = 0;
    while (count < 1000 && zmq_send(socket, "x", 1, ZMQ_DONTWAIT) == 1)
        ++count;
    return count;
}

static void everybody_gets_the_next_in_turn(void* context)
{
    static const char* const names[] = {"inproc://turn-a", "inproc://turn-b", "inproc://turn-c"};
    static const char* const texts[] = {"0", "1", "2", "3", "4", "5", "6"};
    void* push = make_limited(context, ZMQ_PUSH);
    void* pulls[3];
    for (int i = 0; i < 3; ++i)
    {
        pulls[i] = make_limited(context, ZMQ_PULL);
        CHECK(zmq_bind(pulls[i], names[i]) == 0);
        CHECK(zmq_connect(push, names[i]) == 0);
    }
    for (int i = 0; i < 7; ++i)
        SEND_MESSAGE(push, texts[i], "part");
    for (int i = 0; i < 7; ++i)
        CHECK_MESSAGE(pulls[i % 3], texts[i], "part");
    for (int i = 0; i < 3; ++i)
        CHECK(zmq_close(pulls[i]) == 0);
    CHECK(zmq_close(push) == 0);
}

static void everybody_is_heard_in_turn(void* context)
{
    static const char* const texts[3][2] = {{"a0", "a1"}, {"b0", "b1"}, {"c0", "c1"}};
    void* pushes[3];
    void* pull = make_limited(context, ZMQ_PULL);
    CHECK(zmq_bind(pull, "inproc://heard") == 0);
    for (int i = 0; i < 3; ++i)
    {
        pushes[i] = make_limited(context, ZMQ_PUSH);
        CHECK(zmq_connect(pushes[i], "inproc://heard") == 0);
    }
    for (int i = 0; i < 3; ++i)
    {
        SEND_MESSAGE(pushes[i], texts[i][0], "part");
        SEND_MESSAGE(pushes[i], texts[i][1], "part");
    }
    for (int i = 0; i < 6; ++i)
        CHECK_MESSAGE(pull, texts[i % 3][i / 3], "part");
    for (int i = 0; i < 3; ++i)
        CHECK(zmq_close(pushes[i]) == 0);
    CHECK(zmq_close(pull) == 0);
}

static void who_is_not_there_yet_gets_as_much_as_the_mark_allows(void* context, int type)
{
    static const char* const nowhere[] = {
        "tcp://127.0.0.1:1", "ipc://@nobody-there", "inproc://nobody"};
    for (int i = 0; i < 3; ++i)
    {
        void* socket = make_limited(context, type);
        set_int(socket, ZMQ_SNDHWM, 3);
        CHECK(get_int(socket, ZMQ_EVENTS) == 0);
        CHECK(zmq_connect(socket, nowhere[i]) == 0);
        CHECK(get_int(socket, ZMQ_EVENTS) == ZMQ_POLLOUT);
        CHECK(sent_until_full(socket) == 3);
        CHECK_FAILS(zmq_send(socket, "x", 1, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
        CHECK(get_int(socket, ZMQ_EVENTS) == 0);
        CHECK(zmq_close(socket) == 0);
    }
}

static void parts_count_as_one_message(void* context)
{
    void* push = make_limited(context, ZMQ_PUSH);
    void* pull = make_limited(context, ZMQ_PULL);
    set_int(push, ZMQ_SNDHWM, 2);
    CHECK(zmq_connect(push, "inproc://parts") == 0);
    SEND_MESSAGE(push, "1", "2", "3", "4");
    SEND_MESSAGE(push, "5", "", "6");
    CHECK_FAILS(zmq_send(push, "x", 1, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
    CHECK(zmq_bind(pull, "inproc://parts") == 0);
    CHECK_MESSAGE(pull, "1", "2", "3", "4");
    CHECK_MESSAGE(pull, "5", "", "6");
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
}

static void only_who_is_connected_is_given_messages_if_asked_for(void* context)
{
    void* push = make_limited(context, ZMQ_PUSH);
    void* pull = make_limited(context, ZMQ_PULL);
    set_int(push, ZMQ_IMMEDIATE, 1);
    CHECK(zmq_connect(push, "tcp://127.0.0.1:1") == 0);
    CHECK_FAILS(zmq_send(push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    CHECK(get_int(push, ZMQ_EVENTS) == 0);
    join_over_tcp(pull, push);
    for (int i = 0; i < 3; ++i)
    {
        send_text(push, "all of them", 0);
        CHECK_MESSAGE(pull, "all of them");
    }
    CHECK(zmq_close(pull) == 0);
    while (zmq_send(push, "x", 1, ZMQ_DONTWAIT) == 1) /* until the end is noticed */
        zmq_poll(NULL, 0, 1);
    CHECK(zmq_errno() == EAGAIN);
    CHECK(zmq_close(push) == 0);
}

static void what_waits_for_a_lost_peer_goes_to_who_takes_its_place(void* context)
{
    char endpoint[128];
    void* push = make_limited(context, ZMQ_PUSH);
    void* pull = make_limited(context, ZMQ_PULL);
    void* events = make_limited(context, ZMQ_PAIR);
    set_int(push, ZMQ_RECONNECT_IVL, 10);
    CHECK(zmq_socket_monitor(push, "inproc://lost", ZMQ_EVENT_DISCONNECTED) == 0);
    CHECK(zmq_connect(events, "inproc://lost") == 0);
    join_over_tcp(pull, push);
    strcpy(endpoint, last_endpoint(pull));
    send_text(push, "before", 0);
    CHECK_MESSAGE(pull, "before");
    CHECK(zmq_close(pull) == 0);
    wait_for_events(events, ZMQ_POLLIN);
    send_text(push, "1", 0);
    SEND_MESSAGE(push, "2", "3");
    pull = make_limited(context, ZMQ_PULL);
    while (zmq_bind(pull, endpoint) != 0) /* libzmq has not let it go yet */
        zmq_poll(NULL, 0, 1);
    CHECK_MESSAGE(pull, "1");
    CHECK_MESSAGE(pull, "2", "3");
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
    CHECK(zmq_close(events) == 0);
}

static void what_is_sent_is_delivered_after_disconnect_or_close(void* context, int by_close)
{
    char text[8];
    int count = 0;
    void* push = make_limited(context, ZMQ_PUSH);
    void* pull = make_limited(context, ZMQ_PULL);
    set_int(push, ZMQ_LINGER, -1);
    join_over_tcp(pull, push);
    for (int i = 0; i < 200; ++i)
        send_text(push, "x", 0);
    if (by_close)
        CHECK(zmq_close(push) == 0);
    else
        CHECK(zmq_disconnect(push, last_endpoint(pull)) == 0);
    while (count < 200 && zmq_recv(pull, text, sizeof text, 0) == 1)
        ++count;
    CHECK(count == 200);
    if (!by_close)
    {
        CHECK_FAILS(zmq_send(push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
        CHECK(zmq_close(push) == 0);
    }
    CHECK(zmq_close(pull) == 0);
}

static void a_pair_has_one_peer(void* context)
{
    void* pair = make_limited(context, ZMQ_PAIR);
    void* first = make_limited(context, ZMQ_PAIR);
    void* second = make_limited(context, ZMQ_PAIR);
    join_over_tcp(pair, first);
    send_text(first, "first", 0);
    CHECK_MESSAGE(pair, "first");
    CHECK(zmq_connect(second, last_endpoint(pair)) == 0);
    send_text(second, "unheard", 0);
    CHECK_NOTHING_COMES(pair);
    send_text(pair, "to the first", 0);
    CHECK_MESSAGE(first, "to the first");
    CHECK_NOTHING_COMES(second);
    CHECK(zmq_close(pair) == 0);
    CHECK(zmq_close(first) == 0);
    CHECK(zmq_close(second) == 0);
}

static void the_newest_is_kept_and_no_other(void* context)
{
    static const int suitable[] = {ZMQ_PULL, ZMQ_PUSH, ZMQ_SUB, ZMQ_PUB, ZMQ_DEALER};
    void* push = make_limited(context, ZMQ_PUSH);
    void* pull = make_limited(context, ZMQ_PULL);
    set_int(push, ZMQ_CONFLATE, 1);
    CHECK(get_int(push, ZMQ_CONFLATE) == 1);
    CHECK(zmq_connect(push, "ipc://@conflating") == 0);
    for (int i = 0; i < 2000; ++i)
        CHECK(zmq_send(push, &i, sizeof i, ZMQ_DONTWAIT) == sizeof i);
    CHECK(zmq_bind(pull, "ipc://@conflating") == 0);
    int newest = 0;
    CHECK(zmq_recv(pull, &newest, sizeof newest, 0) == sizeof newest);
    CHECK(newest == 1999);
    CHECK_NOTHING_COMES(pull);
    for (size_t i = 0; i < sizeof suitable / sizeof suitable[0]; ++i)
    {
        void* socket = make_limited(context, suitable[i]);
        const int wrong = 2;
        CHECK(get_int(socket, ZMQ_CONFLATE) == 0);
        CHECK_FAILS(zmq_setsockopt(socket, ZMQ_CONFLATE, &wrong, sizeof wrong), EINVAL);
        CHECK(zmq_close(socket) == 0);
    }
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    everybody_gets_the_next_in_turn(context);
    everybody_is_heard_in_turn(context);
    who_is_not_there_yet_gets_as_much_as_the_mark_allows(context, ZMQ_PUSH);
    who_is_not_there_yet_gets_as_much_as_the_mark_allows(context, ZMQ_DEALER);
    who_is_not_there_yet_gets_as_much_as_the_mark_allows(context, ZMQ_PAIR);
    parts_count_as_one_message(context);
    only_who_is_connected_is_given_messages_if_asked_for(context);
    what_waits_for_a_lost_peer_goes_to_who_takes_its_place(context);
    what_is_sent_is_delivered_after_disconnect_or_close(context, 0);
    what_is_sent_is_delivered_after_disconnect_or_close(context, 1);
    a_pair_has_one_peer(context);
    the_newest_is_kept_and_no_other(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
