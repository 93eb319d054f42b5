/* ZMQ_XPUB_MANUAL_LAST_VALUE: after a manual subscription, the next message is for that subscriber alone. */
#include "tests/c_api/check.h"

/* A draft, whose name zmq.h shows to who asks for drafts. */
static const int last_value = 98;

static void* make_publisher(void* context)
{
    void* publisher = make(context, ZMQ_XPUB);
    limit_waiting(publisher);
    set_int(publisher, last_value, 1);
    CHECK(zmq_bind(publisher, "tcp://127.0.0.1:*") == 0);
    return publisher;
}

/* Connected, and its subscription granted. */
static void* make_subscriber(void* context, void* publisher)
{
    char endpoint[128] = "";
    size_t size = sizeof endpoint;
    void* subscriber = make(context, ZMQ_SUB);
    limit_waiting(subscriber);
    CHECK(zmq_getsockopt(publisher, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    CHECK(zmq_connect(subscriber, endpoint) == 0);
    CHECK(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "a", 1) == 0);
    CHECK_RECEIVES(publisher, "\1a");
    CHECK(zmq_setsockopt(publisher, ZMQ_SUBSCRIBE, "a", 1) == 0);
    return subscriber;
}

static void the_option_is_for_publishers(void* context)
{
    const int types[] = {ZMQ_XPUB, ZMQ_PUB, ZMQ_XSUB, ZMQ_SUB, ZMQ_DEALER};
    for (size_t i = 0; i < sizeof types / sizeof *types; ++i)
    {
        void* socket = make(context, types[i]);
        int value = 1;
        size_t size = sizeof value;
        if (i < 2)
            CHECK(zmq_setsockopt(socket, last_value, &value, sizeof value) == 0);
        else
            CHECK_FAILS(zmq_setsockopt(socket, last_value, &value, sizeof value), EINVAL);
        CHECK_FAILS(zmq_getsockopt(socket, last_value, &value, &size), EINVAL);
        value = -1;
        CHECK_FAILS(zmq_setsockopt(socket, last_value, &value, sizeof value), EINVAL);
        CHECK(zmq_close(socket) == 0);
    }
}

static void the_next_message_is_for_the_newcomer(void* context)
{
    void* publisher = make_publisher(context);
    void* old = make_subscriber(context, publisher);
    send_text(publisher, "a", ZMQ_SNDMORE);
    send_text(publisher, "first", 0);
    void* newcomer = make_subscriber(context, publisher);
    send_text(publisher, "a", ZMQ_SNDMORE);
    send_text(publisher, "second", 0);
    send_text(publisher, "a for all", 0);
    CHECK_RECEIVES(old, "a");
    CHECK_RECEIVES(old, "first");
    CHECK_RECEIVES(old, "a for all");
    CHECK_RECEIVES(newcomer, "a");
    CHECK_RECEIVES(newcomer, "second");
    CHECK_RECEIVES(newcomer, "a for all");
    CHECK(zmq_close(old) == 0);
    CHECK(zmq_close(newcomer) == 0);
    CHECK(zmq_close(publisher) == 0);
}

static void before_anybody_asked_a_subscription_does_nothing(void* context)
{
    void* publisher = make_publisher(context);
    void* subscriber;
    CHECK(zmq_setsockopt(publisher, ZMQ_SUBSCRIBE, "b", 1) == 0);
    CHECK(zmq_setsockopt(publisher, ZMQ_UNSUBSCRIBE, "b", 1) == 0);
    subscriber = make_subscriber(context, publisher);
    send_text(publisher, "b", 0);
    send_text(publisher, "a", 0);
    CHECK_RECEIVES(subscriber, "a");
    CHECK(zmq_close(subscriber) == 0);
    CHECK(zmq_close(publisher) == 0);
}

static void the_last_of_both_manual_options_decides(void* context)
{
    void* publisher = make_publisher(context);
    void* subscriber = make_subscriber(context, publisher);
    set_int(publisher, ZMQ_XPUB_MANUAL, 0);
    CHECK_FAILS(zmq_setsockopt(publisher, ZMQ_SUBSCRIBE, "b", 1), EINVAL);
    set_int(publisher, ZMQ_XPUB_MANUAL, 1);
    CHECK(zmq_setsockopt(publisher, ZMQ_SUBSCRIBE, "b", 1) == 0);
    set_int(publisher, last_value, 0);
    CHECK_FAILS(zmq_setsockopt(publisher, ZMQ_SUBSCRIBE, "b", 1), EINVAL);
    CHECK(zmq_close(subscriber) == 0);
    CHECK(zmq_close(publisher) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    the_option_is_for_publishers(context);
    the_next_message_is_for_the_newcomer(context);
    before_anybody_asked_a_subscription_does_nothing(context);
    the_last_of_both_manual_options_decides(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
