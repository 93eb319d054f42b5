/* Who may connect (ZMQ_TCP_ACCEPT_FILTER, ZMQ_IPC_FILTER_...), and on which descriptor a socket listens (ZMQ_USE_FD). */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/c_api/check.h"

static void endpoint_of(void* socket, char* endpoint, size_t size)
{
    endpoint[0] = '\0';
    CHECK(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
}

/* The next event that is none of the first; 0 when there is none. */
static unsigned next_event(void* monitor, unsigned passed_over)
{
    for (;;)
    {
        unsigned char head[6] = {0};
        uint16_t number = 0;
        if (zmq_recv(monitor, head, sizeof head, 0) != 6)
            return 0;
        memcpy(&number, head, 2);
        CHECK(zmq_recv(monitor, NULL, 0, 0) >= 0);
        if ((number & passed_over) == 0)
            return number;
    }
}

static void* monitored(void* context, int type, void** monitor)
{
    static int count;
    char name[64];
    void* socket = make(context, type);
    snprintf(name, sizeof name, "inproc://events-%d", ++count);
    limit_waiting(socket);
    CHECK(zmq_socket_monitor(socket, name, ZMQ_EVENT_ALL) == 0);
    *monitor = make(context, ZMQ_PAIR);
    limit_waiting(*monitor);
    CHECK(zmq_connect(*monitor, name) == 0);
    return socket;
}

static void close_both(void* socket, void* monitor)
{
    CHECK(zmq_close(socket) == 0);
    CHECK(zmq_close(monitor) == 0);
}

/* Whether a client of this machine is let in; the monitors of both ends tell. */
static int lets_in(void* context, void* server, void* server_events, const char* where)
{
    char endpoint[256];
    void* client_events;
    void* client = monitored(context, ZMQ_DEALER, &client_events);
    unsigned seen;
    set_int(client, ZMQ_IPV6, 1);
    set_int(client, ZMQ_RECONNECT_IVL, 0);
    CHECK(zmq_bind(server, where) == 0);
    endpoint_of(server, endpoint, sizeof endpoint);
    CHECK(zmq_connect(client, endpoint) == 0);
    seen = next_event(server_events, ZMQ_EVENT_LISTENING);
    CHECK(next_event(client_events, ZMQ_EVENT_CONNECT_DELAYED) == ZMQ_EVENT_CONNECTED);
    if (seen == ZMQ_EVENT_ACCEPT_FAILED)
    {
        CHECK(next_event(client_events, 0) == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        CHECK(next_event(client_events, 0) == ZMQ_EVENT_DISCONNECTED);
    }
    else
    {
        CHECK(seen == ZMQ_EVENT_ACCEPTED);
        CHECK(next_event(server_events, 0) == ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        send_text(client, "hello", 0);
        CHECK_RECEIVES(server, "hello");
    }
    close_both(client, client_events);
    return seen == ZMQ_EVENT_ACCEPTED;
}

/* --- addresses ------------------------------------------------------------------------------------ */

static int add_filter(void* socket, const char* text)
{
    return zmq_setsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, text, strlen(text));
}

/* The same with one or two filters. */
static int lets_in_by(void* context, const char* first, const char* second, const char* where)
{
    void* events;
    void* server = monitored(context, ZMQ_DEALER, &events);
    int result;
    set_int(server, ZMQ_IPV6, 1);
    CHECK(add_filter(server, first) == 0);
    if (second != NULL)
        CHECK(add_filter(server, second) == 0);
    result = lets_in(context, server, events, where);
    close_both(server, events);
    return result;
}

static void addresses_in_a_range_are_let_in(void* context)
{
    CHECK(lets_in_by(context, "127.0.0.0/8", NULL, "tcp://127.0.0.1:*"));
    CHECK(lets_in_by(context, "10.0.0.0/8", "127.0.0.1", "tcp://127.0.0.1:*"));
    CHECK(lets_in_by(context, "10.0.0.0/0", NULL, "tcp://127.0.0.1:*"));
    CHECK(lets_in_by(context, "127.1/8", NULL, "tcp://127.0.0.1:*"));
    CHECK(lets_in_by(context, "[::1]/128", NULL, "tcp://[::1]:*"));
    CHECK(!lets_in_by(context, "10.0.0.0/8", NULL, "tcp://127.0.0.1:*"));
    CHECK(!lets_in_by(context, "127.0.0.2/32", "::1", "tcp://127.0.0.1:*"));
    CHECK(!lets_in_by(context, "127.0.0.0/8", NULL, "tcp://[::1]:*"));
    CHECK(lets_in_by(context, "10.0.0.0/8", NULL, "ipc://*"));
}

static void a_null_filter_lets_everybody_in_again(void* context)
{
    void* events;
    void* server = monitored(context, ZMQ_DEALER, &events);
    CHECK(add_filter(server, "10.0.0.0/8") == 0);
    CHECK(zmq_setsockopt(server, ZMQ_TCP_ACCEPT_FILTER, NULL, 0) == 0);
    CHECK(lets_in(context, server, events, "tcp://127.0.0.1:*"));
    close_both(server, events);
}

static void what_is_no_range_is_refused(void* context)
{
    static const char* const wrong[] = {"nonsense", "127.0.0.1/33", "127.0.0.1/", "127.0.0.1/x",
        "/8", "localhost", "*", "127.0.0.1/-1", "127.0.0.1/8/8", "127.0.0.1 ", " 127.0.0.1",
        "::1/129", "lo"};
    static const char* const of_ipv6[] = {"::1", "[::1]/128", "fe80::1%lo/64"};
    void* socket = make(context, ZMQ_DEALER);
    char text[256];
    size_t size = sizeof text;
    size_t i;
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; ++i)
        CHECK_FAILS(add_filter(socket, wrong[i]), EINVAL);
    for (i = 0; i < sizeof of_ipv6 / sizeof of_ipv6[0]; ++i)
        CHECK_FAILS(add_filter(socket, of_ipv6[i]), EINVAL);
    set_int(socket, ZMQ_IPV6, 1);
    for (i = 0; i < sizeof of_ipv6 / sizeof of_ipv6[0]; ++i)
        CHECK(add_filter(socket, of_ipv6[i]) == 0);
    memset(text, '1', sizeof text);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, text, sizeof text), EINVAL);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, text, 0), EINVAL);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, NULL, 4), EINVAL);
    CHECK(zmq_setsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, "10.0.0.0/8", 11) == 0);
    CHECK_FAILS(zmq_getsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, text, &size), EINVAL);
    CHECK(zmq_close(socket) == 0);
}

