#include "engine/c_api/handles.hpp"

#include <cerrno>

#include "engine/c_api/context.hpp"
#include "engine/c_api/registry.hpp"
#include "engine/c_api/socket.hpp"

namespace ferry::c_api
{

namespace
{

// Never destroyed: background threads and forgetful programs use them until the process is gone.
registry& sockets()
{
    static registry& all = *new registry;
    return all;
}

registry& contexts()
{
    static registry& all = *new registry;
    return all;
}

}  // namespace

template <class Target>
void pin<Target>::unpin(void* slot) noexcept
{
    registry::end(slot);
}

template class pin<socket_handle>;
template class pin<context_handle>;

socket_pin find_socket(void* handle) noexcept
{
    const registry::use found = sockets().begin(handle);
    if (found.target == nullptr) [[unlikely]]
        errno = ENOTSOCK;
    return {static_cast<socket_handle*>(found.target), found.token};
}

context_pin find_context(void* handle) noexcept
{
    const registry::use found = contexts().begin(handle);
    if (found.target == nullptr)
        errno = EFAULT;
    return {static_cast<context_handle*>(found.target), found.token};
}

void* add_handle(std::shared_ptr<c_socket> socket)
{
    socket_handle* const target = socket.get();
    return sockets().add(std::move(socket), target);
}

void* add_handle(std::shared_ptr<context_handle> context)
{
    context_handle* const target = context.get();
    return contexts().add(std::move(context), target);
}

bool close_handle(const socket_pin& pinned) noexcept
{
    return registry::close(pinned.token());
}

bool close_handle(const context_pin& pinned) noexcept
{
    return registry::close(pinned.token());
}

}  // namespace ferry::c_api
