/* fork: the child may end as it likes, is told that what it inherited has ended, and has sockets of its own. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/c_api/check.h"

/* A leak check or a thread after fork is more than the sanitizers can do. */
#if defined(__SANITIZE_ADDRESS__)
#define EXIT _exit
#else
#define EXIT exit
#endif
#if defined(__SANITIZE_THREAD__)
static const int threads_may_start = 0;
#else
static const int threads_may_start = 1;
#endif

/* --- what the parent does meanwhile ------------------------------------------------------------- */

struct flood
{
    void* context;
    void* push;
    void* pull;
    pthread_t sender;
};

static void* send_until_the_end(void* argument)
{
    unsigned long number;
    for (number = 0; zmq_send(argument, &number, sizeof number, 0) != -1; ++number)
        ;
    CHECK(zmq_errno() == ETERM);
    CHECK(zmq_close(argument) == 0);
    return NULL;
}

static struct flood begin_flood(void)
{
    struct flood f;
    f.context = zmq_ctx_new();
    f.push = make(f.context, ZMQ_PUSH);
    f.pull = make(f.context, ZMQ_PULL);
    limit_waiting(f.pull);
    set_int(f.push, ZMQ_LINGER, 0);
    join_over_tcp(f.pull, f.push);
    CHECK(pthread_create(&f.sender, NULL, send_until_the_end, f.push) == 0);
    return f;
}

/* The next messages, in their order. */
static void take_from_flood(const struct flood* f, unsigned long* next, int count)
{
    for (; count > 0; --count, ++*next)
    {
        unsigned long number = 0;
        if (zmq_recv(f->pull, &number, sizeof number, 0) != sizeof number || number != *next)
        {
            CHECK(!"the flood goes on in order");
            return;
        }
    }
}

static void end_flood(struct flood* f)
{
    CHECK(zmq_ctx_shutdown(f->context) == 0);
    CHECK(pthread_join(f->sender, NULL) == 0);
    CHECK(zmq_close(f->pull) == 0);
    CHECK(zmq_ctx_term(f->context) == 0);
}

/* Forks; the child does that, and ends. A child that hangs is ended. */
static pid_t fork_to(void (*child)(void*), void* argument)
{
    const pid_t made = fork();
    CHECK(made != -1);
    if (made == 0)
    {
        alarm(20);
        check_failures = 0;
        child(argument);
        _exit(check_failures != 0 ? 1 : 7);
    }
    return made;
}

