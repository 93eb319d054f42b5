/* ZMQ_SOCKS_PROXY: connections by a small proxy, which works or fails as it is told. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/c_api/check.h"

/* Drafts, which every build of libzmq knows. */
enum
{
    socks_username = 99,
    socks_password = 100
};

struct proxy
{
    int listener;
    char address[32];
    const char* method; /* its first answer, of two octets; null: it leaves at once */
    int is_absent;      /* nobody listens */
    char reply;         /* 0: it makes the connection, to that port of this machine */
    unsigned char heard[512];
    size_t heard_size;
    pthread_t thread;
};

static struct sockaddr_in loopback(unsigned short port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int connected_to(unsigned short port)
{
    const struct sockaddr_in address = loopback(port);
    const int made = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(made, (const struct sockaddr*)&address, sizeof address) == 0)
        return made;
    close(made);
    return -1;
}

/* Reads exactly so many octets, and remembers them. */
static int hear(struct proxy* proxy, int client, size_t size)
{
    while (size > 0)
    {
        const ssize_t got = recv(client, proxy->heard + proxy->heard_size, size, 0);
        if (got <= 0)
            return 0;
        proxy->heard_size += (size_t)got;
        size -= (size_t)got;
    }
    return 1;
}

/* A text with its length in front. */
static int hear_text(struct proxy* proxy, int client)
{
    return hear(proxy, client, 1) && hear(proxy, client, proxy->heard[proxy->heard_size - 1]);
}

static void say(int client, const char* octets, size_t size)
{
    (void)!send(client, octets, size, MSG_NOSIGNAL);
}

/* Between two sockets, until one leaves. */
static void pass_on(int one, int other)
{
    struct pollfd ends[2] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
    while (poll(ends, 2, 10000) > 0)
    {
        const int from = ends[0].revents != 0 ? 0 : 1;
        char chunk[1024];
        const ssize_t size = recv(ends[from].fd, chunk, sizeof chunk, 0);
        if (size <= 0)
            return;
        say(ends[1 - from].fd, chunk, (size_t)size);
    }
}

static void serve(struct proxy* proxy, int client)
{
    char reply[10] = {5, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    const unsigned char* port;
    int target;
    proxy->heard_size = 0;
    if (proxy->method == NULL || !hear(proxy, client, 3))
        return;
    say(client, proxy->method, 2);
    if (proxy->method[1] == 2)
    {
        if (!hear(proxy, client, 1) || !hear_text(proxy, client) || !hear_text(proxy, client))
            return;
        say(client, "\1\0", 2);
    }
    if (!hear(proxy, client, 4))
        return;
    if (!(proxy->heard[proxy->heard_size - 1] == 3 ? hear_text(proxy, client)
                                                   : hear(proxy, client, 4)))
        return;
    if (!hear(proxy, client, 2))
        return;
    port = proxy->heard + proxy->heard_size - 2;
    target = connected_to((unsigned short)(port[0] << 8 | port[1]));
    reply[1] = target < 0 ? 5 : proxy->reply;
    say(client, reply, sizeof reply);
    if (target >= 0 && proxy->reply == 0)
        pass_on(client, target);
    if (target >= 0)
        close(target);
}

static void* run(void* argument)
{
    struct proxy* proxy = argument;
    int client;
    while ((client = accept(proxy->listener, NULL, NULL)) >= 0)
    {
        serve(proxy, client);
        close(client);
    }
    return NULL;
}

static void start(struct proxy* proxy)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    proxy->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(proxy->listener, (const struct sockaddr*)&address, sizeof address) == 0);
    CHECK(getsockname(proxy->listener, (struct sockaddr*)&address, &size) == 0);
    snprintf(proxy->address, sizeof proxy->address, "127.0.0.1:%d", ntohs(address.sin_port));
    if (proxy->is_absent)
        return;
    CHECK(listen(proxy->listener, 5) == 0);
    CHECK(pthread_create(&proxy->thread, NULL, run, proxy) == 0);
}

/* What it heard may be looked at after this. */
static void stop(struct proxy* proxy)
{
    if (!proxy->is_absent)
    {
        CHECK(shutdown(proxy->listener, SHUT_RDWR) == 0);
        CHECK(pthread_join(proxy->thread, NULL) == 0);
    }
    close(proxy->listener);
}

/* A message to a server of this machine, which the client knows by that name. */
static void talk(void* context, const char* proxy, const char* username, const char* host)
{
    void* server = make(context, ZMQ_PULL);
    void* client = make(context, ZMQ_PUSH);
    char endpoint[128];
    char wanted[256];
    size_t size = sizeof endpoint;
    limit_waiting(server);
    limit_waiting(client);
    CHECK(zmq_bind(server, "tcp://127.0.0.1:*") == 0);
    CHECK(zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    snprintf(wanted, sizeof wanted, "tcp://%s%s", host, strrchr(endpoint, ':'));
    set_text(client, ZMQ_SOCKS_PROXY, proxy);
    if (username != NULL)
    {
        set_text(client, socks_username, username);
        set_text(client, socks_password, "secret");
    }
    CHECK(zmq_connect(client, wanted) == 0);
    send_text(client, "hello", 0);
    CHECK_RECEIVES(server, "hello");
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(server) == 0);
}