/* --- processes ------------------------------------------------------------------------------------ */

struct id_filter
{
    int option;
    int id;
};

static int lets_in_by_ids(void* context, struct id_filter first, struct id_filter second)
{
    void* events;
    void* server = monitored(context, ZMQ_DEALER, &events);
    int result;
    set_int(server, first.option, first.id);
    if (second.option != 0)
        set_int(server, second.option, second.id);
    result = lets_in(context, server, events, "ipc://*");
    close_both(server, events);
    return result;
}

static void processes_that_a_filter_names_are_let_in(void* context)
{
    static const struct id_filter nothing = {0, 0};
    const struct id_filter our_user = {ZMQ_IPC_FILTER_UID, (int)geteuid()};
    const struct id_filter our_group = {ZMQ_IPC_FILTER_GID, (int)getegid()};
    const struct id_filter our_process = {ZMQ_IPC_FILTER_PID, (int)getpid()};
    const struct id_filter other_user = {ZMQ_IPC_FILTER_UID, (int)geteuid() + 1};
    const struct id_filter other_group = {ZMQ_IPC_FILTER_GID, (int)getegid() + 60000};
    const struct id_filter other_process = {ZMQ_IPC_FILTER_PID, (int)getpid() + 1};
    CHECK(lets_in_by_ids(context, our_user, nothing));
    CHECK(lets_in_by_ids(context, our_group, nothing));
    CHECK(lets_in_by_ids(context, our_process, nothing));
    CHECK(!lets_in_by_ids(context, other_user, nothing));
    CHECK(!lets_in_by_ids(context, other_group, nothing));
    CHECK(!lets_in_by_ids(context, other_process, nothing));
    CHECK(lets_in_by_ids(context, other_user, our_group)); /* one of them is enough */
    CHECK(!lets_in_by_ids(context, other_user, other_process));
}

static void each_kind_of_filter_is_cleared_by_itself(void* context)
{
    void* events;
    void* server = monitored(context, ZMQ_DEALER, &events);
    const long long_id = 1;
    set_int(server, ZMQ_IPC_FILTER_UID, (int)geteuid() + 1);
    set_int(server, ZMQ_IPC_FILTER_PID, (int)getpid() + 1);
    CHECK(zmq_setsockopt(server, ZMQ_IPC_FILTER_UID, NULL, 0) == 0);
    CHECK(!lets_in(context, server, events, "ipc://*"));
    CHECK(zmq_setsockopt(server, ZMQ_IPC_FILTER_PID, NULL, 0) == 0);
    CHECK(lets_in(context, server, events, "ipc://*"));
    CHECK_FAILS(zmq_setsockopt(server, ZMQ_IPC_FILTER_UID, &long_id, sizeof long_id), EINVAL);
    CHECK_FAILS(zmq_setsockopt(server, ZMQ_IPC_FILTER_GID, NULL, 4), EINVAL);
    close_both(server, events);
}

