// What the library says about itself, and about errors.
#include <cerrno>
#include <cstring>
#include <string_view>

#include <zmq.h>

void zmq_version(int* major, int* minor, int* patch)
{
    if (major != nullptr)
        *major = ZMQ_VERSION_MAJOR;
    if (minor != nullptr)
        *minor = ZMQ_VERSION_MINOR;
    if (patch != nullptr)
        *patch = ZMQ_VERSION_PATCH;
}

// Of libzmq's optional parts (ipc pgm tipc norm curve gssapi vmci draft WS WSS vsock) Ferry has this one.
int zmq_has(const char* capability)
{
#ifdef FERRY_ZMQ_DRAFTS
    constexpr bool has_drafts = true;
#else
    constexpr bool has_drafts = false;
#endif
    if (capability == nullptr)
        return 0;
    const std::string_view name(capability);
    return name == "ipc" || (name == "draft" && has_drafts) ? 1 : 0;
}

int zmq_errno()
{
    return errno;
}

const char* zmq_strerror(int error_number)
{
    switch (error_number)
    {
    case EFSM: return "Operation cannot be accomplished in current state";
    case ENOCOMPATPROTO: return "The protocol is not compatible with the socket type";
    case ETERM: return "Context was terminated";
    case EMTHREAD: return "No thread available";
    case EHOSTUNREACH: return "Host unreachable";  // glibc: "No route to host"
    default: return std::strerror(error_number);
    }
}
