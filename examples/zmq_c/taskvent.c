/* Parallel pipeline, the ventilator: hands a batch of tasks out to the workers, each so many milliseconds of work.
 *
 *     taskvent [endpoint] [sink] [workers] [tasks]
 *
 * It begins when the workers are there: the socket's monitor tells.
 */
#include <stdint.h>
#include <time.h>

#include "helpers.h"

/* Waits for one event: two frames, of which the first begins with the event's number. */
static void wait_for_event(void* monitor)
{
    unsigned char event[6];
    char endpoint[256];
    check(zmq_recv(monitor, event, sizeof event, 0), "zmq_recv");
    receive_text(monitor, endpoint, sizeof endpoint);
}

int main(int argc, char** argv)
{
    const char* endpoint = argument(argc, argv, 1, "tcp://*:5557");
    const char* sink_endpoint = argument(argc, argv, 2, "tcp://localhost:5558");
    const int workers = number_argument(argc, argv, 3, 1);
    const int tasks = number_argument(argc, argv, 4, 100);

    void* context = zmq_ctx_new();
    void* sink = open_socket(context, ZMQ_PUSH);
    check(zmq_connect(sink, sink_endpoint), sink_endpoint);
    void* ventilator = open_socket(context, ZMQ_PUSH);
    void* monitor = open_socket(context, ZMQ_PAIR);
    check(zmq_socket_monitor(ventilator, "inproc://workers", ZMQ_EVENT_HANDSHAKE_SUCCEEDED),
        "zmq_socket_monitor");
    check(zmq_connect(monitor, "inproc://workers"), "inproc://workers");
    listen_on(ventilator, endpoint);
    for (int i = 0; i < workers; ++i)
        wait_for_event(monitor);

    send_text(sink, "0"); /* the batch begins */
    srand((unsigned)time(NULL));
    int total = 0;
    for (int i = 0; i < tasks; ++i)
    {
        char workload[16];
        const int milliseconds = 1 + rand() % 100;
        total += milliseconds;
        snprintf(workload, sizeof workload, "%d", milliseconds);
        send_text(ventilator, workload);
    }
    printf("sent %d tasks, total workload %d ms\n", tasks, total);
    zmq_close(monitor);
    zmq_close(sink);
    zmq_close(ventilator);
    zmq_ctx_term(context);
    return 0;
}
