// zmq_send, zmq_recv and their relatives.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>

#include <sys/uio.h>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/message_part.hpp"
#include "engine/c_api/socket.hpp"

using namespace ferry;
using namespace ferry::c_api;

namespace
{

int as_result(std::size_t size) noexcept
{
    return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

/// In memory of malloc's, which the program frees.
iovec copy_of(frame_view frame)
{
    void* const copy = std::malloc(std::max<std::size_t>(frame.size(), 1));
    if (copy == nullptr)
        throw std::bad_alloc();
    if (!frame.empty())
        std::memcpy(copy, frame.data(), frame.size());
    return {copy, frame.size()};
}

std::error_code receive(c_socket& s, message_part& target, int flags)
{
    if (target.is_bare() && s.receives_whole(flags)) [[likely]]
        return target.receive_with([&](std::error_code& error) { return s.receive_all(error); });
    return s.receive_part(flags, [&](message&& m, std::size_t index, bool more) {
        target.end();
        target.begin(std::move(m), index, more ? message_part::more : message_part::none);
    });
}

int send(const socket_pin& s, message&& m, std::size_t size, int flags)
{
    const std::error_code error = whole(s).send_part(m, flags);
    return error ? fail(error) : as_result(size);
}

}  // namespace

// --- sending -------------------------------------------------------------------------------------

int zmq_send(void* socket, const void* data, size_t size, int flags)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    if (data == nullptr && size != 0)
        return fail(EFAULT);
    return guarded([&] {
        const std::span octets(static_cast<const std::byte*>(data), size);
        const std::error_code error = whole(s).send_octets(octets, flags);
        return error ? fail(error) : as_result(size);
    });
}

int zmq_send_const(void* socket, const void* data, size_t size, int flags)
{
    if (size <= message_part::small_capacity)
        return zmq_send(socket, data, size, flags);
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    if (data == nullptr)
        return fail(EFAULT);
    return guarded([&] {
        const std::span memory(static_cast<std::byte*>(const_cast<void*>(data)), size);
        return send(s, message::adopt(memory, [](void*, std::size_t) {}), size, flags);
    });
}

int zmq_msg_send(zmq_msg_t* msg, void* socket, int flags)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    message_part part(msg);
    if (!part.is_valid())
        return fail(EFAULT);
    return guarded([&] {
        const std::size_t size = part.size();
        const std::error_code error =
            part.send_with([&](message& m) { return whole(s).send_part(m, flags); });
        return error ? fail(error) : as_result(size);
    });
}

int zmq_sendmsg(void* socket, zmq_msg_t* msg, int flags)
{
    return zmq_msg_send(msg, socket, flags);
}

int zmq_sendiov(void* socket, struct iovec* buffers, size_t count, int flags)
{
    if (!find_socket(socket))
        return -1;
    if (count == 0 || buffers == nullptr)
        return fail(EINVAL);
    int result = 0;
    for (size_t i = 0; i < count && result >= 0; ++i)
    {
        const int here = i + 1 == count ? flags & ~ZMQ_SNDMORE : flags;
        result = zmq_send(socket, buffers[i].iov_base, buffers[i].iov_len, here);
    }
    return result;
}

// --- receiving -----------------------------------------------------------------------------------

int zmq_recv(void* socket, void* buffer, size_t size, int flags)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    if (buffer == nullptr && size != 0)
        return fail(EFAULT);
    return guarded([&] {
        std::size_t received = 0;
        const std::error_code error =
            whole(s).receive_part(flags, [&](message&& m, std::size_t index, bool) {
                const frame_view frame = m[index];
                received = frame.size();
                const std::size_t copied = std::min(size, received);
                if (copied != 0)
                    std::memcpy(buffer, frame.data(), copied);
            });
        return error ? fail(error) : as_result(received);
    });
}

int zmq_msg_recv(zmq_msg_t* msg, void* socket, int flags)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    message_part target(msg);
    if (!target.is_valid())
        return fail(EFAULT);
    return guarded([&] {
        const std::error_code error = receive(whole(s), target, flags);
        if (error == std::errc::operation_would_block)  // what was in it is gone all the same
        {
            target.end();
            target.begin_small(0);
        }
        return error ? fail(error) : as_result(target.size());
    });
}

int zmq_recvmsg(void* socket, zmq_msg_t* msg, int flags)
{
    return zmq_msg_recv(msg, socket, flags);
}

int zmq_recviov(void* socket, struct iovec* buffers, size_t* count, int flags)
{
    const socket_pin s = find_socket(socket);
    if (!s)
        return -1;
    if (count == nullptr || *count == 0 || buffers == nullptr)
        return fail(EINVAL);
    return guarded([&] {
        const std::size_t room = *count;
        *count = 0;
        bool is_done = false;
        while (!is_done && *count < room)
        {
            iovec& here = buffers[*count];
            const std::error_code error =
                whole(s).receive_part(flags, [&](message&& m, std::size_t index, bool more) {
                    here = copy_of(m[index]);
                    is_done = !more;
                });
            if (error)
                return fail(error);
            ++*count;
        }
        return as_result(*count);
    });
}
