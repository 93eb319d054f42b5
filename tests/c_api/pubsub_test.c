/* PUB, SUB, XPUB, XSUB: what a publisher hears of subscriptions, and who gets what. */
#include "tests/c_api/check.h"

static void subscribe(void* socket, const char* topic)
{
    set_text(socket, ZMQ_SUBSCRIBE, topic);
}

static void unsubscribe(void* socket, const char* topic)
{
    set_text(socket, ZMQ_UNSUBSCRIBE, topic);
}

struct scene
{
    void* publisher;
    void* first;
    void* second;
};

static struct scene begin(void* context, int option, int value)
{
    struct scene s = {make_limited(context, ZMQ_XPUB), make_limited(context, ZMQ_SUB),
        make_limited(context, ZMQ_SUB)};
    if (option != 0)
        set_int(s.publisher, option, value);
    join_over_tcp(s.publisher, s.first);
    CHECK(zmq_connect(s.second, last_endpoint(s.publisher)) == 0);
    return s;
}

static void end(struct scene s)
{
    CHECK(zmq_close(s.publisher) == 0);
    CHECK(zmq_close(s.first) == 0);
    if (s.second != NULL)
        CHECK(zmq_close(s.second) == 0);
}

static void only_what_is_new_is_told(void* context)
{
    struct scene s = begin(context, 0, 0);
    subscribe(s.first, "A");
    CHECK_MESSAGE(s.publisher, "\1A");
    subscribe(s.second, "A");
    subscribe(s.second, "AB");
    CHECK_MESSAGE(s.publisher, "\1AB");
    unsubscribe(s.first, "A");
    unsubscribe(s.second, "AB");
    CHECK_OCTETS(s.publisher, "\0AB");
    unsubscribe(s.second, "A");
    CHECK_OCTETS(s.publisher, "\0A");
    unsubscribe(s.second, "A");
    unsubscribe(s.second, "never");
    CHECK_NOTHING_COMES(s.publisher);
    end(s);
}

static void verbose_tells_every_subscription(void* context)
{
    struct scene s = begin(context, ZMQ_XPUB_VERBOSE, 1);
    subscribe(s.first, "A");
    CHECK_MESSAGE(s.publisher, "\1A");
    subscribe(s.second, "A");
    CHECK_MESSAGE(s.publisher, "\1A");
    subscribe(s.second, "A");
    CHECK_MESSAGE(s.publisher, "\1A");
    unsubscribe(s.first, "A");
    CHECK_NOTHING_COMES(s.publisher);
    CHECK(zmq_close(s.second) == 0);
    CHECK_OCTETS(s.publisher, "\0A");
    s.second = NULL;
    end(s);
}

static void verboser_tells_every_end_of_one_as_well(void* context)
{
    struct scene s = begin(context, ZMQ_XPUB_VERBOSER, 1);
    subscribe(s.first, "A");
    CHECK_MESSAGE(s.publisher, "\1A");
    subscribe(s.second, "A");
    CHECK_MESSAGE(s.publisher, "\1A");
    unsubscribe(s.first, "A");
    CHECK_OCTETS(s.publisher, "\0A");
    CHECK(zmq_close(s.second) == 0);
    CHECK_OCTETS(s.publisher, "\0A");
    s.second = NULL;
    end(s);
}

static void doubled_subscriptions_are_counted_by_the_subscriber(void* context)
{
    struct scene s = begin(context, 0, 0);
    subscribe(s.first, "A");
    CHECK_MESSAGE(s.publisher, "\1A");
    subscribe(s.first, "A");
    subscribe(s.first, "");
    CHECK_MESSAGE(s.publisher, "\1");
    unsubscribe(s.first, "");
    CHECK_OCTETS(s.publisher, "\0");
    unsubscribe(s.first, "A");
    CHECK_NOTHING_COMES(s.publisher);
    SEND_MESSAGE(s.publisher, "A1", "once");
    SEND_MESSAGE(s.publisher, "B1");
    CHECK_MESSAGE(s.first, "A1", "once");
    CHECK_NOTHING_COMES(s.first);
    unsubscribe(s.first, "A");
    CHECK_OCTETS(s.publisher, "\0A");
    end(s);
}

static void topics_of_who_leaves_end_in_order(void* context)
{
    struct scene s = begin(context, 0, 0);
    for (int i = 0; i < 3; ++i)
    {
        static const char* const topics[] = {"b", "ab", "a"};
        subscribe(s.second, topics[i]);
        wait_for_events(s.publisher, ZMQ_POLLIN);
        char told[8];
        CHECK(zmq_recv(s.publisher, told, sizeof told, 0) > 1 && told[0] == 1);
    }
    CHECK(zmq_close(s.second) == 0);
    CHECK_OCTETS(s.publisher, "\0a");
    CHECK_OCTETS(s.publisher, "\0ab");
    CHECK_OCTETS(s.publisher, "\0b");
    s.second = NULL;
    end(s);
}

