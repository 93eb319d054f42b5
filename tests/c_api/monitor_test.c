/* zmq_socket_monitor: what a socket does, as messages of two frames at a PAIR. */
#include "tests/c_api/monitor_events.h"

static void wrong_arguments_are_told(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    CHECK_FAILS(zmq_socket_monitor(NULL, "inproc://m", ZMQ_EVENT_ALL), ENOTSOCK);
    CHECK_FAILS(zmq_socket_monitor(context, "inproc://m", ZMQ_EVENT_ALL), ENOTSOCK);
    CHECK_FAILS(zmq_socket_monitor(socket, "tcp://127.0.0.1:*", ZMQ_EVENT_ALL), EPROTONOSUPPORT);
    CHECK_FAILS(zmq_socket_monitor(socket, "ipc://m", ZMQ_EVENT_ALL), EPROTONOSUPPORT);
    CHECK_FAILS(zmq_socket_monitor(socket, "no endpoint", ZMQ_EVENT_ALL), EINVAL);
    CHECK_FAILS(zmq_socket_monitor(socket, "inproc://", ZMQ_EVENT_ALL), EINVAL);
    CHECK_FAILS(zmq_socket_monitor(socket, "", ZMQ_EVENT_ALL), EINVAL);
    CHECK_FAILS(zmq_socket_monitor(socket, "inproc://m", 0x10000), EINVAL);
    CHECK_FAILS(zmq_socket_monitor(socket, "inproc://m", -1), EINVAL);
    CHECK(zmq_socket_monitor(socket, "inproc://m", 0) == 0);
    CHECK(zmq_socket_monitor(socket, NULL, 0) == 0);
    CHECK(zmq_socket_monitor(socket, NULL, 0) == 0);

    void* other = make(context, ZMQ_DEALER);
    CHECK(zmq_bind(other, "inproc://taken") == 0);
    CHECK_FAILS(zmq_socket_monitor(socket, "inproc://taken", ZMQ_EVENT_ALL), EADDRINUSE);
    CHECK(zmq_close(other) == 0);
    CHECK(zmq_close(socket) == 0);
    CHECK_FAILS(zmq_socket_monitor(socket, "inproc://m", ZMQ_EVENT_ALL), ENOTSOCK);
}

static void both_ends_tell_of_a_connection_and_its_end(void* context)
{
    void* server_events;
    void* client_events;
    void* server = watched(context, ZMQ_REP, ZMQ_EVENT_ALL, "inproc://server", &server_events);
    void* client = watched(context, ZMQ_REQ, ZMQ_EVENT_ALL, "inproc://client", &client_events);
    join_over_tcp(server, client);

    CHECK_NEXT(server_events, ZMQ_EVENT_LISTENING);
    const struct event accepted = next_event(server_events);
    CHECK(accepted.number == ZMQ_EVENT_ACCEPTED);
    CHECK(strncmp(accepted.endpoint, "tcp://127.0.0.1:", 16) == 0);
    const struct event ready = next_event(server_events);
    CHECK(ready.number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED && ready.value == 0);

    const struct event delayed = next_event(client_events);
    CHECK(delayed.number == ZMQ_EVENT_CONNECT_DELAYED && delayed.value == EINPROGRESS);
    CHECK(strcmp(delayed.endpoint, accepted.endpoint) == 0);
    CHECK_NEXT(client_events, ZMQ_EVENT_CONNECTED);
    CHECK_NEXT(client_events, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

    CHECK(zmq_close(server) == 0);
    CHECK_NEXT(client_events, ZMQ_EVENT_DISCONNECTED);
    const struct event retried = next_event(client_events);
    CHECK(retried.number == ZMQ_EVENT_CONNECT_RETRIED && retried.value < 10000);
    CHECK_NEXT(client_events, ZMQ_EVENT_CONNECT_DELAYED);
    CHECK_NEXT(client_events, ZMQ_EVENT_CLOSED); /* refused */
    CHECK_NEXT(client_events, ZMQ_EVENT_CONNECT_RETRIED);
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(server_events) == 0);
    CHECK(zmq_close(client_events) == 0);
}

