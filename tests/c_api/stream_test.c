/* STREAM: peers without ZMTP, their ids, and what a program hears of their coming and going. */
#include "tests/c_api/raw_peer.h"

static void a_raw_peer_is_known_by_its_id(void* context)
{
    void* stream = make(context, ZMQ_STREAM);
    char endpoint[128] = "";
    char id[256];
    char answer[6] = "";
    size_t size = sizeof id;
    int peer;
    limit_waiting(stream);
    CHECK_FAILS(zmq_getsockopt(stream, ZMQ_STREAM_NOTIFY, id, &size), EINVAL);
    bind_somewhere(stream, endpoint, sizeof endpoint);
    peer = connect_raw(endpoint);
    CHECK(zmq_recv(stream, id, sizeof id, 0) == 5);
    CHECK(id[0] == 0);
    CHECK(get_int(stream, ZMQ_RCVMORE) == 1);
    CHECK_RECEIVES(stream, "");
    CHECK(send(peer, "hello", 5, 0) == 5);
    CHECK(zmq_recv(stream, id, sizeof id, 0) == 5);
    CHECK_RECEIVES(stream, "hello");
    CHECK(zmq_send(stream, id, 5, ZMQ_SNDMORE) == 5);
    CHECK(zmq_send(stream, "world", 5, ZMQ_SNDMORE) == 5); /* the second part is always the last */
    CHECK(recv(peer, answer, 5, MSG_WAITALL) == 5);
    CHECK(strcmp(answer, "world") == 0);
    CHECK(zmq_send(stream, id, 5, ZMQ_SNDMORE) == 5);
    CHECK(zmq_send(stream, "", 0, 0) == 0); /* lets it go */
    CHECK(recv(peer, answer, 1, 0) == 0);
    CHECK_FAILS(zmq_send(stream, "nobody", 6, ZMQ_SNDMORE), EHOSTUNREACH);
    close(peer);
    CHECK(zmq_close(stream) == 0);
}

static void without_notices_only_octets_come(void* context)
{
    void* stream = make(context, ZMQ_STREAM);
    char endpoint[128] = "";
    char id[256];
    int peer;
    limit_waiting(stream);
    set_int(stream, ZMQ_STREAM_NOTIFY, 0);
    bind_somewhere(stream, endpoint, sizeof endpoint);
    peer = connect_raw(endpoint);
    CHECK(send(peer, "octets", 6, 0) == 6);
    CHECK(zmq_recv(stream, id, sizeof id, 0) == 5);
    CHECK_RECEIVES(stream, "octets");
    close(peer);
    CHECK(zmq_close(stream) == 0);
}

static void who_connects_knows_the_id_at_once(void* context)
{
    void* server = make(context, ZMQ_STREAM);
    void* client = make(context, ZMQ_STREAM);
    char endpoint[128] = "";
    char id[256];
    size_t size = sizeof id;
    limit_waiting(server);
    limit_waiting(client);
    bind_somewhere(server, endpoint, sizeof endpoint);
    CHECK(zmq_connect(client, endpoint) == 0);
    CHECK(zmq_getsockopt(client, ZMQ_ROUTING_ID, id, &size) == 0);
    CHECK(size == 5);
    CHECK(zmq_send(client, id, size, ZMQ_SNDMORE) == 5);
    CHECK(zmq_send(client, "ping", 4, 0) == 4);
    CHECK(zmq_recv(server, id, sizeof id, 0) == 5);
    CHECK_RECEIVES(server, "");
    CHECK(zmq_recv(server, id, sizeof id, 0) == 5);
    CHECK_RECEIVES(server, "ping");
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(server) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    ONLY_HERE(a_raw_peer_is_known_by_its_id(context));
    without_notices_only_octets_come(context);
    who_connects_knows_the_id_at_once(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