static void by_hand_the_publisher_subscribes_its_peers(void* context)
{
    struct scene s = begin(context, ZMQ_XPUB_MANUAL, 1);
    subscribe(s.publisher, "for nobody");
    unsubscribe(s.publisher, "for nobody");
    subscribe(s.first, "A");
    CHECK_MESSAGE(s.publisher, "\1A");
    subscribe(s.publisher, "A");
    subscribe(s.second, "A");
    CHECK_MESSAGE(s.publisher, "\1A"); /* not applied */
    SEND_MESSAGE(s.publisher, "A1");
    CHECK_MESSAGE(s.first, "A1");
    CHECK_NOTHING_COMES(s.second);
    subscribe(s.publisher, "A2");
    SEND_MESSAGE(s.publisher, "A2");
    CHECK_MESSAGE(s.first, "A2");
    CHECK_MESSAGE(s.second, "A2");
    unsubscribe(s.first, "A");
    CHECK_OCTETS(s.publisher, "\0A");
    SEND_MESSAGE(s.publisher, "A3");
    unsubscribe(s.publisher, "A");
    SEND_MESSAGE(s.publisher, "A2");
    CHECK_MESSAGE(s.second, "A2");
    CHECK_NOTHING_COMES(s.first);
    end(s);
}

static void who_comes_is_welcomed(void* context)
{
    void* publisher = make_limited(context, ZMQ_XPUB);
    void* subscriber = make_limited(context, ZMQ_SUB);
    void* other = make_limited(context, ZMQ_SUB);
    set_text(publisher, ZMQ_XPUB_WELCOME_MSG, "welcome");
    subscribe(subscriber, "w");
    subscribe(other, "x");
    join_over_tcp(publisher, subscriber);
    CHECK_MESSAGE(publisher, "\1w");
    CHECK_MESSAGE(subscriber, "welcome");
    CHECK(zmq_connect(other, last_endpoint(publisher)) == 0);
    CHECK_MESSAGE(publisher, "\1x");
    CHECK_NOTHING_COMES(other);
    CHECK(zmq_setsockopt(publisher, ZMQ_XPUB_WELCOME_MSG, NULL, 0) == 0);
    end((struct scene){publisher, subscriber, other});
}

static void inverted_everything_else_matches(void* context)
{
    struct scene s = begin(context, ZMQ_INVERT_MATCHING, 1);
    set_int(s.first, ZMQ_INVERT_MATCHING, 1);
    set_int(s.second, ZMQ_INVERT_MATCHING, 1);
    subscribe(s.first, "A");
    CHECK_MESSAGE(s.publisher, "\1A");
    subscribe(s.second, "B");
    CHECK_MESSAGE(s.publisher, "\1B");
    SEND_MESSAGE(s.publisher, "A1");
    SEND_MESSAGE(s.publisher, "B1");
    SEND_MESSAGE(s.publisher, "C1", "part");
    CHECK_MESSAGE(s.first, "B1");
    CHECK_MESSAGE(s.first, "C1", "part");
    CHECK_MESSAGE(s.second, "A1");
    CHECK_MESSAGE(s.second, "C1", "part");
    end(s);
}

static void a_full_subscriber_loses_messages_or_stops_the_publisher(void* context, int no_drop)
{
    int count = 0;
    char text[8];
    void* publisher = make_limited(context, ZMQ_XPUB);
    void* subscriber = make_limited(context, ZMQ_SUB);
    const char* const name = no_drop ? "inproc://no-drop" : "inproc://drop";
    set_int(publisher, ZMQ_XPUB_NODROP, no_drop);
    set_int(publisher, ZMQ_SNDHWM, 2);
    set_int(subscriber, ZMQ_RCVHWM, 3);
    CHECK(zmq_bind(publisher, name) == 0);
    CHECK(zmq_connect(subscriber, name) == 0);
    subscribe(subscriber, "");
    CHECK_MESSAGE(publisher, "\1");
    for (int i = 0; i < 5; ++i)
        CHECK(zmq_send(publisher, "x", 1, ZMQ_DONTWAIT) == 1);
    if (no_drop)
        CHECK_FAILS(zmq_send(publisher, "y", 1, ZMQ_DONTWAIT), EAGAIN);
    else
        CHECK(zmq_send(publisher, "y", 1, ZMQ_DONTWAIT) == 1);
    CHECK(get_int(publisher, ZMQ_EVENTS) == ZMQ_POLLOUT);
    while (zmq_recv(subscriber, text, sizeof text, ZMQ_DONTWAIT) == 1)
        ++count;
    CHECK(count == 5);
    end((struct scene){publisher, subscriber, NULL});
}

