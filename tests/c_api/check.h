/* Checks for C programs: each says what was wrong, and where; finish() makes the exit status. */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

/* These programs are also run against libzmq itself, which proves them (CHECK_LIBZMQ, in the ctest entries
   c_api.with_libzmq...). Left out there is what it crashes or hangs at, and what differs on purpose: "What differs" in
   docs/guide/programs-for-libzmq.md. */
#ifdef CHECK_LIBZMQ
enum
{
    with_libzmq = 1
};
#else
enum
{
    with_libzmq = 0
};
#endif

#define ONLY_HERE(call)                                                                            \
    do                                                                                             \
    {                                                                                              \
        if (!with_libzmq)                                                                          \
            call;                                                                                  \
    }                                                                                              \
    while (0)

static int check_failures;

#define CHECK(condition)                                                                           \
    ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition, zmq_errno()))

/* The call returns -1 and sets errno. */
#define CHECK_FAILS(call, error_number)                                                            \
    do                                                                                             \
    {                                                                                              \
        errno = 0;                                                                                 \
        const long check_result = (long)(call);                                                    \
        const int check_errno = zmq_errno();                                                       \
        if (check_result != -1 || check_errno != (error_number))                                   \
            check_failed(__FILE__, __LINE__, #call " fails with " #error_number, check_errno);     \
    }                                                                                              \
    while (0)

/* The call returns NULL and sets errno. */
#define CHECK_FAILS_WITH_NULL(call, error_number)                                                  \
    do                                                                                             \
    {                                                                                              \
        errno = 0;                                                                                 \
        const void* check_result = (call);                                                         \
        const int check_errno = zmq_errno();                                                       \
        if (check_result != NULL || check_errno != (error_number))                                 \
            check_failed(__FILE__, __LINE__, #call " fails with " #error_number, check_errno);     \
    }                                                                                              \
    while (0)

static inline void check_failed(const char* file, int line, const char* what, int error_number)
{
    fprintf(stderr, "%s:%d: %s (errno %d: %s)\n", file, line, what, error_number,
        zmq_strerror(error_number));
    ++check_failures;
}

static inline int finish(void)
{
    if (check_failures != 0)
        fprintf(stderr, "%d checks failed\n", check_failures);
    return check_failures != 0;
}

/* --- what many of these programs need ---------------------------------------------------------- */

static inline void* make(void* context, int type)
{
    void* socket = zmq_socket(context, type);
    CHECK(socket != NULL);
    return socket;
}

static inline void set_int(void* socket, int option, int value)
{
    CHECK(zmq_setsockopt(socket, option, &value, sizeof value) == 0);
}

static inline int get_int(void* socket, int option)
{
    int value = -12345;
    size_t size = sizeof value;
    CHECK(zmq_getsockopt(socket, option, &value, &size) == 0);
    CHECK(size == sizeof value);
    return value;
}

/* Binds to a free port of loopback, and connects there. */
static inline void join_over_tcp(void* binding, void* connecting)
{
    char endpoint[128] = "";
    size_t size = sizeof endpoint;
    CHECK(zmq_bind(binding, "tcp://127.0.0.1:*") == 0);
    CHECK(zmq_getsockopt(binding, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    CHECK(zmq_connect(connecting, endpoint) == 0);
}

static inline void send_text(void* socket, const char* text, int flags)
{
    CHECK(zmq_send(socket, text, strlen(text), flags) == (int)strlen(text));
}

/* The next frame is that text. */
#define CHECK_RECEIVES(socket, text)                                                               \
    do                                                                                             \
    {                                                                                              \
        char check_buffer[256];                                                                    \
        const int check_size = zmq_recv((socket), check_buffer, sizeof check_buffer, 0);           \
        if (check_size != (int)strlen(text) ||                                                     \
            memcmp(check_buffer, (text), (size_t)check_size) != 0)                                 \
            check_failed(__FILE__, __LINE__, #socket " receives " #text, zmq_errno());             \
    }                                                                                              \
    while (0)

/* The next frame is that literal, which may contain zeros. */
#define CHECK_OCTETS(socket, literal)                                                              \
    do                                                                                             \
    {                                                                                              \
        char check_buffer[256];                                                                    \
        const int check_size = zmq_recv((socket), check_buffer, sizeof check_buffer, 0);           \
        if (check_size != (int)sizeof(literal) - 1 ||                                              \
            memcmp(check_buffer, (literal), sizeof(literal) - 1) != 0)                             \
            check_failed(__FILE__, __LINE__, #socket " receives " #literal, zmq_errno());          \
    }                                                                                              \
    while (0)

#define SEND_OCTETS(socket, literal, flags)                                                        \
    CHECK(zmq_send((socket), (literal), sizeof(literal) - 1, (flags)) == (int)sizeof(literal) - 1)

/* The next message has exactly these parts; NULL stands for an id that a ROUTER made up. */
#define CHECK_MESSAGE(socket, ...)                                                                 \
    check_parts(__FILE__, __LINE__, (socket), (const char* const[]){__VA_ARGS__},                  \
        sizeof((const char* const[]){__VA_ARGS__}) / sizeof(const char*))

static inline void check_parts(
    const char* file, int line, void* socket, const char* const* parts, size_t count)
{
    for (size_t i = 0; i < count; ++i)
    {
        char buffer[256];
        int more = 0;
        size_t size_of_more = sizeof more;
        const int size = zmq_recv(socket, buffer, sizeof buffer, 0);
        const int error_number = zmq_errno();
        const int expected = parts[i] != NULL ? (int)strlen(parts[i]) : 5;
        const char* const octets = parts[i] != NULL ? parts[i] : "";
        if (size != expected ||
            memcmp(buffer, octets, parts[i] != NULL ? (size_t)expected : 1) != 0)
        {
            check_failed(file, line, parts[i] != NULL ? parts[i] : "(an id made up)", error_number);
            return;
        }
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size_of_more) != 0 ||
            more != (i + 1 < count))
            check_failed(file, line, "the number of parts", 0);
    }
}

/* Parts as text. */
#define SEND_MESSAGE(socket, ...)                                                                  \
    send_all_parts((socket), (const char* const[]){__VA_ARGS__},                                   \
        sizeof((const char* const[]){__VA_ARGS__}) / sizeof(const char*))

/* Every receive and send of it gives up after ten seconds: a test that fails must end. */
static inline void limit_waiting(void* socket)
{
    set_int(socket, ZMQ_RCVTIMEO, 10000);
    set_int(socket, ZMQ_SNDTIMEO, 10000);
    set_int(socket, ZMQ_LINGER, 0);
}

static inline double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void* make_limited(void* context, int type)
{
    void* socket = make(context, type);
    limit_waiting(socket);
    return socket;
}

static inline void set_text(void* socket, int option, const char* value)
{
    CHECK(zmq_setsockopt(socket, option, value, strlen(value)) == 0);
}

static inline void send_all_parts(void* socket, const char* const* parts, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        send_text(socket, parts[i], i + 1 < count ? ZMQ_SNDMORE : 0);
}

static inline void wait_for_events(void* socket, short events)
{
    zmq_pollitem_t item = {socket, 0, events, 0};
    CHECK(zmq_poll(&item, 1, 10000) == 1);
}

/* Nothing comes, for a while that is long for what would come at once. */
static inline void check_nothing_comes(const char* file, int line, void* socket)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, 100) != 0)
        check_failed(file, line, "nothing comes", 0);
}
#define CHECK_NOTHING_COMES(socket) check_nothing_comes(__FILE__, __LINE__, (socket))

static inline const char* last_endpoint(void* socket)
{
    static char endpoint[256];
    size_t size = sizeof endpoint;
    CHECK(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    return endpoint;
}
