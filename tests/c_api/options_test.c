/* Socket options: each with its type, default and range; and which sockets have which. */
#include <limits.h>
#include <stdint.h>

#include "tests/c_api/check.h"

/* Options that are an int, of every socket. */
struct number
{
    int option;
    int first; /* the default */
    int lowest;
    int highest;
};

static const struct number numbers[] = {
    {ZMQ_RATE, 100, 1, INT_MAX},
    {ZMQ_RECOVERY_IVL, 10000, 0, INT_MAX},
    {ZMQ_SNDBUF, -1, -1, INT_MAX},
    {ZMQ_RCVBUF, -1, -1, INT_MAX},
    {ZMQ_LINGER, -1, -1, INT_MAX},
    {ZMQ_RECONNECT_IVL, 100, -1, INT_MAX},
    {ZMQ_RECONNECT_IVL_MAX, 0, 0, INT_MAX},
    {ZMQ_BACKLOG, 100, 0, INT_MAX},
    {ZMQ_SNDHWM, 1000, 0, INT_MAX},
    {ZMQ_RCVHWM, 1000, 0, INT_MAX},
    {ZMQ_MULTICAST_HOPS, 1, 1, INT_MAX},
    {ZMQ_RCVTIMEO, -1, -1, INT_MAX},
    {ZMQ_SNDTIMEO, -1, -1, INT_MAX},
    {ZMQ_IPV4ONLY, 1, 0, 1},
    {ZMQ_IPV6, 0, 0, 1},
    {ZMQ_TCP_KEEPALIVE, -1, -1, 1},
    {ZMQ_TCP_KEEPALIVE_CNT, -1, -1, INT_MAX},
    {ZMQ_TCP_KEEPALIVE_IDLE, -1, -1, INT_MAX},
    {ZMQ_TCP_KEEPALIVE_INTVL, -1, -1, INT_MAX},
    {ZMQ_TCP_MAXRT, 0, 0, INT_MAX},
    {ZMQ_IMMEDIATE, 0, 0, 1},
    {ZMQ_CONFLATE, 0, 0, 1},
    {ZMQ_TOS, 0, 0, INT_MAX},
    {ZMQ_HANDSHAKE_IVL, 30000, 0, INT_MAX},
    {ZMQ_HEARTBEAT_IVL, 0, 0, INT_MAX},
    {ZMQ_HEARTBEAT_TIMEOUT, -1, 0, INT_MAX},
    {ZMQ_CONNECT_TIMEOUT, 0, 0, INT_MAX},
    {ZMQ_MULTICAST_MAXTPDU, 1500, 1, INT_MAX},
    {ZMQ_USE_FD, -1, -1, INT_MAX},
    {ZMQ_PLAIN_SERVER, 0, 0, 1},
    {ZMQ_CURVE_SERVER, 0, 0, 1},
    {ZMQ_GSSAPI_SERVER, 0, 0, 1},
    {ZMQ_GSSAPI_PLAINTEXT, 0, 0, 1},
    {ZMQ_GSSAPI_PRINCIPAL_NAMETYPE, 0, 0, 2},
    {ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE, 0, 0, 2},
};

static void set_and_see(void* socket, int option, int value)
{
    set_int(socket, option, value);
    CHECK(get_int(socket, option) == value);
}

static void numbers_have_defaults_and_ranges(void* context)
{
    size_t i;
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; ++i)
    {
        const struct number* const n = &numbers[i];
        const int before = check_failures;
        const int below = n->lowest - 1;
        const int above = n->highest + (n->highest < INT_MAX);
        char large[8] = {0};
        void* socket = make(context, ZMQ_DEALER);
        CHECK(get_int(socket, n->option) == n->first);
        set_and_see(socket, n->option, n->lowest);
        set_and_see(socket, n->option, n->highest);
        CHECK_FAILS(zmq_setsockopt(socket, n->option, &below, sizeof below), EINVAL);
        if (above > n->highest)
            CHECK_FAILS(zmq_setsockopt(socket, n->option, &above, sizeof above), EINVAL);
        CHECK_FAILS(zmq_setsockopt(socket, n->option, large, sizeof large), EINVAL);
        CHECK_FAILS(zmq_setsockopt(socket, n->option, large, 2), EINVAL);
        CHECK(get_int(socket, n->option) == n->highest);
        set_int(socket, ZMQ_LINGER, 0);
        CHECK(zmq_close(socket) == 0);
        if (check_failures != before)
            fprintf(stderr, "... with option %d\n", n->option);
    }
}

static void an_int_needs_the_room_of_an_int(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    char buffer[16];
    size_t size = 2;
    CHECK_FAILS(zmq_getsockopt(socket, ZMQ_LINGER, buffer, &size), EINVAL);
    size = 16;
    CHECK_FAILS(zmq_getsockopt(socket, ZMQ_LINGER, buffer, &size), EINVAL);
    size = 16;
    CHECK(zmq_getsockopt(socket, ZMQ_EVENTS, buffer, &size) == 0);
    CHECK(size == sizeof(int));
    CHECK(zmq_close(socket) == 0);
}

