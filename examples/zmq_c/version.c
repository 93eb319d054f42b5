/* Which zmq.h this program was compiled with, which library it runs with, and what that can do. */
#include <stdio.h>

#include <zmq.h>

int main(void)
{
    static const char* const parts[] = {"ipc", "pgm", "tipc", "norm", "curve", "gssapi", "WS"};
    int major = 0;
    int minor = 0;
    int patch = 0;
    zmq_version(&major, &minor, &patch);
    printf("zmq.h is of version %d.%d.%d, the library of version %d.%d.%d; it has",
        ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH, major, minor, patch);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; ++i)
    {
        if (zmq_has(parts[i]))
            printf(" %s", parts[i]);
    }
    printf("\n");
    return 0;
}
