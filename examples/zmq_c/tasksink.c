/* Parallel pipeline, the sink: collects the results of a batch, and says how long it took.
 *
 *     tasksink [endpoint] [tasks]
 */
#include "helpers.h"

int main(int argc, char** argv)
{
    const char* endpoint = argument(argc, argv, 1, "tcp://*:5558");
    const int tasks = number_argument(argc, argv, 2, 100);

    void* context = zmq_ctx_new();
    void* sink = open_socket(context, ZMQ_PULL);
    listen_on(sink, endpoint);

    int total = receive_number(sink); /* 0: the batch begins */
    void* watch = zmq_stopwatch_start();
    for (int i = 0; i < tasks; ++i)
    {
        total += receive_number(sink);
        fputc((i + 1) % 10 == 0 ? ':' : '.', stdout);
        fflush(stdout);
    }
    const unsigned long elapsed = zmq_stopwatch_stop(watch) / 1000;
    printf("\nreceived %d results, total workload %d ms, in %lu ms\n", tasks, total, elapsed);
    zmq_close(sink);
    zmq_ctx_term(context);
    return 0;
}
