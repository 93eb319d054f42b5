#include "engine/c_api/errors.hpp"

#include <cerrno>
#include <new>

#include <zmq.h>

#include <ferry/error.hpp>

namespace ferry::c_api
{

namespace
{

int of_ferry(errc code) noexcept
{
    switch (code)
    {
    case errc::wrong_state: return EFSM;
    case errc::not_supported: return ENOTSUP;
    case errc::no_route: return EHOSTUNREACH;
    case errc::timed_out: return EAGAIN;
    case errc::terminated: return ETERM;
    case errc::closed: return ENOTSOCK;
    case errc::interrupted: return EINTR;
    case errc::would_deadlock: return EAGAIN;
    case errc::invalid_argument: return EINVAL;
    case errc::invalid_endpoint: return EINVAL;
    case errc::unsupported_transport: return EPROTONOSUPPORT;
    case errc::incompatible_transport: return ENOCOMPATPROTO;
    case errc::no_such_endpoint: return ENOENT;
    case errc::no_such_interface: return ENODEV;
    case errc::address_in_use: return EADDRINUSE;
    case errc::path_too_long: return ENAMETOOLONG;
    case errc::handshake_timed_out: return ETIMEDOUT;
    case errc::heartbeat_timed_out: return ETIMEDOUT;
    case errc::connect_timed_out: return ETIMEDOUT;
    case errc::connection_closed: return ECONNRESET;
    case errc::unsupported_security: return EPROTONOSUPPORT;
    case errc::too_many: return EMFILE;
    case errc::out_of_memory: return ENOMEM;
    case errc::peer_refused: return ECONNREFUSED;
    case errc::peer_not_allowed: return EACCES;
    }
    return EINVAL;
}

}  // namespace

int to_errno(std::error_code code) noexcept
{
    if (code.category() == error_category())
        return of_ferry(static_cast<errc>(code.value()));
    if (code.category() == protocol_category())
        return EPROTO;
    if (code == std::errc::operation_would_block)
        return EAGAIN;
    if (code.category() == std::system_category() || code.category() == std::generic_category())
        return code.value() != 0 ? code.value() : EINVAL;
    const std::error_condition portable = code.default_error_condition();
    return portable.category() == std::generic_category() && portable.value() != 0
        ? portable.value()
        : EINVAL;
}

int errno_of_exception() noexcept
{
    try
    {
        throw;
    }
    catch (const std::system_error& e)
    {
        return to_errno(e.code());
    }
    catch (const std::bad_alloc&)
    {
        return ENOMEM;
    }
    catch (...)
    {
        return EINVAL;
    }
}

int fail(int error_number) noexcept
{
    errno = error_number;
    return -1;
}

int fail(std::error_code code) noexcept
{
    return fail(to_errno(code));
}

void* fail_null(int error_number) noexcept
{
    errno = error_number;
    return nullptr;
}

void* fail_null(std::error_code code) noexcept
{
    return fail_null(to_errno(code));
}

int answer(std::error_code code) noexcept
{
    return code ? fail(code) : 0;
}

}  // namespace ferry::c_api
