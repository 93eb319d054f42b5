/* Weather, the client: subscribes to one zip code, and averages its temperature.
 *
 *     wuclient [endpoint] [zip-code] [updates]
 */
#include "helpers.h"

int main(int argc, char** argv)
{
    const char* endpoint = argument(argc, argv, 1, "tcp://localhost:5556");
    const char* zip_code = argument(argc, argv, 2, "10001");
    const int updates = number_argument(argc, argv, 3, 100);

    void* context = zmq_ctx_new();
    void* subscriber = open_socket(context, ZMQ_SUB);
    char topic[16];
    snprintf(topic, sizeof topic, "%s ", zip_code);
    check(zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, topic, strlen(topic)), "ZMQ_SUBSCRIBE");
    check(zmq_connect(subscriber, endpoint), endpoint);

    long total = 0;
    for (int i = 0; i < updates; ++i)
    {
        char update[48];
        int zip = 0;
        int temperature = 0;
        receive_text(subscriber, update, sizeof update);
        if (sscanf(update, "%d %d", &zip, &temperature) != 2 || zip != atoi(zip_code))
        {
            fprintf(stderr, "\"%s\" came through the filter\n", update);
            return 1;
        }
        total += temperature;
    }
    if (updates > 0)
        printf("average temperature at zip code %s was %ldF, over %d updates\n", zip_code,
            total / updates, updates);
    zmq_close(subscriber);
    zmq_ctx_term(context);
    return 0;
}
