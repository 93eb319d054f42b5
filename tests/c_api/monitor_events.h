/* What a monitor tells, as a value. */
#pragma once

#include "tests/c_api/check.h"

struct event
{
    uint16_t number;
    uint32_t value;
    char endpoint[256];
};

/* The next event; its number is 0 when there is none. */
static inline struct event next_event(void* monitor)
{
    struct event event = {0, 0, ""};
    unsigned char head[16];
    const int size = zmq_recv(monitor, head, sizeof head, 0);
    if (size < 0)
        return event;
    CHECK(size == 6);
    CHECK(get_int(monitor, ZMQ_RCVMORE) == 1);
    memcpy(&event.number, head, 2);
    memcpy(&event.value, head + 2, 4);
    const int length = zmq_recv(monitor, event.endpoint, sizeof event.endpoint - 1, 0);
    CHECK(length >= 0);
    event.endpoint[length >= 0 ? length : 0] = '\0';
    CHECK(get_int(monitor, ZMQ_RCVMORE) == 0);
    return event;
}

#define CHECK_NEXT(monitor, name)                                                                  \
    do                                                                                             \
    {                                                                                              \
        const struct event check_event = next_event(monitor);                                      \
        if (check_event.number != (name))                                                          \
        {                                                                                          \
            fprintf(stderr, "0x%x came instead\n", check_event.number);                            \
            check_failed(__FILE__, __LINE__, "the next event is " #name, 0);                       \
        }                                                                                          \
    }                                                                                              \
    while (0)

static inline void* listen_to(void* context, const char* name)
{
    void* monitor = make(context, ZMQ_PAIR);
    limit_waiting(monitor);
    CHECK(zmq_connect(monitor, name) == 0);
    return monitor;
}

/* A socket of that type, whose events of the mask are heard at `*monitor`. */
static inline void* watched(void* context, int type, int mask, const char* name, void** monitor)
{
    void* socket = make(context, type);
    limit_waiting(socket);
    CHECK(zmq_socket_monitor(socket, name, mask) == 0);
    *monitor = listen_to(context, name);
    return socket;
}
