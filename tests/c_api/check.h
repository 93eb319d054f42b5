/* Checks for C programs: each says what was wrong, and where; finish() makes the exit status. */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

static int check_failures;

#define CHECK(condition) \
    ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition, zmq_errno()))

/* The call returns -1 and sets errno. */
#define CHECK_FAILS(call, error_number) \
    do \
    { \
        errno = 0; \
        const long check_result = (long)(call); \
        const int check_errno = zmq_errno(); \
        if (check_result != -1 || check_errno != (error_number)) \
            check_failed(__FILE__, __LINE__, #call " fails with " #error_number, check_errno); \
    } while (0)

/* The call returns NULL and sets errno. */
#define CHECK_FAILS_WITH_NULL(call, error_number) \
    do \
    { \
        errno = 0; \
        const void* check_result = (call); \
        const int check_errno = zmq_errno(); \
        if (check_result != NULL || check_errno != (error_number)) \
            check_failed(__FILE__, __LINE__, #call " fails with " #error_number, check_errno); \
    } while (0)

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
#define CHECK_RECEIVES(socket, text) \
    do \
    { \
        char check_buffer[256]; \
        const int check_size = zmq_recv((socket), check_buffer, sizeof check_buffer, 0); \
        if (check_size != (int)strlen(text) || \
            memcmp(check_buffer, (text), (size_t)check_size) != 0) \
            check_failed(__FILE__, __LINE__, #socket " receives " #text, zmq_errno()); \
    } while (0)

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
