// What a monitored socket tells its monitor by itself: ferry::monitor does not know of it.
#pragma once

#include <string_view>
#include <system_error>

namespace ferry::c_api
{

class c_socket;

/// ZMQ_EVENT_BIND_FAILED, if the socket is monitored and the endpoint is one of a stream; and before it, if the system
/// refused, ZMQ_EVENT_CLOSED of what could not be bound. Errors: std::bad_alloc.
void tell_of_failed_bind(const c_socket& socket, std::string_view endpoint, std::error_code error);

}  // namespace ferry::c_api
