// How many peers a socket of libzmq has: its monitor says when a handshake has succeeded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

#include <zmq.h>

namespace bench
{

inline void check_zmq(int result, const char* what)
{
    if (result < 0)
        throw std::runtime_error(std::string(what) + ": " + zmq_strerror(zmq_errno()));
}

/// From its construction on, which comes before any bind or connect.
class handshake_counter
{
public:
    handshake_counter(void* context, void* socket)
    {
        static int number = 0;
        const auto endpoint = "inproc://handshakes-" + std::to_string(number++);
        check_zmq(
            zmq_socket_monitor(socket, endpoint.c_str(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED), "monitor");
        events_ = zmq_socket(context, ZMQ_PAIR);
        const int unlimited = 0;
        zmq_setsockopt(events_, ZMQ_RCVHWM, &unlimited, sizeof(unlimited));
        check_zmq(zmq_connect(events_, endpoint.c_str()), "monitor");
    }
    ~handshake_counter() { zmq_close(events_); }
    handshake_counter(const handshake_counter&) = delete;
    handshake_counter& operator=(const handshake_counter&) = delete;

    void wait_for(std::size_t count)
    {
        while (seen_ < count)
        {
            std::uint16_t event = 0;
            char first[6];
            check_zmq(zmq_recv(events_, first, sizeof(first), 0), "event");
            std::memcpy(&event, first, sizeof(event));
            check_zmq(zmq_recv(events_, first, sizeof(first), 0), "address");
            seen_ += event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? 1 : 0;
        }
    }

private:
    void* events_ = nullptr;
    std::size_t seen_ = 0;
};

}  // namespace bench