static void a_subscriber_may_talk_to_its_publishers(void* context)
{
    void* publisher = make_limited(context, ZMQ_XPUB);
    void* subscriber = make_limited(context, ZMQ_XSUB);
    join_over_tcp(publisher, subscriber);
    SEND_OCTETS(subscriber, "\1A", 0);
    CHECK_MESSAGE(publisher, "\1A");
    SEND_MESSAGE(subscriber, "user", "data");
    CHECK_MESSAGE(publisher, "user", "data");
    send_text(subscriber, "", 0);
    CHECK_MESSAGE(publisher, "");
    SEND_OCTETS(subscriber, "\0A", 0);
    CHECK_OCTETS(publisher, "\0A");
    SEND_OCTETS(subscriber, "\0A", 0);
    CHECK_NOTHING_COMES(publisher);
    end((struct scene){publisher, subscriber, NULL});
}

static void subscriptions_pass_a_forwarder_as_they_are(void* context)
{
    zmq_msg_t message;
    void* xpub = make_limited(context, ZMQ_XPUB);
    void* xsub = make_limited(context, ZMQ_XSUB);
    void* source = make_limited(context, ZMQ_XPUB);
    void* sink = make_limited(context, ZMQ_SUB);
    join_over_tcp(xpub, sink);
    join_over_tcp(source, xsub);
    subscribe(sink, "A");
    CHECK(zmq_msg_init(&message) == 0);
    CHECK(zmq_msg_recv(&message, xpub, 0) == 2);
    CHECK(zmq_msg_send(&message, xsub, 0) == 2);
    CHECK_MESSAGE(source, "\1A");
    SEND_MESSAGE(source, "B");
    SEND_MESSAGE(source, "A", "news");
    CHECK_MESSAGE(xsub, "A", "news");
    CHECK(zmq_close(sink) == 0);
    CHECK(zmq_msg_recv(&message, xpub, 0) == 2);
    CHECK(zmq_msg_send(&message, xsub, 0) == 2);
    CHECK_OCTETS(source, "\0A");
    CHECK(zmq_msg_close(&message) == 0);
    end((struct scene){xpub, xsub, source});
}

static void what_was_subscribed_before_is_told_to_who_comes_back(void* context)
{
    char endpoint[128];
    void* publisher = make_limited(context, ZMQ_XPUB);
    void* subscriber = make_limited(context, ZMQ_SUB);
    subscribe(subscriber, "b");
    subscribe(subscriber, "a");
    subscribe(subscriber, "a");
    subscribe(subscriber, "gone");
    unsubscribe(subscriber, "gone");
    set_int(subscriber, ZMQ_RECONNECT_IVL, 10);
    join_over_tcp(publisher, subscriber);
    strcpy(endpoint, last_endpoint(publisher));
    CHECK_MESSAGE(publisher, "\1a");
    CHECK_MESSAGE(publisher, "\1b");
    CHECK(zmq_unbind(publisher, endpoint) == 0);
    CHECK_OCTETS(publisher, "\0a");
    CHECK_OCTETS(publisher, "\0b");
    while (zmq_bind(publisher, endpoint) != 0) /* libzmq has not let it go yet */
        zmq_poll(NULL, 0, 1);
    char text[8];
    set_int(subscriber, ZMQ_RCVTIMEO, 10);
    while (zmq_poll(&(zmq_pollitem_t){publisher, 0, ZMQ_POLLIN, 0}, 1, 0) == 0)
        zmq_recv(subscriber, text, sizeof text, 0); /* it is libzmq's subscriber that tells */
    CHECK_MESSAGE(publisher, "\1a");
    CHECK_MESSAGE(publisher, "\1b");
    end((struct scene){publisher, subscriber, NULL});
}

int main(void)
{
    void* context = zmq_ctx_new();
    only_what_is_new_is_told(context);
    verbose_tells_every_subscription(context);
    verboser_tells_every_end_of_one_as_well(context);
    doubled_subscriptions_are_counted_by_the_subscriber(context);
    topics_of_who_leaves_end_in_order(context);
    by_hand_the_publisher_subscribes_its_peers(context);
    who_comes_is_welcomed(context);
    inverted_everything_else_matches(context);
    a_full_subscriber_loses_messages_or_stops_the_publisher(context, 0);
    a_full_subscriber_loses_messages_or_stops_the_publisher(context, 1);
    a_subscriber_may_talk_to_its_publishers(context);
    subscriptions_pass_a_forwarder_as_they_are(context);
    what_was_subscribed_before_is_told_to_who_comes_back(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
