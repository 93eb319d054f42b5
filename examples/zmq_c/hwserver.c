/* Hello World, the server: answers "World" to everybody.
 *
 *     hwserver [endpoint] [requests]
 */
#include "helpers.h"

int main(int argc, char** argv)
{
    const char* endpoint = argument(argc, argv, 1, "tcp://*:5555");
    const int requests = number_argument(argc, argv, 2, 0); /* 0: for ever */

    void* context = zmq_ctx_new();
    void* server = open_socket(context, ZMQ_REP);
    listen_on(server, endpoint);

    for (int served = 0; requests == 0 || served < requests; ++served)
    {
        char request[64];
        receive_text(server, request, sizeof request);
        printf("received %s\n", request);
        fflush(stdout);
        send_text(server, "World");
    }
    zmq_close(server);
    zmq_ctx_term(context);
    return 0;
}
