/* What all of these programs need: arguments, text messages, and an end when something fails. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

/* Argument `i`, or what it is when it was not given. */
static inline const char* argument(int argc, char** argv, int i, const char* otherwise)
{
    return i < argc ? argv[i] : otherwise;
}

static inline int number_argument(int argc, char** argv, int i, int otherwise)
{
    return i < argc ? atoi(argv[i]) : otherwise;
}

/* The result of a call; the program ends if it is a failure. */
static inline int check(int result, const char* what)
{
    if (result < 0)
    {
        fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
        exit(1);
    }
    return result;
}

static inline void* open_socket(void* context, int type)
{
    void* socket = zmq_socket(context, type);
    check(socket != NULL ? 0 : -1, "zmq_socket");
    return socket;
}

/* Binds, and says where. */
static inline void listen_on(void* socket, const char* endpoint)
{
    char bound[256];
    size_t size = sizeof bound;
    check(zmq_bind(socket, endpoint), endpoint);
    check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size), "ZMQ_LAST_ENDPOINT");
    printf("listening on %s\n", bound);
    fflush(stdout);
}

static inline void send_text(void* socket, const char* text)
{
    check(zmq_send(socket, text, strlen(text), 0), "zmq_send");
}

/* One frame as text, cut off where `text` ends. */
static inline void receive_text(void* socket, char* text, size_t capacity)
{
    const size_t size = (size_t)check(zmq_recv(socket, text, capacity - 1, 0), "zmq_recv");
    text[size < capacity ? size : capacity - 1] = '\0';
}

static inline int receive_number(void* socket)
{
    char text[32];
    receive_text(socket, text, sizeof text);
    return atoi(text);
}
