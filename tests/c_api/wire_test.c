/* Peers that are no libzmq: what they are told, and what is made of what they say. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/c_api/check.h"

#define SIGNATURE "\xff\0\0\0\0\0\0\0\1\x7f"
#define SIXTEEN_ZEROS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define REST(minor) minor "NULL" SIXTEEN_ZEROS SIXTEEN_ZEROS SIXTEEN_ZEROS
#define GREETING SIGNATURE "\3" REST("\1")
#define DEALER_READY "\4\x29\5READY\x0bSocket-Type\0\0\0\6DEALER\x8Identity\0\0\0\0"

#define WRITES(peer, literal)                                                                      \
    CHECK(send((peer), (literal), sizeof(literal) - 1, MSG_NOSIGNAL) == (int)sizeof(literal) - 1)
#define READS(peer, literal) check_reads(__LINE__, (peer), (literal), sizeof(literal) - 1)
#define IS_LEFT(peer) check_is_left(__LINE__, (peer))

static void check_reads(int line, int peer, const char* expected, size_t size)
{
    char octets[256] = "";
    const long got = recv(peer, octets, size, MSG_WAITALL);
    if (got != (long)size || memcmp(octets, expected, size) != 0)
        check_failed(__FILE__, line, "the octets read", errno);
}

static void check_is_left(int line, int peer)
{
    char octets[256];
    long got = 1;
    while (got > 0)
        got = recv(peer, octets, sizeof octets, 0);
    if (got != 0 && errno != ECONNRESET)
        check_failed(__FILE__, line, "the connection ends", errno);
    close(peer);
}

/* A stream to what is bound, which it is by the first call. */
static int dial(void* bound)
{
    const struct timeval limit = {10, 0};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int peer = socket(AF_INET, SOCK_STREAM, 0);
    if (strncmp(last_endpoint(bound), "tcp://", 6) != 0)
        CHECK(zmq_bind(bound, "tcp://127.0.0.1:*") == 0);
    to.sin_port = htons((unsigned short)atoi(strrchr(last_endpoint(bound), ':') + 1));
    CHECK(setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    CHECK(connect(peer, (struct sockaddr*)&to, sizeof to) == 0);
    return peer;
}

/* After the handshake, as a DEALER. */
static int dial_as_dealer(void* bound)
{
    const int peer = dial(bound);
    WRITES(peer, GREETING);
    READS(peer, GREETING);
    WRITES(peer, DEALER_READY);
    READS(peer, DEALER_READY);
    return peer;
}

static void the_greeting_comes_step_by_step(void* context)
{
    void* dealer = make_limited(context, ZMQ_DEALER);
    const int peer = dial(dealer);
    READS(peer, SIGNATURE);
    WRITES(peer, SIGNATURE);
    READS(peer, "\3");
    WRITES(peer, "\3");
    READS(peer, REST("\1"));
    WRITES(peer, REST("\1"));
    READS(peer, DEALER_READY);
    WRITES(peer, DEALER_READY "\1\1a\0\1b");
    CHECK_MESSAGE(dealer, "a", "b");
    SEND_MESSAGE(dealer, "c", "", "d");
    READS(peer, "\1\1c\1\0\0\1d");
    CHECK(zmq_close(dealer) == 0);
    IS_LEFT(peer);
}

static void peers_of_version_1_and_2_are_understood(void* context)
{
    void* dealer = make_limited(context, ZMQ_DEALER);
    const int second = dial(dealer);
    WRITES(second, SIGNATURE "\1\5\0\0\0\2hi");
    CHECK_MESSAGE(dealer, "hi");
    send_text(dealer, "yes", 0);
    READS(second, SIGNATURE "\3\5\0\0\0\3yes");
    close(second);
    zmq_poll(NULL, 0, 50);
    const int first = dial(dealer);
    WRITES(first, "\1\0\2\1a\2\0b");
    CHECK_MESSAGE(dealer, "a", "b");
    send_text(dealer, "yes", 0);
    READS(first, SIGNATURE "\4\0yes");
    WRITES(first, "\0");
    IS_LEFT(first);
    CHECK(zmq_close(dealer) == 0);
}

static void a_subscriber_of_version_1_gets_everything(void* context)
{
    void* xpub = make_limited(context, ZMQ_XPUB);
    const int peer = dial(xpub);
    WRITES(peer, "\1\0");
    CHECK_MESSAGE(xpub, "\1");
    send_text(xpub, "news", 0);
    READS(peer, SIGNATURE "\5\0news");
    CHECK(zmq_close(xpub) == 0);
    IS_LEFT(peer);
}

static void pings_are_answered_between_the_parts_of_a_message(void* context)
{
    void* dealer = make_limited(context, ZMQ_DEALER);
    const int peer = dial_as_dealer(dealer);
    WRITES(peer, "\1\1a\4\x0a\4PING\0\0ctx\0\1b");
    READS(peer, "\4\x08\4PONGctx");
    CHECK_MESSAGE(dealer, "a", "b");
    WRITES(peer, "\4\7\4PING\0\2"); /* and after 0.2 s of silence: */
    READS(peer, "\4\5\4PONG");
    IS_LEFT(peer);
    CHECK(zmq_close(dealer) == 0);
}

static void who_answers_no_ping_is_left(void* context)
{
    void* dealer = make_limited(context, ZMQ_DEALER);
    set_int(dealer, ZMQ_HEARTBEAT_IVL, 50);
    set_int(dealer, ZMQ_HEARTBEAT_TIMEOUT, 100);
    set_int(dealer, ZMQ_HEARTBEAT_TTL, 1500);
    const int peer = dial_as_dealer(dealer);
    READS(peer, "\4\7\4PING\0\x0f");
    IS_LEFT(peer);
    CHECK(zmq_close(dealer) == 0);
}

static void who_does_not_greet_in_time_is_left(void* context)
{
    void* dealer = make_limited(context, ZMQ_DEALER);
    set_int(dealer, ZMQ_HANDSHAKE_IVL, 50);
    const int mute = dial(dealer);
    IS_LEFT(mute);
    const int half = dial(dealer);
    WRITES(half, GREETING);
    IS_LEFT(half);
    CHECK(zmq_close(dealer) == 0);
}

static void what_is_not_known_is_passed_over(void* context)
{
    void* dealer = make_limited(context, ZMQ_DEALER);
    const int peer = dial_as_dealer(dealer);
    WRITES(peer, "\4\6\5HELLO\4\0\4\2\x09z\4\5\4PONG\xf8\2ok");
    CHECK_MESSAGE(dealer, "ok");
    WRITES(peer, "\2\0\0\0\0\0\0\0\5short");
    CHECK_MESSAGE(dealer, "short");
    CHECK(zmq_close(dealer) == 0);
    IS_LEFT(peer);
}

static void what_breaks_the_protocol_ends_the_connection(void* context)
{
    void* dealer = make_limited(context, ZMQ_DEALER);
    int peer = dial(dealer);
    WRITES(peer, GREETING "\0\2hi");
    IS_LEFT(peer);
    peer = dial(dealer);
    WRITES(peer, GREETING "\4\x17\5READY\x0bSocket-Type\0\0\0\3PUB");
    IS_LEFT(peer);
    peer = dial(dealer);
    WRITES(peer, GREETING "\4\x17\5READY\x0bSocket-Type\0\0\0\x09X");
    IS_LEFT(peer);
    peer = dial_as_dealer(dealer);
    WRITES(peer, "\2\xff\xff\xff\xff\xff\xff\xff\xff");
    IS_LEFT(peer);
    peer = dial_as_dealer(dealer);
    WRITES(peer, "\1\4half\1\4of a");
    close(peer);
    CHECK_NOTHING_COMES(dealer);
    CHECK(zmq_close(dealer) == 0);
}

static void the_largest_size_is_of_each_part(void* context)
{
    const int64_t most = 60;
    void* dealer = make_limited(context, ZMQ_DEALER);
    CHECK(zmq_setsockopt(dealer, ZMQ_MAXMSGSIZE, &most, sizeof most) == 0);
    const int peer = dial_as_dealer(dealer);
#define TWENTY "01234567890123456789"
    WRITES(peer, "\1\x3c" TWENTY TWENTY TWENTY "\0\x3c" TWENTY TWENTY TWENTY);
    CHECK_MESSAGE(dealer, TWENTY TWENTY TWENTY, TWENTY TWENTY TWENTY);
    WRITES(peer, "\0\x3d" TWENTY TWENTY TWENTY "x");
    IS_LEFT(peer);
    CHECK_NOTHING_COMES(dealer);
    CHECK(zmq_close(dealer) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    the_greeting_comes_step_by_step(context);
    peers_of_version_1_and_2_are_understood(context);
    a_subscriber_of_version_1_gets_everything(context);
    pings_are_answered_between_the_parts_of_a_message(context);
    who_answers_no_ping_is_left(context);
    who_does_not_greet_in_time_is_left(context);
    what_is_not_known_is_passed_over(context);
    what_breaks_the_protocol_ends_the_connection(context);
    the_largest_size_is_of_each_part(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
