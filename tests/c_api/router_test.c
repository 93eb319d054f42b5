/* ROUTER: ids, routes, probes, and who takes whose place. */
#include "tests/c_api/check.h"

static void* named(void* context, const char* id)
{
    void* dealer = make_limited(context, ZMQ_DEALER);
    set_text(dealer, ZMQ_ROUTING_ID, id);
    return dealer;
}

static void ids_may_be_any_octets(void* context)
{
    char long_id[257];
    void* router = make_limited(context, ZMQ_ROUTER);
    void* dealer = make_limited(context, ZMQ_DEALER);
    memset(long_id, 'x', sizeof long_id);
    CHECK_FAILS(zmq_setsockopt(dealer, ZMQ_ROUTING_ID, "", 0), EINVAL);
    CHECK_FAILS(zmq_setsockopt(dealer, ZMQ_ROUTING_ID, NULL, 0), EINVAL);
    CHECK_FAILS(zmq_setsockopt(dealer, ZMQ_ROUTING_ID, long_id, 256), EINVAL);
    CHECK(zmq_setsockopt(dealer, ZMQ_ROUTING_ID, long_id, 255) == 0);
    CHECK(zmq_setsockopt(dealer, ZMQ_ROUTING_ID, "\0ab", 3) == 0);
    join_over_tcp(router, dealer);
    send_text(dealer, "hello", 0);
    CHECK_OCTETS(router, "\0ab");
    CHECK_RECEIVES(router, "hello");
    SEND_OCTETS(router, "\0ab", ZMQ_SNDMORE);
    send_text(router, "and you", 0);
    CHECK_MESSAGE(dealer, "and you");
    CHECK(zmq_close(router) == 0);
    CHECK(zmq_close(dealer) == 0);
}

static void ids_made_up_count_up(void* context)
{
    void* router = make_limited(context, ZMQ_ROUTER);
    unsigned char ids[2][8];
    CHECK(zmq_bind(router, "tcp://127.0.0.1:*") == 0);
    for (int i = 0; i < 2; ++i)
    {
        void* dealer = make_limited(context, ZMQ_DEALER);
        CHECK(zmq_connect(dealer, last_endpoint(router)) == 0);
        send_text(dealer, "x", 0);
        CHECK(zmq_recv(router, ids[i], sizeof ids[i], 0) == 5);
        CHECK_RECEIVES(router, "x");
        CHECK(ids[i][0] == 0);
        CHECK(zmq_close(dealer) == 0);
    }
    CHECK((unsigned char)(ids[0][4] + 1) == ids[1][4]);
    CHECK(zmq_close(router) == 0);
}

static void what_has_no_route_is_dropped_or_refused(void* context)
{
    void* router = make_limited(context, ZMQ_ROUTER);
    void* dealer = named(context, "D");
    join_over_tcp(router, dealer);
    send_text(dealer, "here", 0);
    CHECK_MESSAGE(router, "D", "here");

    SEND_MESSAGE(router, "nobody", "lost");
    send_text(router, "D", 0); /* an id and nothing else */
    SEND_MESSAGE(router, "", "lost");
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    CHECK_FAILS(zmq_send(router, "nobody", 6, ZMQ_SNDMORE), EHOSTUNREACH);
    CHECK_FAILS(zmq_send(router, "nobody", 6, ZMQ_SNDMORE | ZMQ_DONTWAIT), EHOSTUNREACH);
    SEND_MESSAGE(router, "D", "", "", "x");
    CHECK_MESSAGE(dealer, "", "", "x");
    SEND_MESSAGE(router, "D", "");
    CHECK_MESSAGE(dealer, "");
    CHECK(zmq_close(dealer) == 0);
    while (zmq_send(router, "D", 1, ZMQ_SNDMORE) == 1) /* until it is known to be gone */
    {
        send_text(router, "too late", 0);
        zmq_poll(NULL, 0, 1);
    }
    CHECK(zmq_errno() == EHOSTUNREACH);
    CHECK(zmq_close(router) == 0);
}

static void a_full_peer_is_told_of_if_routes_are_mandatory(void* context)
{
    void* router = make_limited(context, ZMQ_ROUTER);
    void* full = named(context, "full");
    void* free_one = named(context, "free");
    set_int(router, ZMQ_SNDHWM, 1);
    set_int(full, ZMQ_RCVHWM, 1);
    set_int(free_one, ZMQ_RCVHWM, 1);
    CHECK(zmq_bind(router, "inproc://full") == 0);
    CHECK(zmq_connect(full, "inproc://full") == 0);
    CHECK(zmq_connect(free_one, "inproc://full") == 0);
    CHECK(get_int(router, ZMQ_EVENTS) == ZMQ_POLLOUT);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    SEND_MESSAGE(router, "full", "1");
    SEND_MESSAGE(router, "full", "2");
    CHECK_FAILS(zmq_send(router, "full", 4, ZMQ_SNDMORE | ZMQ_DONTWAIT), EAGAIN);
    CHECK(get_int(router, ZMQ_EVENTS) == ZMQ_POLLOUT);
    SEND_MESSAGE(router, "free", "1");
    SEND_MESSAGE(router, "free", "2");
    CHECK(get_int(router, ZMQ_EVENTS) == 0);
    set_int(router, ZMQ_ROUTER_MANDATORY, 0);
    SEND_MESSAGE(router, "full", "dropped");
    CHECK_MESSAGE(full, "1");
    CHECK_MESSAGE(full, "2");
    CHECK_NOTHING_COMES(full);
    CHECK(zmq_close(router) == 0);
    CHECK(zmq_close(full) == 0);
    CHECK(zmq_close(free_one) == 0);
}