static void ended_well(pid_t child)
{
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

/* --- what children do ------------------------------------------------------------------------------ */

static void end_at_once(void* argument)
{
    (void)argument;
    _exit(7);
}

static void end_orderly(void* argument)
{
    (void)argument;
    EXIT(7);
}

static void find_everything_ended(void* argument)
{
    struct flood* const f = argument;
    char buffer[8];
    int value = 0;
    size_t size = sizeof value;
    zmq_pollitem_t item = {f->pull, 0, ZMQ_POLLIN, 0};
    CHECK_FAILS(zmq_send(f->push, "x", 1, 0), ETERM);
    CHECK_FAILS(zmq_recv(f->pull, buffer, sizeof buffer, 0), ETERM);
    CHECK_FAILS(zmq_recv(f->pull, buffer, sizeof buffer, ZMQ_DONTWAIT), ETERM);
    CHECK_FAILS(zmq_poll(&item, 1, -1), ETERM);
    CHECK_FAILS(zmq_getsockopt(f->pull, ZMQ_EVENTS, &value, &size), ETERM);
    CHECK_FAILS(zmq_setsockopt(f->pull, ZMQ_LINGER, &value, sizeof value), ETERM);
    CHECK_FAILS(zmq_bind(f->pull, "tcp://127.0.0.1:*"), ETERM);
    CHECK_FAILS(zmq_socket_monitor(f->pull, "inproc://monitor", ZMQ_EVENT_ALL), ETERM);
    CHECK_FAILS(zmq_proxy(f->pull, f->push, NULL), ETERM);
    CHECK_FAILS_WITH_NULL(zmq_socket(f->context, ZMQ_PAIR), ETERM);
    CHECK_FAILS(zmq_ctx_set(f->context, ZMQ_IPV6, 1), ETERM);
    CHECK(zmq_ctx_shutdown(f->context) == 0);
    CHECK(zmq_close(f->pull) == 0);
    CHECK_FAILS(zmq_close(f->pull), ENOTSOCK);
    CHECK_FAILS(zmq_send(f->pull, "x", 1, 0), ENOTSOCK);
    CHECK(zmq_ctx_term(f->context) == 0);
    CHECK_FAILS(zmq_ctx_term(f->context), EFAULT);
    EXIT(check_failures != 0 ? 1 : 7);
}

/* The same, and asks the parent a hundred things. */
static void ask(void* argument)
{
    const char* const endpoint = argument;
    void* context = zmq_ctx_new();
    void* req = make(context, ZMQ_REQ);
    int i;
    limit_waiting(req);
    CHECK(zmq_connect(req, endpoint) == 0);
    for (i = 0; i < 100 && check_failures == 0; ++i)
    {
        send_text(req, "question", 0);
        CHECK_RECEIVES(req, "answer");
    }
    CHECK(zmq_close(req) == 0);
    CHECK(zmq_ctx_term(context) == 0);
    EXIT(check_failures != 0 ? 1 : 7);
}

/* --- the tests --------------------------------------------------------------------------------------- */

static void the_parent_does_not_notice_what_a_child_does(void (*child)(void*))
{
    struct flood f = begin_flood();
    unsigned long next = 0;
    int i;
    for (i = 0; i < 5; ++i)
    {
        pid_t made;
        take_from_flood(&f, &next, 10000);
        made = fork_to(child, &f);
        take_from_flood(&f, &next, 10000);
        ended_well(made);
        take_from_flood(&f, &next, 10000);
    }
    end_flood(&f);
}

static void a_child_talks_to_its_parent(const char* wildcard)
{
    struct flood f = begin_flood();
    unsigned long next = 0;
    void* rep = make(f.context, ZMQ_REP);
    char endpoint[256] = "";
    size_t size = sizeof endpoint;
    pid_t made;
    int i;
    limit_waiting(rep);
    CHECK(zmq_bind(rep, wildcard) == 0);
    CHECK(zmq_getsockopt(rep, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
    take_from_flood(&f, &next, 1000);
    made = fork_to(ask, endpoint);
    for (i = 0; i < 100; ++i)
    {
        CHECK_RECEIVES(rep, "question");
        send_text(rep, "answer", 0);
        take_from_flood(&f, &next, 100);
    }
    ended_well(made);
    CHECK(zmq_close(rep) == 0);
    end_flood(&f);
}

/* Where threads come and go while the process is copied, again and again. */
struct maker
{
    int is_over; /* for both threads: atomic */
};

static void* make_and_close(void* argument)
{
    struct maker* const m = argument;
    void* context = zmq_ctx_new();
    while (!__atomic_load_n(&m->is_over, __ATOMIC_ACQUIRE))
        CHECK(zmq_close(make(context, ZMQ_PAIR)) == 0);
    CHECK(zmq_ctx_term(context) == 0);
    return NULL;
}

static void make_one_socket(void* argument)
{
    void* context = zmq_ctx_new();
    (void)argument;
    CHECK(zmq_close(make(context, ZMQ_PAIR)) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

static void another_thread_may_be_making_sockets(void)
{
    struct maker m = {0};
    pthread_t thread;
    int i;
    CHECK(pthread_create(&thread, NULL, make_and_close, &m) == 0);
    for (i = 0; i < 100; ++i)
        ended_well(fork_to(make_one_socket, NULL));
    __atomic_store_n(&m.is_over, 1, __ATOMIC_RELEASE);
    CHECK(pthread_join(thread, NULL) == 0);
}

int main(void)
{
    the_parent_does_not_notice_what_a_child_does(end_at_once);
    the_parent_does_not_notice_what_a_child_does(end_orderly);
    the_parent_does_not_notice_what_a_child_does(find_everything_ended);
    if (threads_may_start)
    {
        a_child_talks_to_its_parent("tcp://127.0.0.1:*");
        a_child_talks_to_its_parent("ipc://*");
        another_thread_may_be_making_sockets();
    }
    return finish();
}