static void only_what_was_asked_for_is_told(void* context)
{
    void* events;
    void* client = make(context, ZMQ_DEALER);
    void* server = watched(context, ZMQ_ROUTER, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_CLOSED,
        "inproc://few", &events);
    limit_waiting(client);
    join_over_tcp(server, client);
    const struct event ready = next_event(events);
    CHECK(ready.number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK(zmq_unbind(server, ready.endpoint) == 0);
    CHECK_NEXT(events, ZMQ_EVENT_CLOSED);
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(server) == 0);
    CHECK(zmq_close(events) == 0);
}

static void inproc_is_not_told_of(void* context)
{
    void* events;
    void* server = watched(context, ZMQ_PAIR, ZMQ_EVENT_ALL, "inproc://quiet", &events);
    void* client = make(context, ZMQ_PAIR);
    CHECK(zmq_bind(server, "inproc://nothing-to-tell") == 0);
    CHECK(zmq_connect(client, "inproc://nothing-to-tell") == 0);
    CHECK(zmq_socket_monitor(server, NULL, 0) == 0);
    CHECK_NEXT(events, ZMQ_EVENT_MONITOR_STOPPED);
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(server) == 0);
    CHECK(zmq_close(events) == 0);
}

static void a_monitor_ends_with_a_last_event(void* context)
{
    void* events;
    void* socket = watched(context, ZMQ_PULL, ZMQ_EVENT_ALL, "inproc://first", &events);
    CHECK(zmq_socket_monitor(socket, "inproc://second", ZMQ_EVENT_ALL) == 0);
    const struct event last = next_event(events);
    CHECK(last.number == ZMQ_EVENT_MONITOR_STOPPED && last.value == 0);
    CHECK(last.endpoint[0] == '\0');
    CHECK(zmq_close(events) == 0);

    events = listen_to(context, "inproc://second");
    CHECK(zmq_socket_monitor(socket, NULL, 0) == 0);
    CHECK_NEXT(events, ZMQ_EVENT_MONITOR_STOPPED);
    CHECK(zmq_close(events) == 0);

    /* The same name again, and closed with its socket. */
    CHECK(zmq_socket_monitor(socket, "inproc://second", ZMQ_EVENT_ALL) == 0);
    CHECK(zmq_socket_monitor(socket, "inproc://second", ZMQ_EVENT_ALL) == 0);
    events = listen_to(context, "inproc://second");
    CHECK(zmq_close(socket) == 0);
    CHECK_NEXT(events, ZMQ_EVENT_MONITOR_STOPPED);
    CHECK(zmq_close(events) == 0);
}

static void who_did_not_ask_for_the_last_event_gets_none(void* context)
{
    void* events;
    void* socket = watched(context, ZMQ_PULL, ZMQ_EVENT_LISTENING, "inproc://silent", &events);
    CHECK(zmq_bind(socket, "tcp://127.0.0.1:*") == 0);
    CHECK_NEXT(events, ZMQ_EVENT_LISTENING);
    CHECK(zmq_close(socket) == 0);
    set_int(events, ZMQ_RCVTIMEO, 100);
    CHECK(next_event(events).number == 0);
    CHECK(zmq_close(events) == 0);
}

