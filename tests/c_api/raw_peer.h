/* Peers that speak no ZMTP, for the tests of STREAM and of raw ROUTERs. */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/c_api/check.h"

static inline int connect_raw(const char* endpoint)
{
    struct sockaddr_in address = {0};
    const int peer = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)atoi(strrchr(endpoint, ':') + 1));
    CHECK(connect(peer, (struct sockaddr*)&address, sizeof address) == 0);
    return peer;
}

static inline void bind_somewhere(void* socket, char* endpoint, size_t size)
{
    CHECK(zmq_bind(socket, "tcp://127.0.0.1:*") == 0);
    CHECK(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
}

/* So many octets come, and these they are. */
#define CHECK_READS(peer, text)                                                                    \
    do                                                                                             \
    {                                                                                              \
        char check_octets[64] = "";                                                                \
        const ssize_t check_size = recv((peer), check_octets, strlen(text), MSG_WAITALL);          \
        if (check_size != (ssize_t)strlen(text) || strcmp(check_octets, (text)) != 0)              \
            check_failed(__FILE__, __LINE__, #peer " reads " #text, errno);                        \
    }                                                                                              \
    while (0)
