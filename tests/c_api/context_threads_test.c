/* A context's background threads: how they are called, scheduled, and chosen. */
#define _GNU_SOURCE
#include <dirent.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/c_api/check.h"

/* The thread of that name, by /proc; it must come to its name soon. */
static int thread_called(const char* name)
{
    const double before = seconds_now();
    while (seconds_now() - before < 10)
    {
        DIR* const tasks = opendir("/proc/self/task");
        const struct dirent* task;
        int found = 0;
        while (found == 0 && (task = readdir(tasks)) != NULL)
        {
            char path[300];
            char text[64] = "";
            snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
            FILE* const comm = fopen(path, "r");
            if (comm == NULL)
                continue;
            if (fgets(text, sizeof text, comm) != NULL && strncmp(text, name, strlen(name)) == 0 &&
                text[strlen(name)] == '\n')
                found = atoi(task->d_name);
            fclose(comm);
        }
        closedir(tasks);
        if (found != 0)
            return found;
        sched_yield();
    }
    check_failed(__FILE__, __LINE__, name, 0);
    return 0;
}

static void threads_are_called_as_libzmqs_are(void)
{
    void* context = zmq_ctx_new();
    void* second = zmq_ctx_new();
    CHECK(zmq_ctx_set(context, ZMQ_IO_THREADS, 2) == 0);
    CHECK(zmq_ctx_set(second, ZMQ_THREAD_NAME_PREFIX, 77) == 0);
    CHECK(zmq_ctx_get(second, ZMQ_THREAD_NAME_PREFIX) == 77);
    CHECK(zmq_close(make(context, ZMQ_PAIR)) == 0);
    CHECK(zmq_close(make(second, ZMQ_PAIR)) == 0);
    CHECK(thread_called("ZMQbg/IO/0") != 0);
    CHECK(thread_called("ZMQbg/IO/1") != 0);
    CHECK(thread_called("77/ZMQbg/IO/0") != 0);
    CHECK(zmq_ctx_term(context) == 0);
    CHECK(zmq_ctx_term(second) == 0);
}

static int any_processor(void)
{
    cpu_set_t mine;
    int processor = 0;
    CHECK(sched_getaffinity(0, sizeof mine, &mine) == 0);
    while (!CPU_ISSET(processor, &mine))
        ++processor;
    return processor;
}

static void threads_are_scheduled_as_the_context_says(void)
{
    void* context = zmq_ctx_new();
    const int processor = any_processor();
    cpu_set_t set;
    int thread;
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_NAME_PREFIX, 1) == 0);
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_SCHED_POLICY, SCHED_BATCH) == 0);
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_AFFINITY_CPU_ADD, processor) == 0);
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_AFFINITY_CPU_ADD, processor + 1) == 0);
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_AFFINITY_CPU_REMOVE, processor + 1) == 0);
    void* bound = make(context, ZMQ_PAIR);
    void* connected = make(context, ZMQ_PAIR);
    limit_waiting(connected);
    join_over_tcp(bound, connected);
    send_text(bound, "accepted by the thread", 0);
    CHECK_RECEIVES(connected, "accepted by the thread");
    thread = thread_called("1/ZMQbg/IO/0");
    CHECK(sched_getscheduler(thread) == SCHED_BATCH);
    CHECK(sched_getaffinity(thread, sizeof set, &set) == 0);
    CHECK(CPU_COUNT(&set) == 1 && CPU_ISSET(processor, &set));
    CHECK(sched_getscheduler(0) == SCHED_OTHER);
    CHECK(zmq_close(bound) == 0);
    CHECK(zmq_close(connected) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

/* No such policy, one that may be forbidden, no such processor: libzmq ends the process. */
static void what_the_system_refuses_is_not_done(int policy, int priority, int processor)
{
    void* context = zmq_ctx_new();
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_SCHED_POLICY, policy) == 0);
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_PRIORITY, priority) == 0);
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_AFFINITY_CPU_ADD, processor) == 0);
    void* bound = make(context, ZMQ_PAIR);
    void* connected = make(context, ZMQ_PAIR);
    limit_waiting(connected);
    join_over_tcp(bound, connected);
    send_text(bound, "works", 0);
    CHECK_RECEIVES(connected, "works");
    CHECK(zmq_close(bound) == 0);
    CHECK(zmq_close(connected) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

static long switches_of(int thread)
{
    char path[64];
    char line[256];
    long voluntary = 0;
    long others = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/status", thread);
    FILE* const status = fopen(path, "r");
    CHECK(status != NULL);
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
    {
        (void)sscanf(line, "voluntary_ctxt_switches: %ld", &voluntary);
        (void)sscanf(line, "nonvoluntary_ctxt_switches: %ld", &others);
    }
    if (status != NULL)
        fclose(status);
    return voluntary + others;
}

static void set_affinity(void* socket, uint64_t threads)
{
    CHECK(zmq_setsockopt(socket, ZMQ_AFFINITY, &threads, sizeof threads) == 0);
}

static void connections_keep_to_the_threads_of_their_affinity(void)
{
    void* context = zmq_ctx_new();
    int i;
    CHECK(zmq_ctx_set(context, ZMQ_IO_THREADS, 2) == 0);
    CHECK(zmq_ctx_set(context, ZMQ_THREAD_NAME_PREFIX, 5) == 0);
    void* rep = make(context, ZMQ_REP);
    void* req = make(context, ZMQ_REQ);
    limit_waiting(rep);
    limit_waiting(req);
    set_affinity(rep, 4);
    CHECK_FAILS(zmq_bind(rep, "tcp://127.0.0.1:*"), EMTHREAD);
    CHECK_FAILS(zmq_connect(rep, "tcp://127.0.0.1:1"), EMTHREAD);
    CHECK(zmq_bind(rep, "inproc://needs-no-thread") == 0);
    set_affinity(rep, 2);
    set_affinity(req, 6);
    join_over_tcp(rep, req);
    const int first = thread_called("5/ZMQbg/IO/0");
    const int second = thread_called("5/ZMQbg/IO/1");
    const long idle = switches_of(first);
    const long busy = switches_of(second);
    for (i = 0; i < 200; ++i)
    {
        send_text(req, "question", 0);
        CHECK_RECEIVES(rep, "question");
        send_text(rep, "answer", 0);
        CHECK_RECEIVES(req, "answer");
    }
    CHECK(switches_of(second) - busy > switches_of(first) - idle);
    CHECK(zmq_close(rep) == 0);
    CHECK(zmq_close(req) == 0);
    CHECK(zmq_ctx_term(context) == 0);
}

int main(void)
{
    threads_are_called_as_libzmqs_are();
    threads_are_scheduled_as_the_context_says();
    what_the_system_refuses_is_not_done(99, 0, 1000000);
    what_the_system_refuses_is_not_done(SCHED_FIFO, 1, 0);
    what_the_system_refuses_is_not_done(SCHED_RR, 0, 1000);
    connections_keep_to_the_threads_of_their_affinity();
    return finish();
}