/* --- descriptors ---------------------------------------------------------------------------------- */

static int is_open(int descriptor)
{
    return fcntl(descriptor, F_GETFD) != -1;
}

static int listening_tcp(void)
{
    struct sockaddr_in address;
    const int made = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(made, (const struct sockaddr*)&address, sizeof address) == 0);
    CHECK(listen(made, 5) == 0);
    return made;
}

/* With a file of that name. */
static int listening_ipc(const char* path)
{
    struct sockaddr_un address;
    const int made = socket(AF_UNIX, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    CHECK(bind(made, (const struct sockaddr*)&address, sizeof address) == 0);
    CHECK(listen(made, 5) == 0);
    return made;
}

static void a_bind_listens_on_the_descriptor_and_owns_it(void* context)
{
    void* events;
    void* server = monitored(context, ZMQ_DEALER, &events);
    char endpoint[256];
    const int made = listening_tcp();
    set_int(server, ZMQ_USE_FD, made);
    CHECK(lets_in(context, server, events, "tcp://192.0.2.1:9")); /* the text does not matter */
    CHECK(get_int(server, ZMQ_USE_FD) == made);
    CHECK(is_open(made));
    CHECK_FAILS(zmq_bind(server, "tcp://127.0.0.1:*"), EEXIST); /* once is enough */
    endpoint_of(server, endpoint, sizeof endpoint);
    CHECK(zmq_unbind(server, endpoint) == 0);
    CHECK(!is_open(made));
    CHECK_FAILS(zmq_bind(server, "tcp://127.0.0.1:*"), EEXIST);
    set_int(server, ZMQ_USE_FD, -1);
    CHECK(zmq_bind(server, "tcp://127.0.0.1:*") == 0);
    close_both(server, events);
}

static void the_same_over_ipc_and_the_file_stays(void* context)
{
    void* events;
    void* server = monitored(context, ZMQ_DEALER, &events);
    char directory[] = "/tmp/accept-test-XXXXXX";
    char path[64];
    char expected[80];
    char endpoint[256];
    int made;
    CHECK(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/socket", directory);
    snprintf(expected, sizeof expected, "ipc://%s", path);
    made = listening_ipc(path);
    set_int(server, ZMQ_USE_FD, made);
    CHECK(lets_in(context, server, events, "ipc://elsewhere"));
    endpoint_of(server, endpoint, sizeof endpoint);
    CHECK(strcmp(endpoint, expected) == 0);
    CHECK(zmq_unbind(server, endpoint) == 0);
    CHECK(!is_open(made));
    close_both(server, events);
    CHECK(unlink(path) == 0);
    CHECK(rmdir(directory) == 0);
}

static void what_does_not_listen_is_refused_and_left_alone(void* context)
{
    void* socket_of_zmq = make(context, ZMQ_DEALER);
    const int not_listening = socket(AF_INET, SOCK_STREAM, 0);
    const int no_socket = open("/dev/null", O_RDONLY);
    const int listening = listening_tcp();
    const int closed = dup(listening);
    CHECK(close(closed) == 0);
    set_int(socket_of_zmq, ZMQ_USE_FD, closed);
    CHECK_FAILS(zmq_bind(socket_of_zmq, "tcp://127.0.0.1:*"), EBADF);
    set_int(socket_of_zmq, ZMQ_USE_FD, no_socket);
    CHECK_FAILS(zmq_bind(socket_of_zmq, "tcp://127.0.0.1:*"), ENOTSOCK);
    set_int(socket_of_zmq, ZMQ_USE_FD, not_listening);
    CHECK_FAILS(zmq_bind(socket_of_zmq, "tcp://127.0.0.1:*"), EINVAL);
    set_int(socket_of_zmq, ZMQ_USE_FD, listening);
    CHECK_FAILS(zmq_bind(socket_of_zmq, "ipc://*"), EAFNOSUPPORT);
    CHECK(zmq_bind(socket_of_zmq, "inproc://needs-none") == 0);
    CHECK(zmq_connect(socket_of_zmq, "tcp://127.0.0.1:9") == 0);
    CHECK(zmq_close(socket_of_zmq) == 0);
    CHECK(is_open(no_socket) && is_open(not_listening) && is_open(listening));
    CHECK(close(no_socket) == 0);
    CHECK(close(not_listening) == 0);
    CHECK(close(listening) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    addresses_in_a_range_are_let_in(context);
    a_null_filter_lets_everybody_in_again(context);
    what_is_no_range_is_refused(context);
    processes_that_a_filter_names_are_let_in(context);
    each_kind_of_filter_is_cleared_by_itself(context);
    a_bind_listens_on_the_descriptor_and_owns_it(context);
    the_same_over_ipc_and_the_file_stays(context);
    what_does_not_listen_is_refused_and_left_alone(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
