/* Sockets: made, bound, connected, closed; and what happens with handles that are none. */
#include "tests/c_api/check.h"

/* Every call that takes a socket. */
static void every_call_refuses(void* no_socket)
{
    char buffer[64];
    size_t size = sizeof buffer;
    zmq_msg_t message;
    zmq_pollitem_t item = {no_socket, 0, ZMQ_POLLIN, 0};
    CHECK(zmq_msg_init(&message) == 0);
    CHECK_FAILS(zmq_close(no_socket), ENOTSOCK);
    CHECK_FAILS(zmq_bind(no_socket, "inproc://a"), ENOTSOCK);
    CHECK_FAILS(zmq_connect(no_socket, "inproc://a"), ENOTSOCK);
    CHECK_FAILS(zmq_unbind(no_socket, "inproc://a"), ENOTSOCK);
    CHECK_FAILS(zmq_disconnect(no_socket, "inproc://a"), ENOTSOCK);
    CHECK_FAILS(zmq_send(no_socket, "a", 1, 0), ENOTSOCK);
    CHECK_FAILS(zmq_send_const(no_socket, "a", 1, 0), ENOTSOCK);
    CHECK_FAILS(zmq_recv(no_socket, buffer, size, 0), ENOTSOCK);
    CHECK_FAILS(zmq_msg_send(&message, no_socket, 0), ENOTSOCK);
    CHECK_FAILS(zmq_msg_recv(&message, no_socket, 0), ENOTSOCK);
    CHECK_FAILS(zmq_getsockopt(no_socket, ZMQ_TYPE, buffer, &size), ENOTSOCK);
    CHECK_FAILS(zmq_setsockopt(no_socket, ZMQ_SUBSCRIBE, "", 0), ENOTSOCK);
    if (no_socket != NULL)
        CHECK_FAILS(zmq_poll(&item, 1, 0), ENOTSOCK);
    CHECK(zmq_msg_close(&message) == 0);
}

static void what_is_no_socket_is_told_so(void* context)
{
    static char in_memory[4096];
    void* socket = make(context, ZMQ_PAIR);
    every_call_refuses(NULL);
    every_call_refuses(in_memory);
    every_call_refuses((void*)(size_t)0xdeadbeef); /* nothing is mapped there */
    every_call_refuses(context);
    every_call_refuses((char*)socket + 8);
    CHECK(zmq_close(socket) == 0);
    every_call_refuses(socket);
}

static void types_are_known(void* context)
{
    int type;
    for (type = ZMQ_PAIR; type <= ZMQ_XSUB; ++type)
    {
        void* socket = make(context, type);
        CHECK(get_int(socket, ZMQ_TYPE) == type);
        CHECK(zmq_close(socket) == 0);
    }
    CHECK_FAILS_WITH_NULL(zmq_socket(context, -1), EINVAL);
    CHECK_FAILS_WITH_NULL(zmq_socket(context, 4711), EINVAL);
}

static void bind_and_connect_say_what_is_wrong(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    CHECK_FAILS(zmq_bind(socket, "no endpoint"), EINVAL);
    CHECK_FAILS(zmq_bind(socket, ""), EINVAL);
    CHECK_FAILS(zmq_bind(socket, "tcp://127.0.0.1:nothing"), EINVAL);
    CHECK_FAILS(zmq_bind(socket, "unheard-of://a"), EPROTONOSUPPORT);
    CHECK_FAILS(zmq_bind(socket, "udp://127.0.0.1:5555"), ENOCOMPATPROTO);
    CHECK_FAILS(zmq_connect(socket, "no endpoint"), EINVAL);
    CHECK_FAILS(zmq_connect(socket, "tcp://127.0.0.1"), EINVAL);
    CHECK_FAILS(zmq_connect(socket, "unheard-of://a"), EPROTONOSUPPORT);
    CHECK_FAILS(zmq_bind(socket, "tcp://no-such-interface0:5555"), ENODEV);
    CHECK_FAILS(zmq_bind(socket, "tcp://[::1]:*"), ENODEV); /* without ZMQ_IPV6 */
    CHECK(zmq_connect(socket, "tcp://[::1]:1") == 0);
    CHECK(zmq_connect(socket, "tcp://lo:0;localhost:1") == 0);
    CHECK(zmq_connect(socket, "tcp://host-that-nobody-knows.invalid:1") == 0);
    set_int(socket, ZMQ_LINGER, 0);
    CHECK(zmq_close(socket) == 0);
}

static void a_thread_that_is_not_there_serves_nobody(void* context)
{
    uint64_t threads = 2; /* the second of one */
    void* socket = make(context, ZMQ_DEALER);
    set_int(socket, ZMQ_LINGER, 0);
    CHECK(zmq_setsockopt(socket, ZMQ_AFFINITY, &threads, sizeof threads) == 0);
    CHECK_FAILS(zmq_bind(socket, "tcp://127.0.0.1:*"), EMTHREAD);
    CHECK_FAILS(zmq_connect(socket, "tcp://127.0.0.1:1"), EMTHREAD);
    CHECK(zmq_bind(socket, "inproc://needs-no-thread") == 0);
    threads = 3;
    CHECK(zmq_setsockopt(socket, ZMQ_AFFINITY, &threads, sizeof threads) == 0);
    CHECK(zmq_bind(socket, "tcp://127.0.0.1:*") == 0);
    CHECK(zmq_close(socket) == 0);
}