static void of_two_with_one_id_the_first_stays_or_hands_over(void* context, int handover)
{
    void* router = make_limited(context, ZMQ_ROUTER);
    void* first = named(context, "same");
    void* second = named(context, "same");
    set_int(router, ZMQ_ROUTER_HANDOVER, handover);
    join_over_tcp(router, first);
    send_text(first, "1", 0);
    CHECK_MESSAGE(router, "same", "1");
    CHECK(zmq_connect(second, last_endpoint(router)) == 0);
    send_text(second, "2", 0);
    if (handover)
        CHECK_MESSAGE(router, "same", "2");
    else
        CHECK_NOTHING_COMES(router);
    SEND_MESSAGE(router, "same", "for one of them");
    CHECK_MESSAGE(handover ? second : first, "for one of them");
    CHECK_NOTHING_COMES(handover ? first : second);
    CHECK(zmq_close(router) == 0);
    CHECK(zmq_close(first) == 0);
    CHECK(zmq_close(second) == 0);
}

static void a_probe_is_an_empty_message(void* context, int type, const char* endpoint)
{
    void* router = make_limited(context, ZMQ_ROUTER);
    void* other = make_limited(context, type);
    set_int(other, ZMQ_PROBE_ROUTER, 1);
    set_text(other, ZMQ_ROUTING_ID, "prober");
    CHECK(zmq_bind(router, endpoint) == 0);
    CHECK(zmq_connect(other, last_endpoint(router)) == 0);
    if (type == ZMQ_DEALER)
        send_text(other, "not the first", 0);
    CHECK_MESSAGE(router, "prober", "");
    if (type == ZMQ_DEALER)
        CHECK_MESSAGE(router, "prober", "not the first");
    CHECK(zmq_unbind(router, last_endpoint(router)) == 0);
    CHECK(zmq_close(router) == 0);
    CHECK(zmq_close(other) == 0);
}

static void a_peer_can_be_given_an_id_beforehand(void* context, const char* endpoint)
{
    void* router = make_limited(context, ZMQ_ROUTER);
    void* dealer = named(context, "its own");
    void* next = named(context, "next");
    CHECK(zmq_bind(dealer, endpoint) == 0);
    CHECK_FAILS(zmq_setsockopt(router, ZMQ_CONNECT_ROUTING_ID, "", 0), EINVAL);
    CHECK_FAILS(zmq_setsockopt(dealer, ZMQ_CONNECT_ROUTING_ID, "x", 1), EINVAL);
    set_text(router, ZMQ_CONNECT_ROUTING_ID, "ours");
    CHECK(zmq_connect(router, last_endpoint(dealer)) == 0);
    SEND_MESSAGE(router, "ours", "at once");
    CHECK_MESSAGE(dealer, "at once");
    send_text(dealer, "back", 0);
    CHECK_MESSAGE(router, "ours", "back");

    /* It is for one connect. */
    CHECK(zmq_bind(next, "tcp://127.0.0.1:*") == 0);
    CHECK(zmq_connect(router, last_endpoint(next)) == 0);
    send_text(next, "me", 0);
    CHECK_MESSAGE(router, "next", "me");
    CHECK(zmq_unbind(dealer, last_endpoint(dealer)) == 0);
    CHECK(zmq_close(router) == 0);
    CHECK(zmq_close(dealer) == 0);
    CHECK(zmq_close(next) == 0);
}

static void what_was_begun_is_read_to_its_end(void* context)
{
    void* router = make_limited(context, ZMQ_ROUTER);
    void* dealer = named(context, "D");
    void* other = named(context, "E");
    join_over_tcp(router, dealer);
    SEND_MESSAGE(dealer, "1", "2", "3");
    CHECK_RECEIVES(router, "D");
    CHECK(zmq_connect(other, last_endpoint(router)) == 0);
    send_text(other, "in between", 0);
    send_text(dealer, "half", ZMQ_SNDMORE);
    CHECK(zmq_close(dealer) == 0);
    CHECK_MESSAGE(router, "1", "2", "3");
    CHECK_MESSAGE(router, "E", "in between");
    CHECK_NOTHING_COMES(router);
    CHECK(zmq_close(router) == 0);
    CHECK(zmq_close(other) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    ids_may_be_any_octets(context);
    ids_made_up_count_up(context);
    what_has_no_route_is_dropped_or_refused(context);
    a_full_peer_is_told_of_if_routes_are_mandatory(context);
    of_two_with_one_id_the_first_stays_or_hands_over(context, 0);
    of_two_with_one_id_the_first_stays_or_hands_over(context, 1);
    a_probe_is_an_empty_message(context, ZMQ_DEALER, "tcp://127.0.0.1:*");
    a_probe_is_an_empty_message(context, ZMQ_REQ, "tcp://127.0.0.1:*");
    a_probe_is_an_empty_message(context, ZMQ_ROUTER, "tcp://127.0.0.1:*");
    a_probe_is_an_empty_message(context, ZMQ_DEALER, "inproc://probed");
    a_peer_can_be_given_an_id_beforehand(context, "tcp://127.0.0.1:*");
    a_peer_can_be_given_an_id_beforehand(context, "inproc://chosen");
    what_was_begun_is_read_to_its_end(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
