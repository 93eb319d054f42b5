/* zmq.h: structures as programs compiled for libzmq know them, and numbers of every kind. */
#include <stddef.h>

#include "tests/c_api/check.h"

#include <zmq_utils.h> /* older programs include it beside */

static void structures_have_libzmqs_layout(void)
{
    struct aligned
    {
        char before;
        zmq_msg_t message;
    };
    CHECK(sizeof(zmq_msg_t) == 64);
    CHECK(offsetof(struct aligned, message) == sizeof(void*));
    CHECK(sizeof(zmq_pollitem_t) == sizeof(void*) + 8);
    CHECK(offsetof(zmq_pollitem_t, socket) == 0);
    CHECK(offsetof(zmq_pollitem_t, fd) == sizeof(void*));
    CHECK(offsetof(zmq_pollitem_t, events) == sizeof(void*) + 4);
    CHECK(offsetof(zmq_pollitem_t, revents) == sizeof(void*) + 6);
    CHECK(sizeof(zmq_fd_t) == sizeof(int));
}

static void numbers_are_libzmqs(void)
{
    CHECK(ZMQ_VERSION == 40304);
    CHECK(ZMQ_VERSION == ZMQ_MAKE_VERSION(4, 3, 4));
    CHECK(EFSM == 156384763 && ENOCOMPATPROTO == 156384764);
    CHECK(ETERM == 156384765 && EMTHREAD == 156384766);
    CHECK(ZMQ_PAIR == 0 && ZMQ_STREAM == 11 && ZMQ_XREQ == ZMQ_DEALER && ZMQ_XREP == ZMQ_ROUTER);
    CHECK(ZMQ_IDENTITY == 5 && ZMQ_BINDTODEVICE == 92 && ZMQ_DELAY_ATTACH_ON_CONNECT == 39);
    CHECK(ZMQ_DONTWAIT == 1 && ZMQ_SNDMORE == 2 && ZMQ_NOBLOCK == ZMQ_DONTWAIT);
    CHECK(ZMQ_POLLIN == 1 && ZMQ_POLLOUT == 2 && ZMQ_POLLERR == 4 && ZMQ_POLLPRI == 8);
    CHECK(ZMQ_EVENT_ALL == 0xFFFF && ZMQ_EVENT_HANDSHAKE_FAILED_AUTH == 0x4000);
}

int main(void)
{
    structures_have_libzmqs_layout();
    numbers_are_libzmqs();
    return finish();
}
