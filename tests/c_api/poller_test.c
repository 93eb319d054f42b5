/* zmq_poller_...: what is in it, what it tells, and the errno of each refusal. In draft builds. */
#include <unistd.h>

#include "tests/c_api/check.h"

static void what_is_in_it_is_counted_and_found(void* context)
{
    void* poller = zmq_poller_new();
    void* socket = make(context, ZMQ_PULL);
    void* nothing = NULL;
    int ends[2];
    CHECK(pipe(ends) == 0);
    CHECK(zmq_poller_size(poller) == 0);
    CHECK(zmq_poller_add(poller, socket, NULL, ZMQ_POLLIN) == 0);
    CHECK_FAILS(zmq_poller_add(poller, socket, NULL, ZMQ_POLLIN), EINVAL);
    CHECK(zmq_poller_add_fd(poller, ends[0], NULL, ZMQ_POLLIN) == 0);
    CHECK_FAILS(zmq_poller_add_fd(poller, ends[0], NULL, ZMQ_POLLIN), EINVAL);
    CHECK(zmq_poller_size(poller) == 2);
    CHECK(zmq_poller_modify(poller, socket, ZMQ_POLLIN | ZMQ_POLLOUT) == 0);
    CHECK(zmq_poller_modify_fd(poller, ends[0], ZMQ_POLLIN | ZMQ_POLLPRI) == 0);
    CHECK_FAILS(zmq_poller_modify(poller, socket, 64), EINVAL);
    CHECK_FAILS(zmq_poller_modify_fd(poller, ends[1], ZMQ_POLLOUT), EINVAL);
    CHECK_FAILS(zmq_poller_add_fd(poller, -1, NULL, ZMQ_POLLIN), EBADF);
    CHECK_FAILS(zmq_poller_add(poller, NULL, NULL, ZMQ_POLLIN), ENOTSOCK);
    CHECK_FAILS(zmq_poller_add(poller, ends, NULL, ZMQ_POLLIN), ENOTSOCK);
    CHECK(zmq_poller_remove(poller, socket) == 0);
    CHECK_FAILS(zmq_poller_remove(poller, socket), EINVAL);
    CHECK(zmq_poller_remove_fd(poller, ends[0]) == 0);
    CHECK_FAILS(zmq_poller_remove_fd(poller, ends[0]), EINVAL);
    CHECK_FAILS(zmq_poller_size(NULL), EFAULT);
    CHECK_FAILS(zmq_poller_add(ends, socket, NULL, ZMQ_POLLIN), EFAULT);
    CHECK_FAILS(zmq_poller_fd(poller, &ends[0]), EINVAL);
    CHECK(zmq_close(socket) == 0);
    CHECK(zmq_poller_destroy(&poller) == 0);
    CHECK(poller == NULL);
    CHECK_FAILS(zmq_poller_destroy(&poller), EFAULT);
    CHECK_FAILS(zmq_poller_destroy(NULL), EFAULT);
    CHECK_FAILS(zmq_poller_destroy(&nothing), EFAULT);
    close(ends[0]);
    close(ends[1]);
}

static void it_tells_what_is_ready(void* context)
{
    void* poller = zmq_poller_new();
    void* pull = make(context, ZMQ_PULL);
    void* push = make(context, ZMQ_PUSH);
    int mark = 0;
    int ends[2];
    zmq_poller_event_t events[4];
    limit_waiting(pull);
    limit_waiting(push);
    join_over_tcp(pull, push);
    CHECK(pipe(ends) == 0);
    CHECK_FAILS(zmq_poller_wait(poller, events, -1), EFAULT); /* nothing is in it */
    CHECK_FAILS(zmq_poller_wait(poller, events, 0), EAGAIN);
    CHECK(zmq_poller_add(poller, pull, &mark, ZMQ_POLLIN) == 0);
    CHECK_FAILS(zmq_poller_wait(poller, events, 10), EAGAIN);
    CHECK(events[0].socket == NULL);
    send_text(push, "work", 0);
    CHECK(zmq_poller_wait(poller, events, 10000) == 0);
    CHECK(events[0].socket == pull && events[0].user_data == &mark);
    CHECK(events[0].events == ZMQ_POLLIN);
    CHECK(zmq_poller_add_fd(poller, ends[0], ends, ZMQ_POLLIN) == 0);
    CHECK(write(ends[1], "x", 1) == 1);
    CHECK(zmq_poller_wait_all(poller, events, 4, 10000) == 2);
    CHECK(events[1].socket == NULL && events[1].fd == ends[0] && events[1].user_data == ends);
    CHECK(zmq_poller_wait_all(poller, events, 1, 10000) == 1);
    CHECK_FAILS(zmq_poller_wait_all(poller, NULL, 1, 0), EFAULT);
    CHECK_FAILS(zmq_poller_wait_all(poller, events, -1, 0), EINVAL);
    CHECK_RECEIVES(pull, "work");
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
    CHECK_FAILS(zmq_poller_wait(poller, events, 0), ENOTSOCK); /* it was not taken out */
    CHECK(zmq_poller_destroy(&poller) == 0);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    void* context = zmq_ctx_new();
    CHECK(zmq_has("draft") == 1);
    what_is_in_it_is_counted_and_found(context);
    it_tells_what_is_ready(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
