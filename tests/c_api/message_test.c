/* zmq_msg_t: how it is made, copied, moved and ended, and that memory given away comes back exactly once. */
#include <stdlib.h>

#include "tests/c_api/check.h"

enum
{
    sizes_to_try = 9
};
static const size_t sizes[sizes_to_try] = {0, 1, 33, 34, 50, 51, 64, 1000, 100000};

static void fill(zmq_msg_t* message)
{
    unsigned char* const data = zmq_msg_data(message);
    size_t i;
    for (i = 0; i < zmq_msg_size(message); ++i)
        data[i] = (unsigned char)(i * 7 + 1);
}

static int is_filled(zmq_msg_t* message, size_t size)
{
    const unsigned char* const data = zmq_msg_data(message);
    size_t i;
    if (zmq_msg_size(message) != size)
        return 0;
    for (i = 0; i < size; ++i)
    {
        if (data[i] != (unsigned char)(i * 7 + 1))
            return 0;
    }
    return 1;
}

static void what_is_no_message_is_told_so(void)
{
    zmq_msg_t zeros;
    zmq_msg_t message;
    memset(&zeros, 0, sizeof zeros);
    CHECK_FAILS(zmq_msg_close(&zeros), EFAULT);
    CHECK_FAILS(zmq_msg_close(NULL), EFAULT);
    CHECK_FAILS(zmq_msg_copy(&zeros, &zeros), EFAULT);
    CHECK(zmq_msg_init(&message) == 0);
    CHECK_FAILS(zmq_msg_move(&message, &zeros), EFAULT);
    CHECK_FAILS(zmq_msg_move(&zeros, &message), EFAULT);
    CHECK(zmq_msg_close(&message) == 0);
    CHECK_FAILS(zmq_msg_close(&message), EFAULT);
}

static void a_message_has_the_size_asked_for(size_t size)
{
    zmq_msg_t message;
    CHECK(zmq_msg_init_size(&message, size) == 0);
    CHECK(zmq_msg_size(&message) == size);
    fill(&message);
    CHECK(is_filled(&message, size));
    CHECK((size_t)zmq_msg_data(&message) % sizeof(void*) == 0);
    CHECK(zmq_msg_more(&message) == 0);
    CHECK(zmq_msg_get(&message, ZMQ_MORE) == 0);
    CHECK(zmq_msg_get(&message, ZMQ_SHARED) == 0);
    CHECK_FAILS(zmq_msg_get(&message, ZMQ_SRCFD), EINVAL); /* it came from nowhere */
    CHECK_FAILS(zmq_msg_get(&message, 4711), EINVAL);
    CHECK_FAILS(zmq_msg_set(&message, ZMQ_MORE, 1), EINVAL);
    CHECK_FAILS_WITH_NULL(zmq_msg_gets(&message, "Socket-Type"), EINVAL);
    CHECK(zmq_msg_close(&message) == 0);
}

static void an_impossible_size_is_refused(void)
{
    zmq_msg_t message;
    CHECK_FAILS(zmq_msg_init_size(&message, (size_t)-1), ENOMEM);
}

static void a_copy_is_the_same_and_lives_on(size_t size)
{
    zmq_msg_t original;
    zmq_msg_t copy;
    CHECK(zmq_msg_init_size(&original, size) == 0);
    fill(&original);
    CHECK(zmq_msg_init_size(&copy, 77) == 0);
    CHECK(zmq_msg_copy(&copy, &original) == 0);
    CHECK(is_filled(&original, size));
    CHECK(zmq_msg_close(&original) == 0);
    CHECK(is_filled(&copy, size));
    ONLY_HERE(CHECK(zmq_msg_copy(&copy, &copy) == 0));
    CHECK(is_filled(&copy, size));
    CHECK(zmq_msg_close(&copy) == 0);
}

static void copies_of_large_messages_are_shared(void)
{
    zmq_msg_t original;
    zmq_msg_t copy;
    CHECK(zmq_msg_init_size(&original, 1000) == 0);
    CHECK(zmq_msg_init(&copy) == 0);
    CHECK(zmq_msg_copy(&copy, &original) == 0);
    CHECK(zmq_msg_get(&original, ZMQ_SHARED) == 1);
    CHECK(zmq_msg_get(&copy, ZMQ_SHARED) == 1);
    CHECK(zmq_msg_data(&copy) == zmq_msg_data(&original));
    CHECK(zmq_msg_close(&original) == 0);
    CHECK(zmq_msg_close(&copy) == 0);
}