static void what_is_too_much_of_the_room_is_zero(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    char room[32];
    size_t size = sizeof room - 1;
    memset(room, 'x', sizeof room);
    CHECK(zmq_setsockopt(socket, ZMQ_ROUTING_ID, "me", 2) == 0);
    CHECK(zmq_getsockopt(socket, ZMQ_ROUTING_ID, room, &size) == 0);
    CHECK(size == 2);
    CHECK(memcmp(room, "me\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0x", 32) == 0);
    CHECK(zmq_close(socket) == 0);
}

static void long_numbers_have_eight_octets(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    int64_t largest = 0;
    uint64_t affinity = 1;
    size_t size = sizeof largest;
    CHECK(zmq_getsockopt(socket, ZMQ_MAXMSGSIZE, &largest, &size) == 0);
    CHECK(largest == -1);
    largest = 1000;
    CHECK(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof(int)), EINVAL);
    CHECK(zmq_getsockopt(socket, ZMQ_AFFINITY, &affinity, &size) == 0);
    CHECK(affinity == 0);
    CHECK(zmq_close(socket) == 0);
}

static void heartbeats_are_told_in_tenths_of_a_second(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    const int too_long = 6553600;
    set_int(socket, ZMQ_HEARTBEAT_TTL, 1250);
    CHECK(get_int(socket, ZMQ_HEARTBEAT_TTL) == 1200);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_HEARTBEAT_TTL, &too_long, sizeof too_long), EINVAL);
    CHECK(zmq_close(socket) == 0);
}

static void texts_end_with_a_null_character(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    char text[300];
    size_t size = sizeof text;
    CHECK(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, text, &size) == 0);
    CHECK(size == 1 && text[0] == '\0');
    CHECK(zmq_setsockopt(socket, ZMQ_PLAIN_USERNAME, "admin", 5) == 0);
    size = 5;
    CHECK_FAILS(zmq_getsockopt(socket, ZMQ_PLAIN_USERNAME, text, &size), EINVAL);
    size = sizeof text;
    CHECK(zmq_getsockopt(socket, ZMQ_PLAIN_USERNAME, text, &size) == 0);
    CHECK(size == 6 && strcmp(text, "admin") == 0);
    CHECK(zmq_close(socket) == 0);
}

static void a_routing_id_has_1_to_255_octets(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    char id[256] = "a long one";
    char got[256];
    size_t size = sizeof got;
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_ROUTING_ID, "", 0), EINVAL);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_ROUTING_ID, id, 256), EINVAL);
    CHECK(zmq_getsockopt(socket, ZMQ_ROUTING_ID, got, &size) == 0);
    CHECK(size == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_ROUTING_ID, id, 255) == 0);
    size = 254;
    CHECK_FAILS(zmq_getsockopt(socket, ZMQ_ROUTING_ID, got, &size), EINVAL);
    size = sizeof got;
    CHECK(zmq_getsockopt(socket, ZMQ_ROUTING_ID, got, &size) == 0);
    CHECK(size == 255 && memcmp(id, got, 255) == 0);
    CHECK(zmq_close(socket) == 0);
}

/* --- which types have which ----------------------------------------------------------------------- */

static int sets(void* context, int type, int option, const void* value, size_t size)
{
    void* socket = make(context, type);
    const int result = zmq_setsockopt(socket, option, value, size);
    CHECK(result == 0 || zmq_errno() == EINVAL);
    CHECK(zmq_close(socket) == 0);
    return result == 0;
}

static void options_of_patterns_are_for_their_types(void* context)
{
    static const struct
    {
        int option;
        unsigned types;
    } expected[] = {
        {ZMQ_ROUTER_MANDATORY, 1U << ZMQ_ROUTER | 1U << ZMQ_REP},
        {ZMQ_ROUTER_HANDOVER, 1U << ZMQ_ROUTER | 1U << ZMQ_REP},
        {ZMQ_PROBE_ROUTER, 1U << ZMQ_ROUTER | 1U << ZMQ_REP | 1U << ZMQ_DEALER | 1U << ZMQ_REQ},
        {ZMQ_REQ_CORRELATE, 1U << ZMQ_REQ},
        {ZMQ_REQ_RELAXED, 1U << ZMQ_REQ},
        {ZMQ_XPUB_VERBOSE, 1U << ZMQ_XPUB | 1U << ZMQ_PUB},
        {ZMQ_XPUB_VERBOSER, 1U << ZMQ_XPUB | 1U << ZMQ_PUB},
        {ZMQ_XPUB_MANUAL, 1U << ZMQ_XPUB | 1U << ZMQ_PUB},
        {ZMQ_XPUB_NODROP, 1U << ZMQ_XPUB | 1U << ZMQ_PUB},
        {ZMQ_XPUB_WELCOME_MSG, 1U << ZMQ_XPUB | 1U << ZMQ_PUB},
        {ZMQ_SUBSCRIBE, 1U << ZMQ_SUB},
        {ZMQ_UNSUBSCRIBE, 1U << ZMQ_SUB},
        {ZMQ_INVERT_MATCHING, ~0U},
    };
    const int on = 1;
    size_t i;
    int type;
    for (i = 0; i < sizeof expected / sizeof expected[0]; ++i)
    {
        for (type = ZMQ_PAIR; type <= ZMQ_XSUB; ++type)
        {
            const int should = (int)(expected[i].types >> type & 1U);
            if (sets(context, type, expected[i].option, &on, sizeof on) != should)
            {
                check_failed(__FILE__, __LINE__, "an option is of the types expected", zmq_errno());
                fprintf(stderr, "... option %d, type %d\n", expected[i].option, type);
            }
        }
    }
}

