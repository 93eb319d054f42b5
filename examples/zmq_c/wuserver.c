/* Weather, the server: publishes invented weather of random zip codes.
 *
 *     wuserver [endpoint] [zip-codes]
 */
#include <time.h>

#include "helpers.h"

static int between(int least, int most)
{
    return least + rand() % (most - least + 1);
}

int main(int argc, char** argv)
{
    const char* endpoint = argument(argc, argv, 1, "tcp://*:5556");
    const int zip_codes = number_argument(argc, argv, 2, 100000); /* 00000, 00001, and so on */

    void* context = zmq_ctx_new();
    void* publisher = open_socket(context, ZMQ_PUB);
    listen_on(publisher, endpoint);

    srand((unsigned)time(NULL));
    for (;;)
    {
        char update[48];
        snprintf(update, sizeof update, "%05d %d %d", between(0, zip_codes - 1), between(-80, 135),
            between(10, 60));
        send_text(publisher, update);
    }
}
