/* Parallel pipeline, a worker: takes a task, does it, and tells the sink.
 *
 *     taskwork [ventilator] [sink]
 */
#include <time.h>

#include "helpers.h"

static void work(int milliseconds)
{
    const struct timespec length = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&length, NULL);
}

int main(int argc, char** argv)
{
    const char* ventilator_endpoint = argument(argc, argv, 1, "tcp://localhost:5557");
    const char* sink_endpoint = argument(argc, argv, 2, "tcp://localhost:5558");

    void* context = zmq_ctx_new();
    void* tasks = open_socket(context, ZMQ_PULL);
    check(zmq_connect(tasks, ventilator_endpoint), ventilator_endpoint);
    void* results = open_socket(context, ZMQ_PUSH);
    check(zmq_connect(results, sink_endpoint), sink_endpoint);

    for (;;)
    {
        char task[32];
        receive_text(tasks, task, sizeof task);
        printf("%s.", task);
        fflush(stdout);
        work(atoi(task));
        send_text(results, task);
    }
}
