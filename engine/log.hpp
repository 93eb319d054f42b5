// From a monitor's event to an operator's words.
#pragma once

#include <ferry/log.hpp>
#include <ferry/monitor.hpp>
#include <ferry/socket_type.hpp>

namespace ferry::detail
{

/// The record of an event of a socket of that type.
[[nodiscard]] log_record make_log_record(socket_type socket, const monitor_event& event);

/// Hands the record of the event to `log`. What it throws is swallowed.
void write_log(const log_function& log, socket_type socket, const monitor_event& event) noexcept;

}  // namespace ferry::detail
