/* ZMQ_ROUTER_RAW: a ROUTER whose peers speak no ZMTP. */
#include "tests/c_api/raw_peer.h"

static void* make_raw(void* context)
{
    void* router = make(context, ZMQ_ROUTER);
    limit_waiting(router);
    set_int(router, ZMQ_ROUTER_RAW, 1);
    return router;
}

/* The next message is the one that tells of a connection. */
static void take_notice(void* router, char* id)
{
    CHECK(zmq_recv(router, id, 5, 0) == 5);
    CHECK(id[0] == 0);
    CHECK(get_int(router, ZMQ_RCVMORE) == 1);
    CHECK_RECEIVES(router, "");
}

static void send_to(void* router, const char* id, const char* text)
{
    CHECK(zmq_send(router, id, 5, ZMQ_SNDMORE) == 5);
    send_text(router, text, 0);
}

static void the_option_is_for_routers(void* context)
{
    const int types[] = {ZMQ_DEALER, ZMQ_REQ, ZMQ_PUB, ZMQ_STREAM};
    const int on = 1;
    int value = -1;
    size_t size = sizeof value;
    void* router = make(context, ZMQ_ROUTER);
    CHECK_FAILS(zmq_setsockopt(router, ZMQ_ROUTER_RAW, &value, sizeof value), EINVAL);
    CHECK_FAILS(zmq_getsockopt(router, ZMQ_ROUTER_RAW, &value, &size), EINVAL);
    CHECK_FAILS(zmq_setsockopt(router, ZMQ_STREAM_NOTIFY, &on, sizeof on), EINVAL);
    CHECK(zmq_close(router) == 0);
    for (size_t i = 0; i < sizeof types / sizeof *types; ++i)
    {
        void* other = make(context, types[i]);
        CHECK_FAILS(zmq_setsockopt(other, ZMQ_ROUTER_RAW, &on, sizeof on), EINVAL);
        CHECK(zmq_close(other) == 0);
    }
}

static void octets_go_both_ways(void* context)
{
    void* router = make_raw(context);
    char endpoint[128] = "";
    char id[5];
    char again[5];
    int peer;
    bind_somewhere(router, endpoint, sizeof endpoint);
    peer = connect_raw(endpoint);
    take_notice(router, id);
    CHECK(send(peer, "hello", 5, 0) == 5);
    CHECK(zmq_recv(router, again, sizeof again, 0) == 5);
    CHECK(memcmp(id, again, sizeof id) == 0);
    CHECK_RECEIVES(router, "hello");
    send_to(router, id, "world");
    CHECK_READS(peer, "world");
    close(peer);
    take_notice(router, again);
    CHECK(memcmp(id, again, sizeof id) == 0);
    send_to(router, id, "into the void");
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    CHECK_FAILS(zmq_send(router, id, sizeof id, ZMQ_SNDMORE), EHOSTUNREACH);
    CHECK(zmq_close(router) == 0);
}

static void the_second_part_is_always_the_last(void* context)
{
    void* router = make_raw(context);
    char endpoint[128] = "";
    char id[5];
    int peer;
    bind_somewhere(router, endpoint, sizeof endpoint);
    peer = connect_raw(endpoint);
    take_notice(router, id);
    CHECK(zmq_send(router, id, sizeof id, ZMQ_SNDMORE) == 5);
    send_text(router, "one ", ZMQ_SNDMORE);
    send_text(router, "dropped", 0); /* alone, it is for nobody */
    CHECK(zmq_send(router, id, sizeof id, 0) == 5);
    send_to(router, id, "two");
    CHECK_READS(peer, "one two");
    close(peer);
    CHECK(zmq_close(router) == 0);
}

static void an_empty_second_part_lets_the_peer_go(void* context)
{
    void* router = make_raw(context);
    char endpoint[128] = "";
    char id[5];
    char octet;
    int peer;
    bind_somewhere(router, endpoint, sizeof endpoint);
    peer = connect_raw(endpoint);
    take_notice(router, id);
    send_to(router, id, "last");
    send_to(router, id, "");
    CHECK_READS(peer, "last");
    CHECK(recv(peer, &octet, 1, 0) == 0);
    send_to(router, id, "for nobody");
    CHECK_FAILS(zmq_recv(router, id, sizeof id, ZMQ_DONTWAIT), EAGAIN);
    close(peer);
    CHECK(zmq_close(router) == 0);
}

static void a_connect_chooses_the_id_of_its_peer(void* context)
{
    void* server = make_raw(context);
    void* client = make_raw(context);
    char endpoint[128] = "";
    char id[256];
    size_t size = sizeof id;
    bind_somewhere(server, endpoint, sizeof endpoint);
    CHECK(zmq_setsockopt(client, ZMQ_CONNECT_ROUTING_ID, "peer", 4) == 0);
    CHECK(zmq_connect(client, endpoint) == 0);
    send_text(client, "peer", ZMQ_SNDMORE);
    send_text(client, "ping", 0);
    take_notice(server, id);
    CHECK(zmq_recv(server, id, sizeof id, 0) == 5);
    CHECK_RECEIVES(server, "ping");
    send_to(server, id, "pong");
    CHECK_RECEIVES(client, "peer");
    CHECK_RECEIVES(client, "");
    CHECK_RECEIVES(client, "peer");
    CHECK_RECEIVES(client, "pong");
    CHECK(zmq_getsockopt(client, ZMQ_ROUTING_ID, id, &size) == 0);
    CHECK(size == 0); /* which is a STREAM's only */
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(server) == 0);
}

static void what_was_bound_before_speaks_zmtp(void* context)
{
    const int off = 0;
    void* router = make(context, ZMQ_ROUTER);
    void* dealer = make(context, ZMQ_DEALER);
    char endpoint[128] = "";
    char id[5];
    int peer;
    limit_waiting(router);
    limit_waiting(dealer);
    join_over_tcp(router, dealer);
    send_text(dealer, "before", 0);
    CHECK(zmq_recv(router, id, sizeof id, 0) == 5);
    CHECK_RECEIVES(router, "before");
    set_int(router, ZMQ_ROUTER_RAW, 1);
    CHECK(zmq_setsockopt(router, ZMQ_ROUTER_RAW, &off, sizeof off) == 0); /* there is no way back */
    send_text(dealer, "after", 0);
    CHECK(zmq_recv(router, id, sizeof id, 0) == 5);
    CHECK_RECEIVES(router, "after");
    send_to(router, id, "goes on");
    CHECK_RECEIVES(dealer, "goes on");
    bind_somewhere(router, endpoint, sizeof endpoint);
    peer = connect_raw(endpoint);
    take_notice(router, id);
    send_to(router, id, "raw");
    CHECK_READS(peer, "raw");
    close(peer);
    CHECK(zmq_close(dealer) == 0);
    CHECK(zmq_close(router) == 0);
}

static void raw_peers_are_not_within_the_process(void* context)
{
    void* router = make_raw(context);
    CHECK_FAILS(zmq_bind(router, "inproc://raw"), ENOCOMPATPROTO);
    CHECK_FAILS(zmq_connect(router, "inproc://raw"), ENOCOMPATPROTO);
    CHECK(zmq_close(router) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    the_option_is_for_routers(context);
    octets_go_both_ways(context);
    the_second_part_is_always_the_last(context);
    an_empty_second_part_lets_the_peer_go(context);
    a_connect_chooses_the_id_of_its_peer(context);
    what_was_bound_before_speaks_zmtp(context);
    raw_peers_are_not_within_the_process(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