static void what_cannot_be_bound_is_told(void* context)
{
    char endpoint[128] = "";
    size_t size = sizeof endpoint;
    void* events;
    void* other = make(context, ZMQ_PULL);
    void* socket = watched(
        context, ZMQ_PULL, ZMQ_EVENT_BIND_FAILED | ZMQ_EVENT_CLOSED, "inproc://hopeful", &events);
    CHECK(zmq_bind(other, "tcp://127.0.0.1:*") == 0);
    CHECK(zmq_getsockopt(other, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    CHECK_FAILS(zmq_bind(socket, endpoint), EADDRINUSE);
    const struct event unused = next_event(events); /* of what could not be bound */
    CHECK(unused.number == ZMQ_EVENT_CLOSED && unused.endpoint[0] == '\0');
    const struct event taken = next_event(events);
    CHECK(taken.number == ZMQ_EVENT_BIND_FAILED && taken.value == EADDRINUSE);
    CHECK(strcmp(taken.endpoint, endpoint + strlen("tcp://")) == 0);
    CHECK_FAILS(zmq_bind(socket, "ipc:///no/such/directory"), ENOENT);
    const struct event unused_ipc = next_event(events);
    CHECK(unused_ipc.number == ZMQ_EVENT_CLOSED);
    CHECK(strcmp(unused_ipc.endpoint, "ipc:///no/such/directory") == 0);
    const struct event nowhere = next_event(events);
    CHECK(nowhere.number == ZMQ_EVENT_BIND_FAILED && nowhere.value == ENOENT);
    CHECK(strcmp(nowhere.endpoint, "/no/such/directory") == 0);
    CHECK_FAILS(zmq_bind(socket, "tcp://127.0.0.1:x"), EINVAL);
    const struct event nonsense = next_event(events); /* nothing was there to be closed */
    CHECK(nonsense.number == ZMQ_EVENT_BIND_FAILED && nonsense.value == EINVAL);
    CHECK(zmq_close(other) == 0);
    CHECK(zmq_close(socket) == 0);
    CHECK(zmq_close(events) == 0);
}

static void a_closed_socket_closes_its_listeners(void* context)
{
    void* events;
    void* client = make(context, ZMQ_REQ);
    void* server = watched(
        context, ZMQ_REP, ZMQ_EVENT_ALL & ~ZMQ_EVENT_ACCEPTED, "inproc://short-lived", &events);
    limit_waiting(client);
    join_over_tcp(server, client);
    CHECK_NEXT(events, ZMQ_EVENT_LISTENING);
    const struct event ready = next_event(events);
    CHECK(ready.number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK(zmq_close(server) == 0);
    const struct event closed = next_event(events);
    CHECK(closed.number == ZMQ_EVENT_CLOSED);
    CHECK(strcmp(closed.endpoint, ready.endpoint) == 0);
    CHECK_NEXT(events, ZMQ_EVENT_MONITOR_STOPPED);
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(events) == 0);
}

static void a_connection_ended_here_is_not_told_of(void* context)
{
    void* events;
    void* server = make(context, ZMQ_REP);
    void* client = watched(context, ZMQ_REQ,
        ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_MONITOR_STOPPED,
        "inproc://unfaithful", &events);
    limit_waiting(server);
    join_over_tcp(server, client);
    const struct event ready = next_event(events);
    CHECK(ready.number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK(zmq_disconnect(client, ready.endpoint) == 0);
    set_int(events, ZMQ_RCVTIMEO, 100);
    CHECK(next_event(events).number == 0);
    CHECK(zmq_close(client) == 0);
    set_int(events, ZMQ_RCVTIMEO, 10000);
    CHECK_NEXT(events, ZMQ_EVENT_MONITOR_STOPPED);
    CHECK(zmq_close(server) == 0);
    CHECK(zmq_close(events) == 0);
}

static void events_wait_for_who_reads_late(void* context)
{
    void* socket = make(context, ZMQ_PULL);
    CHECK(zmq_socket_monitor(socket, "inproc://late", ZMQ_EVENT_ALL) == 0);
    for (int i = 0; i < 3; ++i)
        CHECK(zmq_bind(socket, "tcp://127.0.0.1:*") == 0);
    void* events = listen_to(context, "inproc://late");
    for (int i = 0; i < 3; ++i)
        CHECK_NEXT(events, ZMQ_EVENT_LISTENING);
    CHECK(zmq_close(socket) == 0);
    CHECK(zmq_close(events) == 0);
}

static void attempts_over_ipc_succeed_or_fail_at_once(void* context)
{
    void* events;
    void* client = watched(context, ZMQ_DEALER, ZMQ_EVENT_ALL, "inproc://local", &events);
    set_int(client, ZMQ_RECONNECT_IVL, 30);
    CHECK(zmq_connect(client, "ipc://@nobody-is-bound-here") == 0);
    for (int i = 0; i < 3; ++i)
    {
        CHECK_NEXT(events, ZMQ_EVENT_CLOSED);
        const struct event retried = next_event(events);
        CHECK(retried.number == ZMQ_EVENT_CONNECT_RETRIED);
        CHECK(retried.value >= 30 && retried.value < 60);
    }
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(events) == 0);
}

static void any_type_may_listen(void* context)
{
    void* socket = make(context, ZMQ_PULL);
    CHECK(zmq_socket_monitor(socket, "inproc://for-anybody", ZMQ_EVENT_ALL) == 0);
    void* events = make(context, ZMQ_PULL);
    limit_waiting(events);
    CHECK(zmq_connect(events, "inproc://for-anybody") == 0);
    CHECK(zmq_bind(socket, "tcp://127.0.0.1:*") == 0);
    CHECK_NEXT(events, ZMQ_EVENT_LISTENING);
    CHECK(zmq_close(socket) == 0);
    CHECK(zmq_close(events) == 0);
}

static void an_unsuitable_peer_is_disconnected(void* context)
{
    void* events;
    void* server = watched(context, ZMQ_PULL,
        ZMQ_EVENT_ALL & ~(ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED), "inproc://wary", &events);
    void* client = make(context, ZMQ_REQ);
    limit_waiting(client);
    set_int(client, ZMQ_RECONNECT_IVL, -1);
    join_over_tcp(server, client);
    CHECK_NEXT(events, ZMQ_EVENT_DISCONNECTED);
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(server) == 0);
    CHECK(zmq_close(events) == 0);
}

static void a_context_that_ends_takes_its_monitors_along(void)
{
    for (int i = 0; i < 20; ++i)
    {
        void* context = zmq_ctx_new();
        void* socket = make(context, ZMQ_PULL);
        CHECK(zmq_socket_monitor(socket, "inproc://m", ZMQ_EVENT_ALL) == 0);
        CHECK(zmq_bind(socket, "tcp://127.0.0.1:*") == 0);
        if (i % 2 == 0)
        {
            CHECK(zmq_ctx_shutdown(context) == 0);
            CHECK_FAILS(zmq_socket_monitor(socket, "inproc://n", ZMQ_EVENT_ALL), ETERM);
            CHECK_FAILS(zmq_socket_monitor(socket, NULL, 0), ETERM);
        }
        CHECK(zmq_close(socket) == 0);
        CHECK(zmq_ctx_term(context) == 0);
    }
}

int main(void)
{
    void* context = zmq_ctx_new();
    wrong_arguments_are_told(context);
    both_ends_tell_of_a_connection_and_its_end(context);
    only_what_was_asked_for_is_told(context);
    inproc_is_not_told_of(context);
    ONLY_HERE(a_monitor_ends_with_a_last_event(context));
    who_did_not_ask_for_the_last_event_gets_none(context);
    ONLY_HERE(what_cannot_be_bound_is_told(context));
    ONLY_HERE(a_closed_socket_closes_its_listeners(context));
    a_connection_ended_here_is_not_told_of(context);
    ONLY_HERE(events_wait_for_who_reads_late(context));
    attempts_over_ipc_succeed_or_fail_at_once(context);
    any_type_may_listen(context);
    an_unsuitable_peer_is_disconnected(context);
    CHECK(zmq_ctx_term(context) == 0);
    ONLY_HERE(a_context_that_ends_takes_its_monitors_along());
    return finish();
}
