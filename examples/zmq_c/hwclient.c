/* Hello World, the client: asks, and prints the answer.
 *
 *     hwclient [endpoint] [requests]
 */
#include "helpers.h"

int main(int argc, char** argv)
{
    const char* endpoint = argument(argc, argv, 1, "tcp://localhost:5555");
    const int requests = number_argument(argc, argv, 2, 10);

    void* context = zmq_ctx_new();
    void* client = open_socket(context, ZMQ_REQ);
    check(zmq_connect(client, endpoint), endpoint);

    for (int asked = 0; asked < requests; ++asked)
    {
        char reply[64];
        send_text(client, "Hello");
        receive_text(client, reply, sizeof reply);
        printf("received %s %d\n", reply, asked);
    }
    zmq_close(client);
    zmq_ctx_term(context);
    return 0;
}
