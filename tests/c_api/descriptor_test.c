/* The descriptors of connections and listeners, as messages and events tell of them. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/c_api/monitor_events.h"

/* The next frame at the socket, which came over that descriptor. */
static void check_source(void* socket, int descriptor)
{
    zmq_msg_t message;
    zmq_msg_t copy;
    CHECK(zmq_msg_init(&message) == 0);
    CHECK(zmq_msg_init(&copy) == 0);
    CHECK(zmq_msg_recv(&message, socket, 0) >= 0);
    CHECK(zmq_msg_get(&message, ZMQ_SRCFD) == descriptor);
    CHECK(zmq_msg_copy(&copy, &message) == 0);
    CHECK(zmq_msg_get(&copy, ZMQ_SRCFD) == descriptor);
    CHECK(zmq_msg_move(&copy, &message) == 0);
    CHECK(zmq_msg_get(&copy, ZMQ_SRCFD) == descriptor);
    CHECK_FAILS(zmq_msg_get(&message, ZMQ_SRCFD), EINVAL);
    CHECK(zmq_msg_close(&message) == 0);
    CHECK(zmq_msg_close(&copy) == 0);
}

static int listens(uint32_t descriptor)
{
    int answer = 0;
    socklen_t size = sizeof answer;
    return getsockopt((int)descriptor, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer;
}

static unsigned port_of(uint32_t descriptor, int (*end)(int, struct sockaddr*, socklen_t*))
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    return end((int)descriptor, (struct sockaddr*)&address, &size) == 0 ? address.sin_port : 0;
}

static void events_and_messages_tell_of_the_same_connection(void* context)
{
    void* server_events;
    void* client_events;
    void* server = watched(context, ZMQ_ROUTER, ZMQ_EVENT_ALL, "inproc://server", &server_events);
    void* client = watched(context, ZMQ_DEALER, ZMQ_EVENT_ALL, "inproc://client", &client_events);
    char large[1000] = "";
    join_over_tcp(server, client);

    const struct event listening = next_event(server_events);
    CHECK(listening.number == ZMQ_EVENT_LISTENING && listens(listening.value));
    const struct event accepted = next_event(server_events);
    CHECK(accepted.number == ZMQ_EVENT_ACCEPTED);
    CHECK(port_of(accepted.value, getsockname) == port_of(listening.value, getsockname));
    CHECK_NEXT(client_events, ZMQ_EVENT_CONNECT_DELAYED);
    const struct event connected = next_event(client_events);
    CHECK(connected.number == ZMQ_EVENT_CONNECTED);
    CHECK(port_of(connected.value, getpeername) == port_of(listening.value, getsockname));
    CHECK(port_of(connected.value, getsockname) == port_of(accepted.value, getpeername));
    CHECK_NEXT(client_events, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

    send_text(client, "small", ZMQ_SNDMORE);
    CHECK(zmq_send(client, large, sizeof large, 0) == (int)sizeof large);
    for (int frame = 0; frame < 3; ++frame)
        check_source(server, (int)accepted.value);
    CHECK(get_int(server, ZMQ_RCVMORE) == 0);

    CHECK(zmq_close(client) == 0);
    CHECK_NEXT(server_events, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    const struct event gone = next_event(server_events);
    CHECK(gone.number == ZMQ_EVENT_DISCONNECTED && gone.value == accepted.value);
    CHECK(zmq_close(server) == 0);
    const struct event closed = next_event(server_events);
    CHECK(closed.number == ZMQ_EVENT_CLOSED && closed.value == listening.value);
    CHECK(zmq_close(client_events) == 0);
    CHECK(zmq_close(server_events) == 0);
}

static void each_listener_that_closes_tells_its_own(void* context)
{
    void* events;
    void* server = watched(context, ZMQ_PULL, ZMQ_EVENT_ALL, "inproc://listeners", &events);
    struct event listening[2];
    for (int i = 0; i < 2; ++i)
    {
        CHECK(zmq_bind(server, "tcp://127.0.0.1:*") == 0);
        listening[i] = next_event(events);
        CHECK(listening[i].number == ZMQ_EVENT_LISTENING && listens(listening[i].value));
    }
    CHECK(zmq_unbind(server, listening[0].endpoint) == 0);
    const struct event unbound = next_event(events);
    CHECK(unbound.number == ZMQ_EVENT_CLOSED && unbound.value == listening[0].value);
    CHECK(zmq_close(server) == 0);
    const struct event closed = next_event(events);
    CHECK(closed.number == ZMQ_EVENT_CLOSED && closed.value == listening[1].value);
    CHECK(strcmp(closed.endpoint, listening[1].endpoint) == 0);
    CHECK(zmq_close(events) == 0);
}

static void an_attempt_that_fails_tells_its_own(void* context)
{
    void* events;
    void* client = watched(context, ZMQ_PUSH, ZMQ_EVENT_CLOSED, "inproc://refused", &events);
    void* server = make(context, ZMQ_PULL);
    char endpoint[128] = "";
    size_t size = sizeof endpoint;
    CHECK(zmq_bind(server, "tcp://127.0.0.1:*") == 0);
    CHECK(zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    CHECK(zmq_unbind(server, endpoint) == 0);
    CHECK(zmq_connect(client, endpoint) == 0);
    const struct event closed = next_event(events);
    CHECK(closed.number == ZMQ_EVENT_CLOSED);
    CHECK(closed.value > 2 && closed.value < 1024 * 1024);
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(server) == 0);
    CHECK(zmq_close(events) == 0);
}

static void within_the_process_there_is_none(void* context)
{
    void* one = make(context, ZMQ_PAIR);
    void* other = make(context, ZMQ_PAIR);
    limit_waiting(other);
    CHECK(zmq_bind(one, "inproc://pair") == 0);
    CHECK(zmq_connect(other, "inproc://pair") == 0);
    send_text(one, "x", 0);
    zmq_msg_t message;
    CHECK(zmq_msg_init(&message) == 0);
    CHECK(zmq_msg_recv(&message, other, 0) == 1);
    CHECK_FAILS(zmq_msg_get(&message, ZMQ_SRCFD), EINVAL);
    CHECK(zmq_msg_close(&message) == 0);
    CHECK(zmq_close(one) == 0);
    CHECK(zmq_close(other) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    events_and_messages_tell_of_the_same_connection(context);
    each_listener_that_closes_tells_its_own(context);
    an_attempt_that_fails_tells_its_own(context);
    within_the_process_there_is_none(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
