// zmq_msg_...: one frame each.
#include <cerrno>
#include <cstdlib>
#include <span>
#include <string>

#include "engine/c_api/errors.hpp"
#include "engine/c_api/message_part.hpp"

using namespace ferry;
using namespace ferry::c_api;

namespace
{

int source_descriptor(const message_part& part)
{
    const int known = part.peer() ? part.peer()->native_handle() : -1;
    return known >= 0 ? known : fail(EINVAL);
}

}  // namespace

int zmq_msg_init(zmq_msg_t* msg)
{
    if (msg == nullptr)
        return fail(EFAULT);
    message_part(msg).begin_small(0);
    return 0;
}

int zmq_msg_init_size(zmq_msg_t* msg, size_t size)
{
    if (msg == nullptr)
        return fail(EFAULT);
    if (size <= message_part::small_capacity)
    {
        message_part(msg).begin_small(size);
        return 0;
    }
    return guarded([&] {
        message_part(msg).begin_large_with([size] { return message::allocate(size); });
        return 0;
    });
}

int zmq_msg_init_data(zmq_msg_t* msg, void* data, size_t size, zmq_free_fn* free_fn, void* hint)
{
    if (msg == nullptr)
        return fail(EFAULT);
    return guarded([&] {
        const std::span memory(static_cast<std::byte*>(data), size);
        const auto give_back = [free_fn, hint](void* octets, std::size_t) {
            if (free_fn != nullptr)
                free_fn(octets, hint);
        };
        message_part(msg).begin_large(message::adopt(memory, give_back),
            free_fn == nullptr ? message_part::constant : message_part::none);
        return 0;
    });
}

int zmq_msg_close(zmq_msg_t* msg)
{
    message_part part(msg);
    if (!part.is_valid())
        return fail(EFAULT);
    part.end();
    return 0;
}

int zmq_msg_move(zmq_msg_t* to, zmq_msg_t* from)
{
    message_part target(to);
    message_part source(from);
    if (!target.is_valid() || !source.is_valid())
        return fail(EFAULT);
    if (to == from)
        return 0;
    target.end();
    target.begin_moved(source);
    return 0;
}

int zmq_msg_copy(zmq_msg_t* to, zmq_msg_t* from)
{
    message_part target(to);
    const message_part source(from);
    if (!target.is_valid() || !source.is_valid())
        return fail(EFAULT);
    if (to == from)
        return 0;
    target.end();
    target.begin_copy(source);
    return 0;
}

void* zmq_msg_data(zmq_msg_t* msg)
{
    const message_part part(msg);
    return part.is_valid() ? part.data() : fail_null(EFAULT);
}

size_t zmq_msg_size(const zmq_msg_t* msg)
{
    const message_part part(msg);
    return part.is_valid() ? part.size() : 0;
}

int zmq_msg_more(const zmq_msg_t* msg)
{
    const message_part part(msg);
    return part.is_valid() && (part.flags() & message_part::more) != 0 ? 1 : 0;
}

int zmq_msg_get(const zmq_msg_t* msg, int property)
{
    const message_part part(msg);
    if (!part.is_valid())
        return fail(EFAULT);
    switch (property)
    {
    case ZMQ_MORE: return zmq_msg_more(msg);
    case ZMQ_SRCFD: return source_descriptor(part);
    case ZMQ_SHARED:
        return (part.flags() & (message_part::shared | message_part::constant)) != 0 ? 1 : 0;
    default: return fail(EINVAL);
    }
}

int zmq_msg_set(zmq_msg_t*, int, int)
{
    return fail(EINVAL);
}

const char* zmq_msg_gets(const zmq_msg_t* msg, const char* property)
{
    const message_part part(msg);
    if (!part.is_valid())
        return static_cast<const char*>(fail_null(EFAULT));
    if (property == nullptr || !part.peer())
        return static_cast<const char*>(fail_null(EINVAL));
    std::string_view name(property);
    if (name == "Routing-Id")
        name = "Identity";
    const std::string_view value = part.peer()->find(name);
    if (value.data() == nullptr)
        return static_cast<const char*>(fail_null(EINVAL));
    return value.data();  // of a std::string
}
