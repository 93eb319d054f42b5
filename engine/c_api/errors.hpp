// How a call of zmq.h fails: Ferry's codes and exceptions as errno. Every translation is in errors.cpp.
//
// Stable: other files of this directory build on it.
#pragma once

#include <system_error>
#include <utility>

namespace ferry::c_api
{

/// The errno that libzmq has for it: EAGAIN, EFSM, ETERM, EHOSTUNREACH, ... The system's own codes are
/// what they are. Never 0 for an error.
[[nodiscard]] int to_errno(std::error_code code) noexcept;
/// Of the exception being handled: to be called in a catch block.
[[nodiscard]] int errno_of_exception() noexcept;

/// Sets errno, and returns -1.
int fail(int error_number) noexcept;
int fail(std::error_code code) noexcept;
/// Sets errno, and returns a null pointer.
void* fail_null(int error_number) noexcept;
void* fail_null(std::error_code code) noexcept;
/// 0, or fail(code).
int answer(std::error_code code) noexcept;

/// What `body()`, an int, returns; -1 with errno set when it throws. Nothing leaves a C function otherwise.
template <class Body>
int guarded(Body&& body) noexcept
{
    try
    {
        return std::forward<Body>(body)();
    }
    catch (...)
    {
        return fail(errno_of_exception());
    }
}

/// The same for pointers.
template <class Body>
void* guarded_pointer(Body&& body) noexcept
{
    try
    {
        return std::forward<Body>(body)();
    }
    catch (...)
    {
        return fail_null(errno_of_exception());
    }
}

}  // namespace ferry::c_api