static void subscribers_do_not_linger(void* context)
{
    void* sub = make(context, ZMQ_SUB);
    void* xsub = make(context, ZMQ_XSUB);
    CHECK(get_int(sub, ZMQ_LINGER) == 0);
    CHECK(get_int(xsub, ZMQ_LINGER) == 0);
    CHECK(zmq_close(sub) == 0);
    CHECK(zmq_close(xsub) == 0);
}

static void some_are_only_to_be_read_and_some_only_set(void* context)
{
    void* socket = make(context, ZMQ_ROUTER);
    const int value = 1;
    int got = 0;
    size_t size = sizeof got;
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_TYPE, &value, sizeof value), EINVAL);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_EVENTS, &value, sizeof value), EINVAL);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_RCVMORE, &value, sizeof value), EINVAL);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_MECHANISM, &value, sizeof value), EINVAL);
    CHECK_FAILS(zmq_getsockopt(socket, ZMQ_ROUTER_MANDATORY, &got, &size), EINVAL);
    CHECK_FAILS(zmq_getsockopt(socket, ZMQ_SUBSCRIBE, &got, &size), EINVAL);
    CHECK_FAILS(zmq_getsockopt(socket, 4711, &got, &size), EINVAL);
    CHECK_FAILS(zmq_setsockopt(socket, 4711, &value, sizeof value), EINVAL);
    CHECK(get_int(socket, ZMQ_THREAD_SAFE) == 0);
    CHECK(zmq_close(socket) == 0);
}

/* --- security: accepted and kept ------------------------------------------------------------------- */

static void the_last_security_option_decides(void* context)
{
    static const char text[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    char key[41] = "";
    size_t size = sizeof key;
    void* socket = make(context, ZMQ_DEALER);
    CHECK(get_int(socket, ZMQ_MECHANISM) == ZMQ_NULL);
    CHECK(zmq_setsockopt(socket, ZMQ_PLAIN_USERNAME, "admin", 5) == 0);
    CHECK(get_int(socket, ZMQ_MECHANISM) == ZMQ_PLAIN);
    CHECK(get_int(socket, ZMQ_PLAIN_SERVER) == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_PLAIN_USERNAME, NULL, 0) == 0);
    CHECK(get_int(socket, ZMQ_MECHANISM) == ZMQ_NULL);
    set_int(socket, ZMQ_PLAIN_SERVER, 1);
    CHECK(get_int(socket, ZMQ_PLAIN_SERVER) == 1);
    CHECK(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, text, 40) == 0);
    CHECK(get_int(socket, ZMQ_MECHANISM) == ZMQ_CURVE);
    CHECK(get_int(socket, ZMQ_PLAIN_SERVER) == 0);
    CHECK(zmq_getsockopt(socket, ZMQ_CURVE_SECRETKEY, key, &size) == 0);
    CHECK(strcmp(key, text) == 0);
    size = 32;
    CHECK(zmq_getsockopt(socket, ZMQ_CURVE_SECRETKEY, key, &size) == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key, 32) == 0);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key, 31), EINVAL);
    set_int(socket, ZMQ_CURVE_SERVER, 0);
    CHECK(get_int(socket, ZMQ_MECHANISM) == ZMQ_NULL);
    CHECK(zmq_close(socket) == 0);
}

static void filters_are_addresses(void* context)
{
    void* socket = make(context, ZMQ_DEALER);
    set_int(socket, ZMQ_IPV6, 1);
    CHECK(zmq_setsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, "127.0.0.0/8", 11) == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, "::1", 3) == 0);
    CHECK_FAILS(zmq_setsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, "nonsense", 8), EINVAL);
    CHECK(zmq_setsockopt(socket, ZMQ_TCP_ACCEPT_FILTER, NULL, 0) == 0);
    CHECK(zmq_close(socket) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    numbers_have_defaults_and_ranges(context);
    an_int_needs_the_room_of_an_int(context);
    what_is_too_much_of_the_room_is_zero(context);
    long_numbers_have_eight_octets(context);
    heartbeats_are_told_in_tenths_of_a_second(context);
    texts_end_with_a_null_character(context);
    a_routing_id_has_1_to_255_octets(context);
    options_of_patterns_are_for_their_types(context);
    subscribers_do_not_linger(context);
    some_are_only_to_be_read_and_some_only_set(context);
    the_last_security_option_decides(context);
    filters_are_addresses(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