static void copies_say_that_they_are_shared_from_34_octets_on(void)
{
    for (size_t size = 0; size < 100; ++size)
    {
        const int expected = size >= 34;
        zmq_msg_t original;
        zmq_msg_t copy;
        zmq_msg_t moved;
        CHECK(zmq_msg_init_size(&original, size) == 0);
        CHECK(zmq_msg_get(&original, ZMQ_SHARED) == 0);
        fill(&original);
        CHECK(zmq_msg_init(&copy) == 0);
        CHECK(zmq_msg_init(&moved) == 0);
        CHECK(zmq_msg_copy(&copy, &original) == 0);
        CHECK(zmq_msg_get(&original, ZMQ_SHARED) == expected);
        CHECK(zmq_msg_get(&copy, ZMQ_SHARED) == expected);
        CHECK(zmq_msg_move(&moved, &copy) == 0);
        CHECK(zmq_msg_get(&moved, ZMQ_SHARED) == expected);
        CHECK(zmq_msg_get(&copy, ZMQ_SHARED) == 0);
        CHECK(is_filled(&moved, size));
        CHECK(is_filled(&original, size));
        CHECK(zmq_msg_close(&original) == 0);
        CHECK(zmq_msg_close(&copy) == 0);
        CHECK(zmq_msg_close(&moved) == 0);
    }
}

static void a_moved_message_leaves_an_empty_one(size_t size)
{
    zmq_msg_t from;
    zmq_msg_t to;
    CHECK(zmq_msg_init_size(&from, size) == 0);
    fill(&from);
    CHECK(zmq_msg_init_size(&to, 77) == 0);
    CHECK(zmq_msg_move(&to, &from) == 0);
    CHECK(is_filled(&to, size));
    CHECK(zmq_msg_size(&from) == 0);
    ONLY_HERE(CHECK(zmq_msg_move(&to, &to) == 0));
    CHECK(is_filled(&to, size));
    CHECK(zmq_msg_close(&from) == 0);
    CHECK(zmq_msg_close(&to) == 0);
}

/* --- memory of the program's ---------------------------------------------------------------------- */

static int given_back;
static void* given_hint;

static void give_back(void* data, void* hint)
{
    __atomic_add_fetch(&given_back, 1, __ATOMIC_SEQ_CST);
    given_hint = hint;
    free(data);
}

static void memory_comes_back_once_when_all_copies_are_gone(size_t size)
{
    zmq_msg_t message;
    zmq_msg_t copy;
    zmq_msg_t moved;
    void* const data = malloc(size + 1);
    int hint = 0;
    given_back = 0;
    CHECK(zmq_msg_init_data(&message, data, size, give_back, &hint) == 0);
    CHECK(zmq_msg_data(&message) == data);
    CHECK(zmq_msg_size(&message) == size);
    CHECK(zmq_msg_init(&copy) == 0);
    CHECK(zmq_msg_copy(&copy, &message) == 0);
    CHECK(zmq_msg_init(&moved) == 0);
    CHECK(zmq_msg_move(&moved, &message) == 0);
    CHECK(zmq_msg_close(&message) == 0);
    CHECK(zmq_msg_close(&copy) == 0);
    CHECK(given_back == 0);
    CHECK(zmq_msg_close(&moved) == 0);
    CHECK(given_back == 1);
    CHECK(given_hint == &hint);
}

static void constant_memory_needs_no_function(void)
{
    static char text[] = "somewhere in the program, for ever";
    zmq_msg_t message;
    CHECK(zmq_msg_init_data(&message, text, sizeof text, NULL, NULL) == 0);
    CHECK(zmq_msg_data(&message) == text);
    CHECK(zmq_msg_get(&message, ZMQ_SHARED) == 1);
    CHECK(zmq_msg_close(&message) == 0);
}

static void sent_memory_comes_back_once(void* context, size_t size, const char* endpoint)
{
    void* push = make(context, ZMQ_PUSH);
    void* pull = make(context, ZMQ_PULL);
    zmq_msg_t message;
    zmq_msg_t received;
    const double before = seconds_now();
    limit_waiting(push);
    limit_waiting(pull);
    if (endpoint == NULL)
        join_over_tcp(pull, push);
    else
    {
        CHECK(zmq_bind(pull, endpoint) == 0);
        CHECK(zmq_connect(push, endpoint) == 0);
    }
    given_back = 0;
    CHECK(zmq_msg_init_data(&message, calloc(1, size + 1), size, give_back, NULL) == 0);
    fill(&message);
    CHECK(zmq_msg_send(&message, push, 0) == (int)size);
    CHECK(zmq_msg_size(&message) == 0);
    CHECK(zmq_msg_init(&received) == 0);
    CHECK(zmq_msg_recv(&received, pull, 0) == (int)size);
    CHECK(is_filled(&received, size));
    CHECK(zmq_msg_close(&received) == 0);
    CHECK(zmq_msg_close(&message) == 0);
    if (endpoint != NULL)
        CHECK(zmq_unbind(pull, endpoint) == 0); /* libzmq closes later: the name is used again */
    CHECK(zmq_close(push) == 0);
    CHECK(zmq_close(pull) == 0);
    while (__atomic_load_n(&given_back, __ATOMIC_SEQ_CST) == 0 && seconds_now() - before < 10)
        zmq_poll(NULL, 0, 1);
    CHECK(given_back == 1);
}