static void messages_go_by_the_proxy(void* context)
{
    struct proxy proxy = {.method = "\5\0"};
    start(&proxy);
    talk(context, proxy.address, NULL, "127.0.0.1");
    stop(&proxy);
    CHECK(memcmp(proxy.heard, "\5\1\0\5\1\0\1\x7f\0\0\1", 11) == 0);
}

static void a_name_is_left_to_the_proxy(void* context)
{
    struct proxy proxy = {.method = "\5\0"};
    start(&proxy);
    talk(context, proxy.address, NULL, "host.invalid");
    stop(&proxy);
    CHECK(memcmp(proxy.heard, "\5\1\0\5\1\0\3\x0chost.invalid", 20) == 0);
}

static void a_name_and_a_password_are_given(void* context)
{
    struct proxy proxy = {.method = "\5\2"};
    start(&proxy);
    talk(context, proxy.address, "me", "127.0.0.1");
    stop(&proxy);
    CHECK(memcmp(proxy.heard, "\5\1\2\1\2me\6secret\5\1\0\1", 17) == 0);
}

/* The events of an attempt by a proxy that fails, twice. */
static void is_tried_again(void* context, struct proxy* proxy)
{
    static const unsigned expected[] = {
        ZMQ_EVENT_CONNECT_DELAYED, ZMQ_EVENT_CLOSED, ZMQ_EVENT_CONNECT_RETRIED};
    void* client = make(context, ZMQ_DEALER);
    void* events = make(context, ZMQ_PAIR);
    size_t i;
    start(proxy);
    limit_waiting(client);
    limit_waiting(events);
    set_int(client, ZMQ_RECONNECT_IVL, 5);
    set_text(client, ZMQ_SOCKS_PROXY, proxy->address);
    CHECK(zmq_socket_monitor(client, "inproc://events", ZMQ_EVENT_ALL) == 0);
    CHECK(zmq_connect(events, "inproc://events") == 0);
    CHECK(zmq_connect(client, "tcp://host.invalid:5555") == 0);
    for (i = 0; i < 6; ++i)
    {
        unsigned char head[6] = {0};
        uint16_t number = 0;
        CHECK(zmq_recv(events, head, sizeof head, 0) == 6);
        memcpy(&number, head, 2);
        CHECK(number == expected[i % 3]);
        CHECK_RECEIVES(events, "tcp://host.invalid:5555");
    }
    CHECK(zmq_close(client) == 0);
    CHECK(zmq_close(events) == 0);
    stop(proxy);
}

static void a_proxy_that_fails_is_a_failed_attempt(void* context)
{
    struct proxy leaving = {.method = NULL};
    struct proxy of_another_version = {.method = "\4\0"};
    struct proxy refusing = {.method = "\5\xff"};
    struct proxy asking_for_a_password = {.method = "\5\2"};
    struct proxy failing = {.method = "\5\0", .reply = 1};
    struct proxy gone = {.is_absent = 1};
    is_tried_again(context, &leaving);
    is_tried_again(context, &of_another_version);
    is_tried_again(context, &refusing);
    is_tried_again(context, &asking_for_a_password);
    is_tried_again(context, &failing);
    is_tried_again(context, &gone);
}

static void the_option_is_kept_and_cleared(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    char text[64];
    size_t size = sizeof text;
    set_int(socket, ZMQ_LINGER, 0);
    set_text(socket, ZMQ_SOCKS_PROXY, "nonsense");
    CHECK(zmq_getsockopt(socket, ZMQ_SOCKS_PROXY, text, &size) == 0);
    CHECK(size == 9 && strcmp(text, "nonsense") == 0);
    CHECK_FAILS(zmq_connect(socket, "tcp://127.0.0.1:1"), EINVAL);
    CHECK(zmq_bind(socket, "tcp://127.0.0.1:*") == 0); /* it is for connecting over tcp */
    CHECK(zmq_connect(socket, "ipc:///tmp/nobody-is-there") == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_SOCKS_PROXY, NULL, 0) == 0);
    size = sizeof text;
    CHECK(zmq_getsockopt(socket, ZMQ_SOCKS_PROXY, text, &size) == 0);
    CHECK(size == 1);
    CHECK(zmq_connect(socket, "tcp://127.0.0.1:1") == 0);
    CHECK(zmq_close(socket) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    messages_go_by_the_proxy(context);
    a_name_is_left_to_the_proxy(context);
    a_name_and_a_password_are_given(context);
    a_proxy_that_fails_is_a_failed_attempt(context);
    the_option_is_kept_and_cleared(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