static void an_address_is_taken_once(void* context)
{
    void* first = make(context, ZMQ_DEALER);
    void* second = make(context, ZMQ_DEALER);
    char endpoint[128];
    size_t size = sizeof endpoint;
    CHECK(zmq_bind(first, "inproc://taken") == 0);
    CHECK_FAILS(zmq_bind(second, "inproc://taken"), EADDRINUSE);
    CHECK(zmq_bind(first, "tcp://127.0.0.1:*") == 0);
    CHECK(zmq_getsockopt(first, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    CHECK(size == strlen(endpoint) + 1);
    CHECK(strncmp(endpoint, "tcp://127.0.0.1:", 16) == 0);
    CHECK_FAILS(zmq_bind(second, endpoint), EADDRINUSE);
    CHECK(zmq_unbind(first, endpoint) == 0);
    CHECK_FAILS(zmq_unbind(first, endpoint), ENOENT);
    CHECK(zmq_bind(first, "tcp://127.0.0.1:*") == 0);
    CHECK_FAILS(zmq_unbind(first, "tcp://127.0.0.1:*"), ENOENT); /* it is ZMQ_LAST_ENDPOINT now */
    CHECK(zmq_bind(first, "ipc://*") == 0);
    CHECK_FAILS(zmq_unbind(first, "ipc://*"), ENOENT);
    CHECK(zmq_close(first) == 0);
    CHECK(zmq_close(second) == 0);
}

static void what_was_connected_can_be_disconnected(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    char endpoint[128];
    size_t size = sizeof endpoint;
    set_int(socket, ZMQ_LINGER, 0);
    CHECK(zmq_connect(socket, "tcp://127.0.0.1:1") == 0);
    CHECK(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    CHECK(strcmp(endpoint, "tcp://127.0.0.1:1") == 0);
    CHECK_FAILS(zmq_disconnect(socket, "tcp://127.0.0.1:2"), ENOENT);
    CHECK_FAILS(zmq_disconnect(socket, "nothing"), EINVAL);
    CHECK_FAILS(zmq_disconnect(socket, "tcp://"), EINVAL);
    CHECK_FAILS(zmq_disconnect(socket, NULL), EINVAL);
    CHECK_FAILS(zmq_unbind(socket, NULL), EINVAL);
    CHECK(zmq_disconnect(socket, "tcp://127.0.0.1:1") == 0);
    CHECK_FAILS(zmq_disconnect(socket, "tcp://127.0.0.1:1"), ENOENT);
    CHECK(zmq_close(socket) == 0);
}

static void asked_for_security_nothing_goes_without_it(void* context)
{
    static const char key[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    void* socket = make(context, ZMQ_DEALER);
    CHECK(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, key, 40) == 0);
    CHECK_FAILS(zmq_connect(socket, "tcp://127.0.0.1:1"), EPROTONOSUPPORT);
    CHECK_FAILS(zmq_bind(socket, "tcp://127.0.0.1:*"), EPROTONOSUPPORT);
    CHECK(zmq_close(socket) == 0);

    socket = make(context, ZMQ_DEALER);
    set_int(socket, ZMQ_PLAIN_SERVER, 1);
    CHECK_FAILS(zmq_bind(socket, "tcp://127.0.0.1:*"), EPROTONOSUPPORT);
    set_int(socket, ZMQ_PLAIN_SERVER, 0);
    CHECK(zmq_bind(socket, "tcp://127.0.0.1:*") == 0);
    CHECK(zmq_close(socket) == 0);
}

static void handles_are_not_reused_at_once(void* context)
{
    void* closed = make(context, ZMQ_PAIR);
    int i;
    CHECK(zmq_close(closed) == 0);
    for (i = 0; i < 100; ++i)
    {
        void* other = make(context, ZMQ_PAIR);
        CHECK(other != closed);
        CHECK_FAILS(zmq_send(closed, "a", 1, ZMQ_DONTWAIT), ENOTSOCK);
        CHECK(zmq_close(other) == 0);
    }
}

static void many_sockets_have_handles(void* context)
{
    enum
    {
        many = 1000
    };
    static void* sockets[many];
    int i;
    for (i = 0; i < many; ++i)
        sockets[i] = make(context, ZMQ_PAIR);
    for (i = 0; i < many; ++i)
        CHECK(get_int(sockets[i], ZMQ_TYPE) == ZMQ_PAIR);
    for (i = 0; i < many; ++i)
        CHECK(zmq_close(sockets[i]) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    ONLY_HERE(what_is_no_socket_is_told_so(context));
    types_are_known(context);
    bind_and_connect_say_what_is_wrong(context);
    a_thread_that_is_not_there_serves_nobody(context);
    an_address_is_taken_once(context);
    what_was_connected_can_be_disconnected(context);
    ONLY_HERE(asked_for_security_nothing_goes_without_it(context));
    ONLY_HERE(handles_are_not_reused_at_once(context));
    ONLY_HERE(many_sockets_have_handles(context));
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