static void a_message_not_sent_stays_whole(void* context)
{
    void* push = make(context, ZMQ_PUSH);
    zmq_msg_t message;
    void* data;
    int i;
    for (i = 0; i < sizes_to_try; ++i)
    {
        CHECK(zmq_msg_init_size(&message, sizes[i]) == 0);
        fill(&message);
        data = zmq_msg_data(&message);
        CHECK_FAILS(zmq_msg_send(&message, push, ZMQ_DONTWAIT), EAGAIN);
        CHECK_FAILS(zmq_msg_send(&message, push, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
        CHECK(is_filled(&message, sizes[i]));
        CHECK(zmq_msg_data(&message) == data);
        CHECK(zmq_msg_close(&message) == 0);
    }
    CHECK(zmq_close(push) == 0);
}

static int has_property(zmq_msg_t* message, const char* name, const char* value)
{
    const char* const found = zmq_msg_gets(message, name);
    return found != NULL && strcmp(found, value) == 0;
}

static void where_nothing_was_received_nothing_is_left(void* context)
{
    void* pull = make(context, ZMQ_PULL);
    zmq_msg_t message;
    CHECK(zmq_msg_init_size(&message, 100) == 0);
    CHECK_FAILS(zmq_msg_recv(&message, pull, ZMQ_DONTWAIT), EAGAIN);
    CHECK(zmq_msg_size(&message) == 0);
    CHECK(zmq_msg_close(&message) == 0);
    CHECK(zmq_close(pull) == 0);
}

static void a_received_message_tells_whose_it_is(void* context)
{
    void* dealer = make(context, ZMQ_DEALER);
    void* router = make(context, ZMQ_ROUTER);
    zmq_msg_t message;
    zmq_msg_t copy;
    limit_waiting(dealer);
    limit_waiting(router);
    CHECK(zmq_setsockopt(dealer, ZMQ_ROUTING_ID, "me", 2) == 0);
    join_over_tcp(router, dealer);
    send_text(dealer, "hello", 0);
    CHECK(zmq_msg_init(&message) == 0);
    CHECK(zmq_msg_recv(&message, router, 0) == 2);
    CHECK(zmq_msg_more(&message) == 1);
    CHECK(zmq_msg_recv(&message, router, 0) == 5);
    CHECK(zmq_msg_more(&message) == 0);
    CHECK(zmq_msg_init(&copy) == 0);
    CHECK(zmq_msg_copy(&copy, &message) == 0);
    CHECK(zmq_msg_close(&message) == 0);
    CHECK(has_property(&copy, "Socket-Type", "DEALER"));
    ONLY_HERE(CHECK(has_property(&copy, "Routing-Id", "me")));
    CHECK(has_property(&copy, "Identity", "me"));
    CHECK(has_property(&copy, "Peer-Address", "127.0.0.1"));
    CHECK_FAILS_WITH_NULL(zmq_msg_gets(&copy, "Nothing"), EINVAL);
    CHECK(zmq_msg_close(&copy) == 0);
    CHECK(zmq_close(dealer) == 0);
    CHECK(zmq_close(router) == 0);
}

int main(void)
{
    void* context = zmq_ctx_new();
    int i;
    ONLY_HERE(what_is_no_message_is_told_so());
    ONLY_HERE(an_impossible_size_is_refused());
    copies_of_large_messages_are_shared();
    copies_say_that_they_are_shared_from_34_octets_on();
    constant_memory_needs_no_function();
    for (i = 0; i < sizes_to_try; ++i)
    {
        a_message_has_the_size_asked_for(sizes[i]);
        a_copy_is_the_same_and_lives_on(sizes[i]);
        a_moved_message_leaves_an_empty_one(sizes[i]);
        memory_comes_back_once_when_all_copies_are_gone(sizes[i]);
        sent_memory_comes_back_once(context, sizes[i], NULL);
        sent_memory_comes_back_once(context, sizes[i], "inproc://memory");
    }
    a_message_not_sent_stays_whole(context);
    where_nothing_was_received_nothing_is_left(context);
    a_received_message_tells_whose_it_is(context);
    CHECK(zmq_ctx_term(context) == 0);
    return finish();
}
