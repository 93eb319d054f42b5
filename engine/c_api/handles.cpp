#include "engine/c_api/handles.hpp"

#include <cerrno>
#include <type_traits>

#include <zmq.h>

#include "engine/c_api/context.hpp"
#include "engine/c_api/socket.hpp"

namespace ferry::c_api
{

// Never destroyed: background threads and forgetful programs use them until the process is gone.
constinit registry all_sockets(registry::in_a_child::is_inherited);
constinit registry all_contexts(registry::in_a_child::is_inherited);
static_assert(std::is_trivially_destructible_v<registry>);

int why_no_socket(const void* handle) noexcept
{
    return all_sockets.is_inherited(handle) ? ETERM : ENOTSOCK;
}

context_pin find_context(void* handle) noexcept
{
    const registry::use found = all_contexts.begin(handle);
    if (found.target == nullptr)
        errno = all_contexts.is_inherited(handle) ? ETERM : EFAULT;
    return {static_cast<context_handle*>(found.target), found.token};
}

void* add_handle(std::shared_ptr<c_socket> socket)
{
    socket_handle* const target = socket.get();
    return all_sockets.add(std::move(socket), target);
}

void* add_handle(std::shared_ptr<context_handle> context)
{
    context_handle* const target = context.get();
    return all_contexts.add(std::move(context), target);
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
